"""The demonstration articles an empty site begins with; their authors and readers are invented."""

import json
from datetime import timedelta
from pathlib import Path

from blueprints.articles.front_matter import ArticleFile, read_article_file
from blueprints.articles.models import Article
from blueprints.articles.publishing import publish_article, rendered
from blueprints.articles.queries import is_empty
from blueprints.comments.models import Comment
from blueprints.comments.posting import place_comment
from core.markup import render_comment

FOLDER = Path(__file__).parent


Prepared = list[tuple[ArticleFile, str, list[dict[str, object]]]]


def prepare_demonstration() -> Prepared:
    """Return the demonstration articles with their HTML and their replies, read and rendered."""
    files = [(read_article_file(path), path.with_suffix(".replies.json")) for path in sorted(FOLDER.glob("*.md"))]
    return [(file, rendered(file), _replies(path)) for file, path in files]


def put_on_empty_site(prepared: Prepared) -> None:
    """Store the demonstration unless the site has an article."""
    if is_empty():
        for file, html, replies in prepared:
            _answer(publish_article(file, html), replies)


def _replies(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        return []
    replies = json.loads(path.read_text(encoding="utf-8"))
    return [reply | {"body_html": render_comment(reply["body"])} for reply in replies]


def _answer(article: Article, replies: list[dict[str, object]]) -> None:
    begun = article.published_at
    placed: list[Comment] = []
    for reply in replies:
        comment = place_comment(
            article,
            nickname=str(reply["nickname"]),
            email=str(reply["email"]),
            texts=(str(reply["body"]), str(reply["body_html"])),
            parent=placed[int(str(reply["to"])) - 1] if reply["to"] else None,
            is_by_author=bool(reply["by_author"]),
            published_at=begun + timedelta(hours=int(str(reply["hours"]))),
        )
        placed.append(comment)
