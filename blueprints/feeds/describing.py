"""An article and the replies on its page in the words of schema.org, as Google documents them for Article and Comment."""

from typing import Any

from blueprints.articles.models import Article
from blueprints.comments.paths import comment_path
from blueprints.comments.reading import ThreadPage, signed
from blueprints.comments.thread_queries import Shown
from blueprints.feeds.naming import address
from core.config import settings
from core.i18n import HTML_LANG
from core.text import excerpt

WORDS = 80  # of a reply; the whole of it stands on the same page


def described(
    article: Article, thread: ThreadPage, *, description: str, picture: str, canonical: str
) -> dict[str, Any]:
    """Return the structured data of an article's page."""
    assert article.published_at is not None
    shown = [row for one in thread.threads for row in (one.root, *one.replies) if row is not None]
    comments = [_comment(row) for row in shown if row.status.value == "published"]
    told = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": article.title,
        "description": description,
        "url": address("articles.show", slug=article.slug),
        "mainEntityOfPage": canonical,
        "inLanguage": HTML_LANG[article.lang],
        "datePublished": article.published_at.isoformat(timespec="seconds"),
        "dateModified": (article.updated_at or article.published_at).isoformat(timespec="seconds"),
        "author": {
            "@type": "Person",
            "name": article.author,
            "url": address("places.author", name=article.author),
        },
        "publisher": {"@type": "Organization", "name": settings().site_name, "url": settings().address + "/"},
        "image": [picture],
        "commentCount": article.comment_count,
    }
    return told | ({"comment": comments} if comments else {})


def _comment(row: Shown) -> dict[str, Any]:
    there = settings().address + comment_path(row.id)
    told = {
        "@type": "Comment",
        "@id": there,
        "url": there,
        "author": {"@type": "Person", "name": signed(row.nickname)},
        "dateCreated": row.created_at.isoformat(timespec="seconds"),
        "datePublished": row.published_at.isoformat(timespec="seconds"),
        "text": excerpt(row.words, WORDS),
    }
    if row.edited_at:
        told["dateModified"] = row.edited_at.isoformat(timespec="seconds")
    if row.parent_id and row.parent_nickname is not None:  # a parent that is public
        told["parentItem"] = {"@type": "Comment", "@id": settings().address + comment_path(row.parent_id)}
    return told
