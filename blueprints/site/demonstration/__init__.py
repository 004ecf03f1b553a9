"""The demonstration articles an empty site begins with; their authors and readers are invented."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from blueprints.articles.front_matter import ArticleFile, read_article_file
from blueprints.articles.models import Article
from blueprints.articles.publishing import publish_article, rendered
from blueprints.articles.queries import is_empty
from blueprints.comments.drafts import Draft, draft_of
from blueprints.comments.posting import place_comment

FOLDER = Path(__file__).parent


Prepared = list[tuple[ArticleFile, str, list[dict[str, Any]]]]


def prepare_demonstration() -> Prepared:
    """Return the demonstration articles with their HTML and their replies, read and rendered."""
    files = [(read_article_file(path), path.with_suffix(".replies.json")) for path in sorted(FOLDER.glob("*.md"))]
    return [(file, rendered(file), _replies(path)) for file, path in files]


def put_on_empty_site(prepared: Prepared) -> None:
    """Store the demonstration unless the site has an article."""
    if is_empty():
        for file, html, replies in prepared:
            _answer(publish_article(file, html), replies)


def _replies(path: Path) -> list[dict[str, Any]]:
    """Return the replies of an article, each with its draft."""
    if not path.exists():
        return []
    return [reply | {"draft": _draft(reply)} for reply in json.loads(path.read_text(encoding="utf-8"))]


def _draft(reply: dict[str, str]) -> Draft:
    return draft_of(
        reply["body"], nickname=reply["nickname"], email=reply["email"], parent_id=None, user=None, address_block=""
    )


def _answer(article: Article, replies: list[dict[str, Any]]) -> None:
    begun = article.published_at or article.created_at
    placed: list[int] = []
    for reply in replies:
        draft = replace(reply["draft"], parent_id=placed[reply["to"] - 1] if reply["to"] else None)
        moment = begun + timedelta(hours=reply["hours"])
        placed.append(place_comment(article, draft, is_by_author=reply["by_author"], published_at=moment).id)
