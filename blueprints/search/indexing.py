"""Keeping the index: what becomes public can be found, in the same transaction; what does not stay public cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.orm import load_only

from blueprints.articles.models import Article
from blueprints.comments.models import Comment, Status
from blueprints.search.models import SearchEntry
from blueprints.search.words import ARTICLE, BREAK, REPLY, plain, words_of
from core.database import db
from core.jobs import housekeeping

ROUND, ARTICLES_A_ROUND = 200, 10  # replies and articles at most that are read into the index in one transaction
SECONDS_MAX = 2**32 - 1

is_public_article: ColumnElement[bool] = and_(Article.published_at.is_not(None), Article.withdrawn_at.is_(None))
is_public_reply: ColumnElement[bool] = and_(Comment.status == Status.PUBLISHED, Comment.published_at.is_not(None))


def first_place(moment: datetime) -> int:
    """Return the place before everything published from this moment on."""
    return max(-SECONDS_MAX, min(SECONDS_MAX, int(moment.timestamp()))) << 31


def index_article(article: Article) -> None:
    """Let an article be found by its present words, a draft not at all. A withdrawn one keeps its entry, and is not shown."""
    forget_article(article.id)
    if article.published_at is not None:
        db.session.add(_article_entry(article))
        db.session.flush()


def forget_article(article_id: int) -> None:
    """Let an article not be found any more; the replies under it are entries of their own."""
    own = SearchEntry.article_id == article_id, SearchEntry.comment_id.is_(None)
    db.session.execute(delete(SearchEntry).where(*own))


def index_comment(comment: Comment) -> None:
    """Let a reply be found by its present words, if the public reads it."""
    forget_comment(comment)
    if comment.status is Status.PUBLISHED and comment.published_at is not None:
        db.session.add(_comment_entry(comment))
        db.session.flush()


def forget_comment(comment: Comment) -> None:
    """Let a reply not be found any more."""
    db.session.execute(delete(SearchEntry).where(SearchEntry.comment_id == comment.id))


def _article_entry(article: Article) -> SearchEntry:
    assert article.published_at is not None
    return SearchEntry(
        place=first_place(article.published_at) + 2 * article.id,
        article_id=article.id,
        title=words_of(article.title),
        words=[ARTICLE, *words_of(article.summary), BREAK, *words_of(plain(article.body_html))],
    )


def _comment_entry(comment: Comment) -> SearchEntry:
    assert comment.published_at is not None
    return SearchEntry(
        place=first_place(comment.published_at) + 2 * comment.id + 1,
        article_id=comment.article_id,
        comment_id=comment.id,
        title=(),
        words=[REPLY, *words_of(plain(comment.body_html))],
    )


@dataclass(frozen=True)
class Step:
    """How far a rebuilding is: up to which article and reply, and how many entries were made so far. Done where `is_done`."""

    articles_up_to: int = 0
    comments_up_to: int = 0
    made: int = 0
    is_done: bool = False


def rebuild_some(step: Step) -> Step:
    """Make the entries of the next articles or replies anew, as they are now, and return how far it is."""
    articles = _articles(Article.id > step.articles_up_to)
    if articles:
        for article in articles:
            index_article(article)
        return Step(articles[-1].id, 0, step.made + len(articles))
    comments = _comments(Comment.id > step.comments_up_to)
    _put_comments(comments)
    up_to = comments[-1].id if comments else step.comments_up_to
    return Step(step.articles_up_to, up_to, step.made + len(comments), not comments)


def forget_gone() -> int:
    """Drop the entries of what is not public any more, and return how many they were. A withdrawn article keeps its own."""
    gone = exists().where(Comment.id == SearchEntry.comment_id, Comment.status != Status.PUBLISHED)
    drafts = exists().where(Article.id == SearchEntry.article_id, Article.published_at.is_(None))
    dropped = delete(SearchEntry).where(gone | drafts).returning(SearchEntry.place)
    return len(db.session.execute(dropped.execution_options(synchronize_session=False)).all())


def _articles(which: ColumnElement[bool]) -> Sequence[Article]:
    shown = load_only(Article.published_at, Article.title, Article.summary, Article.body_html)
    found = select(Article).options(shown).where(which, Article.published_at.is_not(None))
    return db.session.scalars(found.order_by(Article.id).limit(ARTICLES_A_ROUND)).all()


def _comments(which: ColumnElement[bool]) -> Sequence[Comment]:
    shown = load_only(Comment.article_id, Comment.published_at, Comment.status, Comment.body_html)
    found = select(Comment).options(shown).where(which, is_public_reply)
    return db.session.scalars(found.order_by(Comment.id).limit(ROUND)).all()


def _put_comments(comments: Sequence[Comment]) -> None:
    ids = [comment.id for comment in comments]
    db.session.execute(delete(SearchEntry).where(SearchEntry.comment_id.in_(ids)))
    db.session.add_all([_comment_entry(comment) for comment in comments])
    db.session.flush()


@housekeeping
def put_right() -> bool:
    """Read in what is public and not in the index, and drop what is not public any more.

    That is everything after the upgrade that brought the index, what was changed past the room of replies, and an older backup.
    """
    forget_gone()
    is_there = exists().where(SearchEntry.article_id == Article.id, SearchEntry.comment_id.is_(None))
    articles = _articles(~is_there)
    for article in articles:
        index_article(article)
    comments = _comments(~exists().where(SearchEntry.comment_id == Comment.id))
    _put_comments(comments)
    return len(articles) == ARTICLES_A_ROUND or len(comments) == ROUND
