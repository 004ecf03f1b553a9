"""Asking the index: a page of what was found, whatever the number of hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Row,
    Select,
    and_,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import joinedload, load_only

from blueprints.articles.models import Article, Tag, article_tag
from blueprints.articles.place_queries import key_of
from blueprints.comments.models import Comment, Status
from blueprints.search.damage import readable
from blueprints.search.models import SearchEntry
from blueprints.search.words import ARTICLE, REPLY, Term
from core import throttle
from core.database import db
from core.i18n import ngettext
from core.paging import Page, cut
from core.throttle import Limit

HITS_PER_PAGE = 20
RANKED_MAX = 1000  # the best are looked for among so many of the newest hits
KINDS = {"articles": ARTICLE, "replies": REPLY}
SEARCHES = Limit(30, 60)  # for each network that asks
TEXT_MAX = 50_000  # characters of the HTML of a hit that are looked at for what is shown of it

_INDEX = table("search_words", column("search_words"))
_ROWID: ColumnElement[int] = literal_column("search_words.rowid")

Found = Row[Any]


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `since` and `until` are places, the second is not among them any more; `author` and `tag` are names."""

    terms: Sequence[Term]
    kind: str = ""
    author: str = ""
    tag: str = ""
    since: int | None = None
    until: int | None = None

    @property
    def key_words(self) -> Sequence[str]:
        return [KINDS[self.kind]] if self.kind in KINDS else []


@dataclass(frozen=True)
class Mark:
    """Where a page ended: the place of its last hit, and its rank where the best came first."""

    place: int
    rank: float | None = None


def may_search(address_block: str) -> None:
    """Count a search against the address block. Raises TooManyRequests."""

    def words(wait: int) -> str:
        text = ngettext("搜得太勤了，请 %(num)s 秒后再搜。", "搜得太勤了，请 %(num)s 秒后再搜。", wait)
        return str(text)

    throttle.demand(f"searches:{address_block}", [SEARCHES], words)


def newest_found(wanted: Wanted, after: Mark | None = None) -> Page[Found]:
    """Return 20 entries with all the terms, newest first: `place`, `article_id`, `comment_id`; those that follow the mark."""
    query, place = _matching(wanted)
    if after is not None:
        query = query.where(place < after.place)
    newest = query.order_by(place.desc())
    if not _is_sqlite():
        # Asked for a few by time, PostgreSQL goes through all entries. The sum makes it fetch so many, by the index of words.
        some = newest.limit(RANKED_MAX).subquery()
        newest = select(some).order_by((some.c.place + 0).desc())
    found = db.session.execute(newest.limit(HITS_PER_PAGE + 1)).all()
    return cut(found, HITS_PER_PAGE, has_earlier=after is not None)


def best_found(wanted: Wanted, after: Mark | None = None) -> Page[Found]:
    """Return the same of the newest 1,000 hits with the best first, each with its `rank`: the lower the better."""
    query, place = _matching(wanted)
    newest = query.add_columns(_rank(wanted).label("rank")).order_by(place.desc()).limit(RANKED_MAX).subquery()
    best = select(newest).order_by(newest.c.rank, newest.c.place.desc())
    if after is not None and after.rank is not None:
        behind = tuple_(newest.c.rank, -newest.c.place) > tuple_(literal(after.rank), literal(-after.place))
        best = best.where(behind)
    found = db.session.execute(best.limit(HITS_PER_PAGE + 1)).all()
    return cut(found, HITS_PER_PAGE, has_earlier=after is not None)


def _matching(wanted: Wanted) -> tuple[Select[Any], ColumnElement[int]]:
    """Return what selects the entries with all the terms that everyone may read now, and the column that orders them."""
    shown = _columns()
    place: ColumnElement[int]
    if _is_sqlite():
        # The sign keeps SQLite from going the other way: from each entry to the index.
        here = SearchEntry.place == literal_column("+search_words.rowid")
        query = shown.select_from(_INDEX).join(SearchEntry, here).where(_INDEX.c.search_words.match(_fts5(wanted)))
        place = _ROWID
    else:
        query = shown.where(_vectors().op("@@")(_tsquery(wanted)))
        place = SearchEntry.place.expression
    query = query.join(Article, Article.id == SearchEntry.article_id)
    query = query.outerjoin(Comment, Comment.id == SearchEntry.comment_id)
    public = Article.withdrawn_at.is_(None), Article.published_at.is_not(None)
    is_public = and_(Comment.status == Status.PUBLISHED, Comment.published_at.is_not(None))
    query = query.where(*public, or_(SearchEntry.comment_id.is_(None), is_public))
    return query.where(*_narrowed(wanted, place)), place


def _columns() -> Any:
    return select(SearchEntry.place, SearchEntry.article_id, SearchEntry.comment_id)


def _narrowed(wanted: Wanted, place: ColumnElement[int]) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if wanted.author:
        by_them = Article.author == wanted.author
        clauses += [by_them, or_(SearchEntry.comment_id.is_(None), Comment.is_by_author.is_(True))]
    if wanted.tag:
        tagged = exists().where(article_tag.c.article_id == Article.id, article_tag.c.tag_id == Tag.id)
        clauses.append(tagged.where(Tag.key == key_of(wanted.tag)))
    if wanted.since is not None:
        clauses.append(place >= wanted.since)
    if wanted.until is not None:
        clauses.append(place < wanted.until)
    return clauses


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _fts5(wanted: Wanted) -> str:
    """Words are letters, digits and our own signs: nothing in them can be syntax between the quotation marks."""
    terms = [f'"{" ".join(term.words)}"{" *" if term.ends_in_a_single else ""}' for term in wanted.terms]
    return " AND ".join([*terms, *(f'"{word}"' for word in wanted.key_words)])


def _tsquery(wanted: Wanted) -> ColumnElement[Any]:
    terms = [
        " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.ends_in_a_single else "")
        for term in wanted.terms
    ]
    return cast(" & ".join(f"({one})" for one in [*terms, *(f"'{word}'" for word in wanted.key_words)]), TSQUERY)


def _vectors() -> ColumnElement[Any]:
    return literal_column("(search_entry.title || search_entry.words)")


def _rank(wanted: Wanted) -> ColumnElement[float]:
    """Return what is lower for what fits better; words of a title count most, and long texts less.

    PostgreSQL is asked for any of the words: all of them stand there, and their distances would cost the square of their number.
    """
    if _is_sqlite():
        return literal_column("bm25(search_words, 4.0, 1.0)")
    weighed: ColumnElement[Any] = literal_column("(setweight(search_entry.title, 'A') || search_entry.words)")
    words = dict.fromkeys(f"'{word}'{_prefix(term, word)}" for term in wanted.terms for word in term.words)
    return -cast(func.ts_rank(weighed, cast(" | ".join(words), TSQUERY), 1), Double)


def _prefix(term: Term, word: str) -> str:
    return ":*" if term.ends_in_a_single and word == term.runs[-1] else ""


def comments_among(found: Sequence[Found]) -> dict[int, Comment]:
    """Return the replies among what was found, by id, each with its account."""
    shown = load_only(
        Comment.article_id,
        Comment.floor,
        Comment.nickname,
        Comment.user_id,
        Comment.is_by_author,
        Comment.published_at,
        Comment.body_html,
    )
    ids = [row.comment_id for row in found if row.comment_id]
    query = select(Comment).options(shown, joinedload(Comment.user))
    return {one.id: one for (one,) in readable(query, Comment.id.expression, ids)}


def articles_among(found: Sequence[Found]) -> dict[int, Article]:
    """Return the articles of what was found, by id; their texts are read only of those that were found themselves."""
    head = Article.slug, Article.title, Article.summary, Article.author, Article.lang, Article.published_at
    query = select(Article).options(load_only(*head, Article.comment_count))
    return {one.id: one for (one,) in readable(query, Article.id.expression, [*{row.article_id for row in found}])}


def texts_among(found: Sequence[Found]) -> dict[int, str]:
    """Return the HTML of the articles that were found themselves, as much of it as is looked at, by id."""
    ids = [row.article_id for row in found if row.comment_id is None]
    query = select(Article.id, func.substr(Article.body_html, 1, TEXT_MAX).label("body_html"))
    return {row.id: row.body_html for row in readable(query, Article.id.expression, ids)}
