"""What can be asked about the places articles stand in: tags, series, authors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, func, select, tuple_, union_all

from blueprints.articles.models import Article, Series, Tag, article_tag
from blueprints.articles.queries import ARTICLES_PER_PAGE, FOR_LIST, NO_SUCH_PAGE, PUBLIC, can_be_slug, page_of
from blueprints.auth.models import Role, User
from core.database import db
from core.errors import NotFound
from core.paging import Page, cut
from core.text import has_unprintable, name_key, spelling_key

Found = TypeVar("Found")

PINNED_MAX = 20
NAME_MAX = 160  # of an author, as the table has it
HIDDEN_IDS = union_all(  # few, and each half is a piece of one index
    select(Article.id).where(Article.withdrawn_at.is_not(None)),
    select(Article.id).where(Article.withdrawn_at.is_(None), Article.published_at.is_(None)),
)


@dataclass(frozen=True)
class TagCount:
    """A tag and how many public articles have it."""

    name: str
    key: str
    count: int


@dataclass(frozen=True)
class Author:
    """A name that articles are signed with, how many are public, and what the account of this name says about itself."""

    name: str
    count: int
    introduction: str


def pinned_articles() -> Sequence[Article]:
    """Return the public articles that are pinned to the front page, the last pinned first."""
    pinned = select(Article).options(FOR_LIST).where(Article.pinned_at.is_not(None), *PUBLIC)
    return db.session.scalars(pinned.order_by(Article.pinned_at.desc(), Article.id.desc()).limit(PINNED_MAX)).all()


def key_of(name: str) -> str:
    """Return what all spellings of a tag's name share, fit for an address; empty for a name with nothing to read in it."""
    key = spelling_key(name).replace("/", "-").replace("\\", "-")
    return key if key.strip(".") else ""


def all_tags() -> list[TagCount]:
    """Return every tag that public articles have, by name."""
    return sorted(_tag_counts(), key=lambda tag: tag.key)


def tag_at(key: str) -> TagCount:
    """Return the tag a name or key stands for. Raises NotFound, also where no public article has it."""
    found = _tag_counts(key_of(key)) if len(key) <= 2 * Tag.NAME_MAX and not has_unprintable(key) else []
    return there(found[0] if found else None)


def _tag_counts(key: str | None = None) -> list[TagCount]:
    public = article_tag.c.article_id.not_in(HIDDEN_IDS)
    counted = select(Tag.name, Tag.key, func.count()).join(article_tag).where(public)
    if key is not None:
        counted = counted.where(Tag.key == key)
    return [TagCount(*row) for row in db.session.execute(counted.group_by(Tag.id, Tag.name, Tag.key))]


def tagged(key: str, before: str | None = None) -> Page[Article]:
    """Return the articles with the tag of this key, newest first, or those older than the one at `before`. Raises NotFound."""
    return page_of(listed().where(has_tag(key)), before)


def has_tag(key: str) -> ColumnElement[bool]:
    """Return the condition that an article has the tag of this key.

    The newest articles are gone through until a page is full: by the + 0, SQLite does not read all that have it instead.
    """
    return (Article.id + 0).in_(select(article_tag.c.article_id).join(Tag).where(Tag.key == key))


def has_page(name: str) -> bool:
    """Tell whether there is an author of this name."""
    try:
        return bool(author_at(name))
    except NotFound:
        return False


def author_at(name: str) -> Author:
    """Return the author of this name. Raises NotFound where no public article is signed so, unless an author's account has it."""
    if not name or len(name) > NAME_MAX or has_unprintable(name):
        raise NotFound(NO_SUCH_PAGE)
    signed = select(func.count()).select_from(Article).where(Article.author == name, *PUBLIC).scalar_subquery()
    named = User.username_key == name_key(name), User.username == name, User.role != Role.READER
    account = select(User.introduction).where(*named).scalar_subquery()
    count, introduction = db.session.execute(select(signed, account)).one()
    return there(Author(name, count, introduction or "") if count or introduction is not None else None)


def by_author(name: str, before: str | None = None) -> Page[Article]:
    """Return the articles signed with this name, newest first, or those older than the one at `before`. Raises NotFound."""
    return page_of(listed().where(Article.author == name), before)


def series_at(slug: str) -> Series:
    """Return the series at this address. Raises NotFound, also where nothing in it is public."""
    having = select(Article.series_id).where(*PUBLIC)
    named = select(Series).where(Series.slug == slug, Series.id.in_(having))
    return there(db.session.scalar(named) if can_be_slug(slug) else None)


def in_series(series: Series, begin: str | None = None) -> tuple[Page[Article], str | None]:
    """Return articles of a series in the order of their places, from the one with the slug `begin`, and the next page's. Raises NotFound."""
    members = listed().where(Article.series_id == series.id)
    if begin:
        mark = select(Article.series_place, Article.id).where(
            Article.slug == begin, Article.series_id == series.id, *PUBLIC
        )
        place = there(db.session.execute(mark).one_or_none() if can_be_slug(begin) else None)
        members = members.where(tuple_(Article.series_place, Article.id) >= tuple_(place.series_place, place.id))
    ordered = members.order_by(Article.series_place, Article.id).limit(ARTICLES_PER_PAGE + 1)
    found = db.session.scalars(ordered).all()
    after = found[ARTICLES_PER_PAGE].slug if len(found) > ARTICLES_PER_PAGE else None
    return cut(found, ARTICLES_PER_PAGE, has_earlier=bool(begin)), after


def listed() -> Select[Article]:
    """Return the query of all public articles, as lists show them."""
    return select(Article).options(FOR_LIST).where(*PUBLIC)


def there(found: Found | None) -> Found:
    """Return what was found. Raises NotFound."""
    if found is None:
        raise NotFound(NO_SUCH_PAGE)
    return found
