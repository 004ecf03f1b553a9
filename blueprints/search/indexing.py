"""Keeping the index: what becomes public can be found, in the same transaction; what does not stay public cannot."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete

from blueprints.articles.models import Article
from blueprints.comments.models import Comment, Status
from blueprints.search.models import SearchEntry
from blueprints.search.words import ARTICLE, BREAK, REPLY, plain, words_of
from core.database import db

SECONDS_MAX = 2**32 - 1


def first_place(moment: datetime) -> int:
    """Return the place before everything published from this moment on."""
    return max(-SECONDS_MAX, min(SECONDS_MAX, int(moment.timestamp()))) << 31


def index_article(article: Article) -> None:
    """Let an article be found by its present words, a draft not at all. A withdrawn one keeps its entry, and is not shown."""
    forget_article(article.id)
    if article.published_at is not None:
        db.session.add(article_entry(article))
        db.session.flush()


def forget_article(article_id: int) -> None:
    """Let an article not be found any more; the replies under it are entries of their own."""
    own = SearchEntry.article_id == article_id, SearchEntry.comment_id.is_(None)
    db.session.execute(delete(SearchEntry).where(*own))


def index_comment(comment: Comment) -> None:
    """Let a reply be found by its present words, if the public reads it."""
    forget_comment(comment)
    if comment.status is Status.PUBLISHED and comment.published_at is not None:
        db.session.add(comment_entry(comment))
        db.session.flush()


def forget_comment(comment: Comment) -> None:
    """Let a reply not be found any more."""
    db.session.execute(delete(SearchEntry).where(SearchEntry.comment_id == comment.id))


def article_entry(article: Article | Row[Any]) -> SearchEntry:
    """Return what a public article is found by."""
    assert article.published_at is not None
    return SearchEntry(
        place=first_place(article.published_at) + 2 * article.id,
        article_id=article.id,
        title=words_of(article.title),
        words=[ARTICLE, *words_of(article.summary), BREAK, *words_of(plain(article.body_html))],
    )


def comment_entry(comment: Comment | Row[Any]) -> SearchEntry:
    """Return what a public reply is found by."""
    assert comment.published_at is not None
    return SearchEntry(
        place=first_place(comment.published_at) + 2 * comment.id + 1,
        article_id=comment.article_id,
        comment_id=comment.id,
        title=(),
        words=[REPLY, *words_of(plain(comment.body_html))],
    )
