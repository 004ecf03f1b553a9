"""What waits for moderators, read as plain text: a damaged row is shown as damaged and hides no other.

Every list is found by key inside a window of so many rows, so that it costs the same whatever waits.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    String,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import BY_MAIL, Appeal, Comment, CommentVersion, Flag, Status
from blueprints.comments.queries import waits_beside
from core import clock
from core.database import LARGEST_ID, db

WINDOW = 3000  # rows that one page looks through
ITEMS = 20
PAGE_BYTES = 250_000

STATES = ("waiting", "edits", "reported", "appealed", "published", "rejected", "spam", "removed")
OLDEST_FIRST = ("waiting", "edits", "reported", "appealed")
AGES = {"day": timedelta(days=1), "week": timedelta(days=7), "older": timedelta(days=7)}

Raw = Mapping[str, Any]

_Parent, _ParentUser, _Owner, _Earlier = aliased(Comment), aliased(User), aliased(User), aliased(Comment)
_status = type_coerce(Comment.__table__.c.status, String)


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to, and the key its page begins with."""

    which: str = "waiting"
    article: str = ""
    word: str = ""
    block: str = ""
    age: str = ""
    start: int | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.article or self.word or self.block or self.age)

    @property
    def is_oldest_first(self) -> bool:
        return self.which in OLDEST_FIRST


def raw_page(wanted: Wanted) -> tuple[list[Raw], int | None]:
    """Return a page of rows in the order of its list, and the key the next page begins with (None: this is the last)."""
    key, window = _window(wanted)
    near = window.limit(WINDOW).subquery()
    narrow = select(near.c.id, near.c.key).join(Comment, Comment.id == near.c.id).where(*_narrowing(wanted))
    narrow = narrow.outerjoin(Article, Article.id == Comment.article_id) if wanted.article else narrow
    page = narrow.order_by(_in_order(wanted, near.c.key)).limit(ITEMS + 1).subquery()
    beyond = window.with_only_columns(key).offset(WINDOW).limit(1)
    rows = _rows(page, CommentVersion.id == page.c.key if wanted.which == "edits" else None)
    rows = rows.add_columns(beyond.scalar_subquery().label("beyond"))
    found = [_decoded(row) for row in db.session.execute(rows.order_by(_in_order(wanted, page.c.key))).mappings()]
    fitting = _fitting(found)
    if len(found) > fitting:
        return found[:fitting], int(found[fitting]["key"])
    return found, found[0]["beyond"] if found else db.session.scalar(beyond)


def _in_order(wanted: Wanted, key: Any) -> Any:
    return key.asc() if wanted.is_oldest_first else key.desc()


def raw_rows(ids: Sequence[int]) -> list[Raw]:
    """Return the rows of these replies with their present texts, in the order of their ids."""
    return _found(select(Comment.id, Comment.id.label("key")).where(Comment.id.in_(ids)).subquery(), None)


def raw_edit(comment_id: int, number: int) -> list[Raw]:
    """Return the row of a reply with a text that waits beside the public one."""
    page = select(Comment.id, Comment.id.label("key")).where(Comment.id == comment_id).subquery()
    return _found(page, and_(CommentVersion.comment_id == page.c.id, CommentVersion.number == number))


def raw_edits(ids: Sequence[int]) -> list[Raw]:
    """Return the rows of these replies with the texts that wait beside their public ones, the newest text last."""
    edits = select(CommentVersion.comment_id.label("id"), CommentVersion.id.label("key"))
    page = edits.where(waits_beside(), CommentVersion.comment_id.in_(ids)).subquery()
    return _found(page, CommentVersion.id == page.c.key)


def _found(page: Any, edit: Any) -> list[Raw]:
    return [_decoded(row) for row in db.session.execute(_rows(page, edit).order_by(page.c.key)).mappings()]


def nameless_states() -> list[Raw]:
    """Return the first rows whose state is none of the five, which no list would show. Each gap of the index is one look."""
    known = sorted(one.value for one in Status)
    gaps = [(low, high) for low, high in zip([None, *known], [*known, None], strict=True)]
    looks = [
        select(
            select(Comment.id)
            .where(*([_status > low] if low else []), *([_status < high] if high else []))
            .limit(ITEMS)
            .subquery()
            .c.id
        )
        for low, high in gaps
    ]
    odd = union_all(*looks).subquery()
    return _found(select(odd.c.id, odd.c.id.label("key")).limit(ITEMS).subquery(), None)


def _window(wanted: Wanted) -> tuple[Any, Select[Any]]:
    """Return the key of a list and its rows from `wanted.start` on, in order: the id of the reply, and the key."""
    key, comment_id, listed = _list_of(wanted.which)
    rows = select(comment_id.label("id"), key.label("key")).where(listed)
    rows = rows.distinct() if wanted.which == "reported" else rows
    if wanted.start is not None and 0 < wanted.start <= LARGEST_ID:
        rows = rows.where(key >= wanted.start if wanted.is_oldest_first else key <= wanted.start)
    return key, rows.order_by(_in_order(wanted, key))


def _list_of(which: str) -> tuple[Any, Any, ColumnElement[bool]]:
    """Return by what a list is ordered, the replies it is about, and what is in it; each is one index."""
    if which == "edits":
        return CommentVersion.id, CommentVersion.comment_id, waits_beside()
    if which == "reported":
        return Flag.comment_id, Flag.comment_id, Flag.settled_at.is_(None)
    if which == "appealed":
        return Appeal.comment_id, Appeal.comment_id, Appeal.settled_at.is_(None)
    return Comment.id, Comment.id, _status == {"waiting": "pending", "removed": "rejected"}.get(which, which)


def _narrowing(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [Article.slug == wanted.article] if wanted.article else []
    conditions += [Comment.address_block == wanted.block] if wanted.block else []
    if wanted.word:
        places = (Comment.body, Comment.nickname)
        spellings = {wanted.word, wanted.word.lower(), wanted.word.upper()}  # SQLite's lower() folds ASCII only
        texts = [*places, *(func.lower(one) for one in places)]
        conditions.append(or_(*(text.contains(word, autoescape=True) for text in texts for word in spellings)))
    if wanted.age in AGES:
        is_older = Comment.created_at < clock.now() - AGES[wanted.age]
        conditions.append(is_older if wanted.age == "older" else ~is_older)
    if wanted.which in ("removed", "rejected"):
        conditions.append(Comment.floor.is_not(None) if wanted.which == "removed" else Comment.floor.is_(None))
    if wanted.which == "waiting":
        conditions.append(or_(Comment.held_reason.is_(None), Comment.held_reason != BY_MAIL))
    if wanted.which == "waiting" and not wanted.is_narrowed:
        earlier = exists().where(_Earlier.family == Comment.family, _Earlier.status == Status.PENDING)
        conditions.append(or_(Comment.family.is_(None), ~earlier.where(_Earlier.id < Comment.id)))
    return conditions


def _rows(page: Any, edit: ColumnElement[bool] | None) -> Select[Any]:
    """Everything a moderator sees of the replies of a page, each column as the bytes or the text it is; `edit` finds their other text."""
    text: Any = Comment if edit is None else CommentVersion
    columns: dict[str, Any] = {
        "number": Comment.version if edit is None else CommentVersion.number, "status": Comment.status, "body": func.substr(text.body, 1, Comment.CODE_POINTS_MAX),
        "body_html": text.body_html, "held_reason": text.held_reason, "findings": text.findings, "created_at": text.created_at,
        "removed_reason": Comment.removed_reason, "nickname": Comment.nickname, "email": Comment.email,
        "email_key": Comment.email_key, "user_id": Comment.user_id, "writer_hash": Comment.writer_hash,
        "address_block": Comment.address_block, "floor": Comment.floor, "family": Comment.family,
        "parent_id": Comment.parent_id, "username": User.username, "owner": _Owner.username,
        "slug": Article.slug, "title": Article.title, "lang": Article.lang,
        "parent_there": _Parent.id, "parent_floor": _Parent.floor, "parent_body": func.substr(_Parent.body, 1, 400),
        "parent_name": func.coalesce(_ParentUser.username, _Parent.nickname),
        "appeal": Appeal.body, "appeal_settled_at": Appeal.settled_at,
    }  # fmt: skip
    shown = (plain(column).label(name) for name, column in columns.items())
    rows = select(Comment.id.label("id"), page.c.key.label("key"), literal(edit is not None).label("is_edit"), *shown)
    rows = rows.select_from(page).join(Comment, Comment.id == page.c.id)
    return (
        (rows if edit is None else rows.join(CommentVersion, edit))
        .outerjoin(Article, Article.id == Comment.article_id)
        .outerjoin(User, User.id == Comment.user_id)
        .outerjoin(_Owner, and_(_Owner.email_key == Comment.email_key, Comment.user_id.is_(None)))
        .outerjoin(_Parent, _Parent.id == Comment.parent_id)
        .outerjoin(_ParentUser, _ParentUser.id == _Parent.user_id)
        .outerjoin(Appeal, Appeal.comment_id == Comment.id)
    )


def plain(column: Any) -> ColumnElement[Any]:
    """Return a column as it is stored: SQLite may hold anything in any column and fails over text that is none, so it is asked for bytes."""
    return cast(column, LargeBinary if db.engine.dialect.name == "sqlite" else Text)


def _decoded(row: Any) -> Raw:
    return {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value for name, value in row.items()
    }


def _fitting(found: Sequence[Raw]) -> int:
    """Return how many rows make a page: at least one, at most 20, of no more than 250 kB."""
    total = 0
    for count, row in enumerate(found[:ITEMS]):
        total += len((row["body"] or "").encode())
        if total > PAGE_BYTES and count:
            return count
    return min(ITEMS, len(found))


def text_of(value: Any) -> str:
    """Return what `plain` found, as text; nothing as an empty one."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str("" if value is None else value)


def number_of(text: str | None) -> int | None:
    """Return a whole number a database wrote, None where it is none."""
    return int(text) if text and re.fullmatch(r"-?[0-9]{1,19}", text) and abs(int(text)) < 2**63 else None


def moment_of(text: str | None) -> datetime | None:
    """Return a moment a database wrote, None where it is none."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=clock.now().tzinfo)
