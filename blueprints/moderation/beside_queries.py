"""What stands beside the replies of a page of the desk: how many are alike, what their writers wrote, what readers reported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Text, and_, func, literal, null, select, type_coerce, union_all

from blueprints.comments.models import Comment, Flag, Status
from blueprints.moderation.queue_queries import Raw, number_of, plain, text_of
from core.database import db

COUNTED_MAX = 1000
RECORD_MAX = 101
FLAGS_MAX = 500

_status = type_coerce(Comment.__table__.c.status, String)


@dataclass(frozen=True)
class Beside:
    """What stands beside a page's rows: the sizes of families and the newest id of each; and what became of the writers' replies."""

    families: Mapping[int, tuple[int, int]]
    records: Mapping[str, Mapping[str, int]]
    since: Mapping[str, str]


def beside(rows: Sequence[Raw]) -> Beside:
    """Return by one query how large the families of these rows are and what their writers wrote, each counted to a bound."""
    families = sorted({one for row in rows if (one := number_of(row["family"])) is not None})
    writers = {writer: condition for row in rows for writer, condition in [writer_of(row)] if condition is not None}
    looks = [_family_size(one) for one in families] + [_record(*one) for one in writers.items()]
    found = db.session.execute(union_all(*looks)).all() if looks else []
    records: dict[str, dict[str, int]] = {}
    since: dict[str, str] = {}
    for kind, state, count, first, _last in found:
        if kind:
            records.setdefault(kind, {})[text_of(state)] = count
            since[kind] = min(since.get(kind, text_of(first)), text_of(first))
    sizes = {int(text_of(state)): (count, last) for kind, state, count, _first, last in found if not kind and count}
    return Beside(sizes, records, since)


def writer_of(row: Raw) -> tuple[str, ColumnElement[bool] | None]:
    """Return a name for whoever wrote a reply, and how their other ones are found: by account, else address, else browser."""
    for name in ("user_id", "email_key", "writer_hash"):
        value: Any = number_of(row[name]) if name == "user_id" else row[name]
        if value:
            theirs: ColumnElement[bool] = getattr(Comment, name) == value
            return f"{name} {value}", theirs if name == "user_id" else and_(theirs, Comment.user_id.is_(None))
    return "", None


def _family_size(family: int) -> Select[Any]:
    waiting = select(Comment.id).where(Comment.family == family, Comment.status == Status.PENDING)
    some = waiting.order_by(Comment.id).limit(COUNTED_MAX).subquery()
    name = plain(literal(str(family), Text))
    return select(literal("", Text), name, func.count(), plain(null()), func.max(some.c.id)).select_from(some)


def _record(writer: str, theirs: ColumnElement[bool]) -> Select[Any]:
    some = select(plain(_status).label("state"), plain(Comment.created_at).label("at"), Comment.id).where(theirs)
    few = some.limit(RECORD_MAX).subquery()
    counted = select(literal(writer, Text), few.c.state, func.count(), func.min(few.c.at), func.max(few.c.id))
    return counted.group_by(few.c.state)


def flags_of(ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Return the open reports of these replies, newest first, at most 500 in all: reason and what was added."""
    if not ids:
        return {}
    reason = type_coerce(Flag.__table__.c.reason, String)
    about = select(Flag.comment_id, plain(reason), plain(Flag.note)).where(Flag.comment_id.in_(ids))
    found = db.session.execute(about.where(Flag.settled_at.is_(None)).order_by(Flag.id.desc()).limit(FLAGS_MAX))
    flags: dict[int, list[tuple[str, str]]] = {}
    for comment_id, why, more in found:
        flags.setdefault(comment_id, []).append((text_of(why), text_of(more)))
    return flags
