"""What waits for moderators, and what was decided about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, exists, func, select, type_coerce
from sqlalchemy.orm import aliased, joinedload

from blueprints.comments.models import Appeal, Comment, CommentVersion, Flag, Status
from blueprints.comments.queries import awaits_moderator, waits_beside
from blueprints.comments.screening_models import Lesson
from blueprints.moderation.models import Act, Decision, Seen
from blueprints.moderation.queue_queries import plain, text_of
from core.database import db

COUNTED_MAX = 1000
BEGINNING = 200
BESIDE = (Act.UNDO, Act.BAN, Act.LIFT_BAN)  # these leave a reply as it is


@dataclass(frozen=True)
class Waiting:
    """How much waits for a moderator, each kind counted up to 1,000."""

    replies: int
    edits: int
    reported: int
    appeals: int

    @property
    def total(self) -> int:
        return min(COUNTED_MAX, self.replies + self.edits + self.reported + self.appeals)


def waiting() -> Waiting:
    """Return how much waits for a moderator."""
    held = select(Comment.id).where(awaits_moderator())
    edits = select(CommentVersion.id).where(waits_beside())
    reported = select(Flag.comment_id).where(Flag.settled_at.is_(None)).distinct()
    appeals = select(Appeal.comment_id).where(Appeal.settled_at.is_(None))
    counts = [_bounded(one) for one in (held, edits, reported, appeals)]
    return Waiting(*(int(count) for count in db.session.execute(select(*counts)).one()))


def waiting_count() -> int:
    """Return how much waits for a moderator, at most 1,000."""
    return waiting().total


def _bounded(rows: Select[Any]) -> ColumnElement[int]:
    return select(func.count()).select_from(rows.limit(COUNTED_MAX).subquery()).scalar_subquery()


def latest_about(comment_id: int) -> Decision | None:
    """Return the last decision about a reply that stands, None when there is none."""
    about = select(Decision).where(Decision.comment_id == comment_id, Decision.undone_at.is_(None))
    standing = about.where(Decision.act.not_in(BESIDE))
    return db.session.scalar(standing.order_by(Decision.id.desc()).options(joinedload(Decision.actor)).limit(1))


def decisions_about(comment_id: int) -> Sequence[Decision]:
    """Return the last 50 decisions about a reply, the newest first."""
    about = select(Decision).where(Decision.comment_id == comment_id).order_by(Decision.id.desc())
    return db.session.scalars(about.options(joinedload(Decision.actor)).limit(50)).all()


def decisions_of(batch: str) -> Sequence[Decision]:
    """Return what was decided in one go, in order; empty when there is no such batch."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", batch):
        return []
    return db.session.scalars(select(Decision).where(Decision.batch == batch).order_by(Decision.id)).all()


def standing_in(batch: str) -> set[int]:
    """Return the ids of those decisions of one go that are the last that stand about their reply."""
    later = aliased(Decision)
    newer = exists().where(later.comment_id == Decision.comment_id, later.id > Decision.id, later.undone_at.is_(None))
    anew = newer.where(later.act.not_in(BESIDE))
    return set(db.session.scalars(select(Decision.id).where(Decision.batch == batch, ~anew)))


def lesson_of(comment_id: int) -> bool | None:
    """Return what a reply teaches: that it was wanted, or not; None where it teaches nothing."""
    return db.session.scalar(select(Lesson.is_wanted).where(Lesson.comment_id == comment_id))


def still_as(seen: Sequence[Seen]) -> set[Seen]:
    """Return those of the texts somebody looked at that are still as they were seen."""
    ids = [one.comment_id for one in seen]
    public = select(Comment.id, Comment.version, type_coerce(Comment.__table__.c.status, String)).where(
        Comment.id.in_(ids)
    )
    edits = select(CommentVersion.comment_id, CommentVersion.number)
    wait = edits.where(waits_beside(), CommentVersion.comment_id.in_(ids))
    now = {(comment_id, number, status) for comment_id, number, status in db.session.execute(public)}
    now |= {(comment_id, number, Status.PENDING.value) for comment_id, number in db.session.execute(wait)}
    return {one for one in seen if (one.comment_id, one.number, one.status.value) in now}


@dataclass(frozen=True)
class Family:
    """Several waiting replies of nearly the same text: how many (up to a bound), and how the first begins."""

    family: int
    up_to: int
    count: int
    beginning: str


def family_of(family: int, up_to: int, at_most: int) -> Family:
    """Return those of nearly the same text that wait, none newer than the id `up_to`."""
    rows = select(Comment.id).where(Comment.family == family, Comment.status == Status.PENDING, Comment.id <= up_to)
    some = rows.order_by(Comment.id).limit(at_most).subquery()
    count, first = db.session.execute(select(func.count(), func.min(some.c.id))).one()
    beginning = select(plain(func.substr(Comment.body, 1, BEGINNING))).where(Comment.id == first)
    return Family(family, up_to, count, text_of(db.session.scalar(beginning)))
