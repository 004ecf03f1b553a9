"""Reading into the index what lies there already, a little at a time, while everybody goes on writing.

What takes long comes before the write transaction: rows are read and their words made. In it the rows are read once more and
locked, as their writers do, and an entry is put in where its row is still what it was made from; else its writer has put it in.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, exists, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute

from blueprints.articles.models import Article
from blueprints.comments.models import Comment, Status
from blueprints.search.damage import DAMAGED, readable
from blueprints.search.indexing import article_entry, comment_entry
from blueprints.search.models import SearchEntry
from core.database import db
from core.jobs import housekeeping

ROUND, ROUND_CHARACTERS = 200, 100_000  # rows, and characters of HTML, at most in one transaction; one row always fits
PAGES = 500  # of 4 kB that are merged at most in one transaction


@dataclass(frozen=True)
class Kind:
    """Articles or replies: what is read of the public ones, what each is found by, and which entries are theirs."""

    table: type[Article] | type[Comment]
    rows: Select[*tuple[Any, ...]]
    entry: Callable[[Row[Any]], SearchEntry]
    key: InstrumentedAttribute[Any]
    own: ColumnElement[bool]


KINDS = (
    Kind(
        Article,
        select(Article.id, Article.published_at, Article.title, Article.summary, Article.body_html).where(
            Article.published_at.is_not(None)
        ),
        article_entry,
        SearchEntry.article_id,
        SearchEntry.comment_id.is_(None),
    ),
    Kind(
        Comment,
        select(Comment.id, Comment.published_at, Comment.article_id, Comment.body_html).where(
            Comment.status == Status.PUBLISHED,
            Comment.published_at.is_not(None),
            exists().where(Article.id == Comment.article_id),
        ),
        comment_entry,
        SearchEntry.comment_id,
        SearchEntry.comment_id.is_not(None),
    ),
)


@dataclass(frozen=True)
class Batch:
    """A few articles, or replies, as they were read, each with the entry it is to have; damaged ones are not among them."""

    kind: Kind
    made: Sequence[tuple[Row[Any], SearchEntry]]


def batches(*, missing: bool = False) -> Iterator[Batch]:
    """Yield everything public, articles first, or what is not in the index of it. The caller may write in between."""
    for kind in KINDS:
        up_to = 0
        while ids := _next_ids(kind, up_to, missing=missing):
            yield Batch(kind, [(row, entry) for row in _read(kind, ids) if (entry := _entry(kind, row)) is not None])
            up_to = ids[-1]


def _next_ids(kind: Kind, up_to: int, *, missing: bool) -> Sequence[int]:
    size = func.coalesce(func.length(kind.table.body_html), 0).label("size")
    found = kind.rows.with_only_columns(kind.table.id, size).where(kind.table.id > up_to)
    if missing:
        found = found.where(~exists().where(kind.own, kind.key == kind.table.id))
    ids: list[int] = []
    characters = 0
    for row in db.session.execute(found.order_by(kind.table.id).limit(ROUND)):
        characters += row.size
        if ids and characters > ROUND_CHARACTERS:
            break
        ids.append(row.id)
    return ids


def _read(kind: Kind, ids: Sequence[int], *, locked: bool = False) -> Sequence[Row[Any]]:
    rows = kind.rows.order_by(kind.table.id)
    return readable(rows.with_for_update(key_share=True) if locked else rows, kind.table.id.expression, ids)


def _entry(kind: Kind, row: Row[Any]) -> SearchEntry | None:
    try:
        return kind.entry(row)
    except DAMAGED:
        return None


def put(batch: Batch) -> int:
    """Put the entries of a batch into the index, and return how many; none where the row is another by now."""
    present = set(_read(batch.kind, [row.id for row, _entry in batch.made], locked=True))
    made = {row.id: entry for row, entry in batch.made if row in present}
    former = delete(SearchEntry).where(batch.kind.own, batch.kind.key.in_(made))
    db.session.execute(former.execution_options(synchronize_session=False))
    db.session.add_all(made.values())
    db.session.flush()
    return len(made)


def first_missing() -> Batch | None:
    """Return some of what is public and not in the index, None where everything is.

    That is everything after the upgrade that brought the index, what was changed past the room of replies, and an older backup.
    """
    return next((batch for batch in batches(missing=True) if batch.made), None)


def put_missing(batch: Batch | None) -> bool:
    """Put in what was missing, and tell whether there was any."""
    return batch is not None and put(batch) > 0


housekeeping(put_missing, prepare=first_missing)


def _is_gone() -> ColumnElement[bool]:
    hidden = or_(Comment.status != Status.PUBLISHED, Comment.published_at.is_(None))
    gone = exists().where(Comment.id == SearchEntry.comment_id, hidden)
    drafts = exists().where(Article.id == SearchEntry.article_id, Article.published_at.is_(None))
    return gone | drafts


def gone() -> Sequence[int]:
    """Return some places of what is not public any more. A withdrawn article keeps its own."""
    return db.session.scalars(select(SearchEntry.place).where(_is_gone()).limit(ROUND)).all()


def forget_gone(places: Sequence[int]) -> int:
    """Drop the entries at these places that are still not public, and return how many they were."""
    dropped = delete(SearchEntry).where(SearchEntry.place.in_(places), _is_gone()).returning(SearchEntry.place)
    return len(db.session.execute(dropped.execution_options(synchronize_session=False)).all())


housekeeping(forget_gone, prepare=gone)


def merge(*, begin: bool) -> bool:
    """Take what was dropped out of the blocks of SQLite's index too, some pages at a time; tell whether more is to be done.

    Only a person's command begins this. Each beginning makes FTS5 count its levels on, and after about a thousand SQLite 3.40
    takes the index for damaged: an hourly one would stop the site within weeks.
    """
    if db.engine.dialect.name != "sqlite":
        return False
    before = db.session.scalar(select(func.total_changes()))
    pages = -PAGES if begin else PAGES
    db.session.execute(text("INSERT INTO search_words (search_words, rank) VALUES ('merge', :pages)"), {"pages": pages})
    return int(db.session.scalar(select(func.total_changes())) or 0) - int(before or 0) >= 2
