"""What feeds and the map of the site ask for: whole articles, public replies, everything that has an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased, load_only, selectinload

from blueprints.articles.models import Article, Series, Tag, article_tag
from blueprints.articles.place_queries import has_tag
from blueprints.articles.queries import NO_SUCH_PAGE, PUBLIC, page_of
from blueprints.auth.models import User
from blueprints.comments.models import Comment, Status
from blueprints.comments.thread_queries import COMMENTS_PER_PAGE, fitting, shown_name
from core.database import LARGEST_ID, db
from core.errors import NotFound
from core.paging import Page, cut
from core.text import has_unprintable

PART = 10_000  # addresses in one file of the map, the most of one kind

_WHOLE = load_only(
    Article.slug,
    Article.title,
    Article.summary,
    Article.author,
    Article.lang,
    Article.body_html,
    Article.published_at,
    Article.updated_at,
    Article.created_at,
)
_Parent = aliased(Comment)

Reply = Row[Any]


def whole_articles(
    before: str | None = None, *, author: str | None = None, tag_key: str | None = None
) -> Page[Article]:
    """Return the newest public articles with text and tags, or those older than the one with the slug `before`.

    They are all, or those of an author or a tag. Raises NotFound.
    """
    if has_unprintable(f"{author}{tag_key}"):  # no database is asked for what it cannot hold
        raise NotFound(NO_SUCH_PAGE)
    query = select(Article).options(_WHOLE, selectinload(Article.tags)).where(*PUBLIC)
    if author is not None:
        query = query.where(Article.author == author)
    if tag_key is not None:
        query = query.where(has_tag(tag_key))
    return page_of(query, before)


def newest_replies(article: Article, before: int | None = None, *, root_floor: int | None = None) -> Page[Reply]:
    """Return the newest public replies, or those below the floor `before`; all of the article, or those of one thread.

    A page is 50, or fewer where their HTML would be more than 250 kB.
    """
    public = Comment.article_id == article.id, Comment.status == Status.PUBLISHED, Comment.floor.is_not(None)
    name = shown_name(User, Comment).label("nickname")
    columns = Comment.id, Comment.floor, name, Comment.body_html, Comment.published_at, Comment.edited_at
    query = select(*columns, _Parent.id.label("parent_id")).where(*public).outerjoin(User, User.id == Comment.user_id)
    answered = (_Parent.id == Comment.parent_id) & (_Parent.status == Status.PUBLISHED)
    query = query.outerjoin(_Parent, answered)
    if root_floor is not None:
        query = query.where(Comment.root_floor == root_floor)
    if before is not None:
        query = query.where(Comment.floor < min(before, LARGEST_ID))
    found = db.session.execute(query.order_by(Comment.floor.desc()).limit(COMMENTS_PER_PAGE + 1)).all()
    return cut(found, fitting(found), has_earlier=before is not None)


@dataclass(frozen=True)
class Spread:
    """How the public articles, tags and series lie over their ids: which parts of 10,000 ids hold any; and how many all are."""

    articles: Sequence[int]
    tags: Sequence[int]
    series: Sequence[int]
    count: int


_TAGS = select(article_tag.c.tag_id).join(Article, Article.id == article_tag.c.article_id).where(*PUBLIC)
_SERIES = select(Article.series_id).where(*PUBLIC)
_FIRST_HERE = (*PUBLIC, Article.canonical.is_(None))  # what was elsewhere first is on the map of that place
_KINDS: dict[str, tuple[Any, Any]] = {
    "articles": (Article.id, _FIRST_HERE),
    "tags": (Tag.id, (Tag.id.in_(_TAGS),)),
    "series": (Series.id, (Series.id.in_(_SERIES),)),
}


def spread() -> Spread:
    """Return where there is something to be found."""
    parts, total = {}, 0
    for kind, (key, there) in _KINDS.items():
        part = (key // PART).label("part")
        found = db.session.execute(select(part, func.count()).where(*there).group_by(part).order_by(part)).all()
        parts[kind] = [int(row[0]) for row in found]
        total += sum(row[1] for row in found)
    return Spread(**parts, count=total)


def articles_between(first: int, last: int) -> Sequence[tuple[str, datetime]]:
    """Return slug and last change of the public articles with ids from `first` to before `last`, by id; of those that were first here."""
    changed = func.coalesce(Article.updated_at, Article.published_at, type_=Article.published_at.type)
    wanted = select(Article.slug, changed).where(*_FIRST_HERE, Article.id >= first, Article.id < last)
    return [(slug, moment) for slug, moment in db.session.execute(wanted.order_by(Article.id))]


def tags_between(first: int, last: int) -> Sequence[str]:
    """Return the keys of the tags public articles have, with ids from `first` to before `last`, by id."""
    wanted = select(Tag.key).where(Tag.id.in_(_TAGS), Tag.id >= first, Tag.id < last)
    return db.session.scalars(wanted.order_by(Tag.id)).all()


def series_between(first: int, last: int) -> Sequence[str]:
    """Return the slugs of the series public articles stand in, with ids from `first` to before `last`, by id."""
    wanted = select(Series.slug).where(Series.id.in_(_SERIES), Series.id >= first, Series.id < last)
    return db.session.scalars(wanted.order_by(Series.id)).all()


def authors() -> Sequence[str]:
    """Return the names public articles are signed with, in order, at most 10,000."""
    return db.session.scalars(
        select(Article.author).where(*PUBLIC).distinct().order_by(Article.author).limit(PART)
    ).all()
