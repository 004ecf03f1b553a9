"""Deciding about a flood: many waiting replies of nearly the same text, kept from the public in one go."""

from collections.abc import Sequence

from sqlalchemy import insert, select

from blueprints.comments.classifying import learn
from blueprints.comments.deciding import CHUNK, reject_waiting, settle_appeals, settle_flags, waiting_family
from blueprints.comments.models import Comment, Status
from blueprints.moderation.decisions import Sitting
from blueprints.moderation.events import reply_decided
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.queries import lesson_of
from blueprints.moderation.queue_queries import raw_rows
from blueprints.moderation.reading import damages_of
from core import clock
from core.database import db

FAMILY_MAX = 2000  # replies in one transaction; what is left over waits for the next press


def turn_down_family(family: int, up_to: int, sitting: Sitting, reason: str, *, is_spam: bool) -> int:
    """Keep a whole family from the public, the oldest 2,000 of it, none newer than the id `up_to`; returns how many.

    Such a text is a lesson once. Nothing is published this way: nobody has seen each text.
    """
    comments = readable(waiting_family(family, up_to, FAMILY_MAX))
    status, act = (Status.SPAM, Act.SPAM) if is_spam else (Status.REJECTED, Act.REJECT)
    before = _before(comments)
    moved = reject_waiting(list(before), status, reason)
    if moved and is_spam:
        learn(comments[0], is_wanted=False)
    lines = [
        {
            "act": act,
            "comment_id": one.id,
            "version": one.version,
            "reason": reason,
            "before": before[one.id] | {"taught": is_spam and one is comments[0]},
        }
        for one in comments
        if one.id in moved
    ]
    note_many(lines, sitting, comments)
    return len(moved)


def note_many(lines: Sequence[dict[str, object]], sitting: Sitting, comments: Sequence[Comment]) -> None:
    """Write many lines of the log at once, and tell each; `comments` are held so that nobody has to fetch them one by one."""
    if not lines:
        return
    actor_id = sitting.actor.id if sitting.actor is not None else None
    shared = {"actor_id": actor_id, "batch": sitting.batch, "subject": "", "created_at": clock.now()}
    rows = [shared | line for line in lines]
    for decision in db.session.scalars(insert(Decision).returning(Decision), rows).all():
        reply_decided.send(decision)
    for one in comments:
        db.session.expire(one)


def readable(ids: Sequence[int]) -> Sequence[Comment]:
    """Return those of these replies that can be read, in the order of their ids; damaged ones are removed one by one."""
    found: list[Comment] = []
    for begin in range(0, len(ids), CHUNK):
        sound = [int(row["id"]) for row in raw_rows(ids[begin : begin + CHUNK]) if not damages_of(row)]
        these = select(Comment).where(Comment.id.in_(sound)).order_by(Comment.id)
        found += db.session.scalars(these.execution_options(populate_existing=True))
    return found


def _before(comments: Sequence[Comment]) -> dict[int, dict[str, object]]:
    """Return what an undo puts back of each, and take what readers and writers said as read."""
    ids = [one.id for one in comments]
    flags, appeals = settle_flags(ids), settle_appeals(ids)
    return {
        one.id: {
            "status": one.status.value,
            "held_reason": one.held_reason,
            "removed_reason": one.removed_reason,
            "version": one.version,
            "edit": False,
            "appeal": one.id in appeals,
            "flags": flags.get(one.id, []),
            "lesson": lesson_of(one.id) if one is comments[0] else None,
        }
        for one in comments
    }
