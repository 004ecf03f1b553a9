"""What stands around an article on its page, asked for at once: subjects, series, neighbours, translations, what is like it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
)

from blueprints.articles.models import Article, Series, Tag, article_tag
from blueprints.articles.queries import PUBLIC
from core.config import settings
from core.database import UTCDateTime, db

RELATED_MAX = 3
SHOWN_ELSEWHERE_MAX = 4  # neighbours by time and in the series
TRANSLATIONS_MAX = 8
NEWEST_OF_A_TAG = 200  # articles of each tag that are looked at
CANDIDATES = 50  # that share most tags; those among them that are public are looked at


@dataclass(frozen=True)
class Link:
    """Something to be led to: an article or a series by its slug, a tag by its key."""

    kind: str
    slug: str
    title: str
    lang: str
    rank: int


@dataclass(frozen=True)
class Around:
    """What an article's page leads to; no article is among the neighbours and the related twice.

    `source` is the host where the text was published first, empty for here.
    """

    tags: Sequence[Link]
    series: Link | None
    series_before: Link | None
    series_after: Link | None
    earlier: Link | None
    later: Link | None
    translations: Sequence[Link]
    related: Sequence[Link]
    source: str


def around(article: Article) -> Around:
    """Return what stands around a public article; all of it public, in an order that is the same each time."""
    facts = {
        "article": article.id,
        "published_at": article.published_at,
        "author": article.author,
        "series": article.series_id,
        "place": article.series_place,
        "lang": article.lang,
        "original": article.translation_of_id or article.id,
    }
    found = [Link(*row) for row in db.session.execute(_AROUND, facts)]
    kinds = {kind: sorted((one for one in found if one.kind == kind), key=lambda one: one.rank) for kind in _KINDS}
    single = {kind: kinds[kind][0] if kinds[kind] else None for kind in _SINGLE}
    shown: set[str] = set()
    for kind in _NEIGHBOURS:
        one = single[kind]
        single[kind] = one if one is not None and one.slug not in shown else None
        shown |= {one.slug} if one is not None else set()
    like = {one.slug: one for kind in _LIKE for one in kinds[kind] if one.slug not in shown}
    return Around(
        tags=kinds["tag"],
        translations=kinds["translation"],
        related=list(like.values())[:RELATED_MAX],
        source=source_of(article),
        **single,
    )


def source_of(article: Article) -> str:
    """Return the host where the text was published first, empty for here."""
    host = urlsplit(article.canonical or "").hostname or ""
    return host if host != urlsplit(settings().address).hostname else ""


_NEIGHBOURS = ("series_before", "series_after", "earlier", "later")
_SINGLE = ("series", *_NEIGHBOURS)
_LIKE = ("tagged", "in_series", "by_author")
_KINDS = (*_SINGLE, *_LIKE, "tag", "translation")

_ME: ColumnElement[int] = bindparam("article", type_=Integer)
_ORIGINAL: ColumnElement[int] = bindparam("original", type_=Integer)
_SERIES: ColumnElement[int] = bindparam("series", type_=Integer)
_MOMENT = tuple_(bindparam("published_at", type_=UTCDateTime), _ME)
_PLACE = tuple_(bindparam("place", type_=Integer), _ME)
_IN_TIME, _IN_SERIES = (Article.published_at, Article.id), (Article.series_place, Article.id)
_SAME_TEXT = or_(Article.id == _ORIGINAL, Article.translation_of_id == _ORIGINAL)


def _articles(
    kind: str, *chosen: ColumnElement[bool], order: Sequence[Any] = _IN_TIME, down: bool = True, most: int = 1
) -> Select[Any]:
    """Return the first of the other public articles that are chosen, ranked in this order."""
    keys = [one.label(f"key_{number}") for number, one in enumerate(order)]
    found = select(Article.slug, Article.title, Article.lang, *keys).where(*PUBLIC, Article.id != _ME, *chosen)
    first = found.order_by(*[one.desc() if down else one.asc() for one in order]).limit(most).subquery()
    ranked = [first.c[key.name].desc() if down else first.c[key.name].asc() for key in keys]
    return _links(kind, first.c.slug, first.c.title, first.c.lang, func.row_number().over(order_by=ranked))


def _links(kind: str, *columns: Any) -> Select[Any]:
    return select(literal_column(f"'{kind}'").label("kind"), *columns)


def _like_it(
    kind: str, *chosen: ColumnElement[bool], order: Sequence[Any] = _IN_TIME, down: bool = True
) -> Select[Any]:
    """As many as are needed where all that stand elsewhere on the page are among them; its translations are no others."""
    other = func.coalesce(Article.translation_of_id, Article.id) != _ORIGINAL
    return _articles(kind, other, *chosen, order=order, down=down, most=RELATED_MAX + SHOWN_ELSEWHERE_MAX)


def _tagged() -> Select[Any]:
    shared, other = func.count().label("shared"), article_tag.c.article_id
    tags = _own_tags()
    newest = (article_tag.c.tag_id == tags.c.tag_id) & (other >= tags.c.least)
    sharing = select(other, shared).join(tags, newest).where(other != _ME).group_by(other)
    most = sharing.order_by(shared.desc(), other.desc()).limit(CANDIDATES).subquery()
    return _like_it("tagged", Article.id == most.c.article_id, order=(most.c.shared, *_IN_TIME))


def _own_tags() -> Subquery:
    """Return the article's tags with the least id among the newest articles of each; the limit keeps it a step of its own."""
    own, newer = article_tag.alias(), article_tag.alias()
    theirs = select(newer.c.article_id).where(newer.c.tag_id == own.c.tag_id).order_by(newer.c.article_id.desc())
    least = func.coalesce(theirs.limit(1).offset(NEWEST_OF_A_TAG - 1).scalar_subquery(), 0).label("least")
    return select(own.c.tag_id, least).where(own.c.article_id == _ME).limit(Tag.PER_ARTICLE).subquery()


_NOTHING: ColumnElement[str] = literal_column("''")
_AROUND = union_all(
    _articles("earlier", tuple_(*_IN_TIME) < _MOMENT),
    _articles("later", tuple_(*_IN_TIME) > _MOMENT, down=False),
    _links("series", Series.slug, Series.title, _NOTHING, literal_column("1")).where(Series.id == _SERIES),
    _articles("series_before", Article.series_id == _SERIES, tuple_(*_IN_SERIES) < _PLACE, order=_IN_SERIES),
    _articles("series_after", Article.series_id == _SERIES, tuple_(*_IN_SERIES) > _PLACE, order=_IN_SERIES, down=False),
    _articles(
        "translation",
        _SAME_TEXT,
        Article.lang != bindparam("lang"),
        order=(Article.lang, Article.id),
        down=False,
        most=TRANSLATIONS_MAX,
    ),
    _tagged(),
    _like_it("in_series", Article.series_id == _SERIES, order=_IN_SERIES, down=False),
    _like_it("by_author", Article.author == bindparam("author")),
    _links("tag", Tag.key, Tag.name, _NOTHING, func.row_number().over(order_by=Tag.key))
    .join(article_tag)
    .where(article_tag.c.article_id == _ME),
)
