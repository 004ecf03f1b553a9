"""Telling a writer what was decided about their text: what became of it in the end, five minutes after the last decision.

Nobody is told that theirs was taken for spam, nor that this was undone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select

from blueprints.comments.models import Comment, GuestAddress, Status
from blueprints.comments.queries import latest_number, unseen_texts
from blueprints.moderation.models import Act, Decision
from blueprints.notifications.models import VERDICTS, Frequency, Notification, Why
from blueprints.notifications.queries import choice_of
from blueprints.notifications.recipients import asked_for_letters, reach
from core import clock
from core.database import db
from core.deeds import does
from core.jobs import Job, queue

IN_CASE_OF_UNDO = timedelta(minutes=5)
TOLD = (Status.PUBLISHED, Status.REJECTED)


class Verdict(NamedTuple):
    """What became of a text its writer is told of, and the moderator's reason where one was given."""

    is_public: bool
    words: str
    reason: str


def verdicts(rows: Sequence[Notification]) -> dict[int, Verdict]:
    """Return by their ids what the lines among `rows` say that are about one's own text."""
    about = {row.id: row.text or row.comment for row in rows if row.why in VERDICTS}
    return {
        row_id: Verdict(one.status is Status.PUBLISHED, one.body, one.removed_reason or "")
        for row_id, one in about.items()
        if one is not None
    }


def tell_of_decision(decision: Decision) -> None:
    """Have the writer told, unless by then everything is as it was before the first of several decisions."""
    comment, was = decision.comment, decision.before.get("status")
    if comment is None or was is None or comment.status not in TOLD or not (comment.user_id or comment.notify):
        return
    if decision.before["edit"]:
        _queue("edit_decision", comment, version=decision.version)
    elif decision.before.get("undid") != Act.SPAM.value:
        _queue("decision", comment, was=was)


def _queue(kind: str, comment: Comment, **what: Any) -> None:
    about = str(comment.id)
    earlier = select(Job.payload).where(Job.kind == kind, Job.about == about, Job.done_at.is_(None))
    begun = db.session.scalar(earlier.order_by(Job.id.desc()).limit(1)) if kind == "decision" else None
    payload = begun or {"comment": comment.id, **what}
    queue(kind, payload, about=about, run_after=clock.now() + IN_CASE_OF_UNDO)


@does("decision")
def decision(payload: Mapping[str, Any]) -> None:
    """Write the line that tells a writer what became of their reply, in place of an earlier one, and queue the letter they want."""
    comment = db.session.get(Comment, payload["comment"])
    if comment is not None and comment.status in TOLD and comment.status.value != payload["was"]:
        _tell(comment, Why.DECISION)


@does("edit_decision")
def edit_decision(payload: Mapping[str, Any]) -> None:
    """Write the line that tells a writer what became of a text they changed, while it is still their newest."""
    comment = db.session.get(Comment, payload["comment"])
    if comment is None or comment.status is not Status.PUBLISHED or latest_number(comment) != payload["version"]:
        return
    newest = unseen_texts([comment]).get(comment.id, comment)
    if newest.status in TOLD:
        _tell(comment, Why.EDIT, payload["version"])


def decided_anew(row: Notification) -> datetime | None:
    """Return when its writer is told of what was decided since about the text of this line, None when nothing was."""
    if row.why not in VERDICTS:
        return None
    jobs = Job.kind.in_(("decision", "edit_decision")), Job.about == str(row.comment_id), Job.done_at.is_(None)
    told_at: datetime | None = db.session.scalar(select(func.max(Job.run_after)).where(*jobs))
    return told_at


def _tell(comment: Comment, why: Why, version: int | None = None) -> None:
    line = _line(comment, why, version)
    if line is None:
        return
    db.session.execute(delete(Notification).where(Notification.comment_id == comment.id, Notification.why == why))
    db.session.add(line)
    db.session.flush()
    if line.frequency is Frequency.AT_ONCE:
        queue("notice", {"notification": line.id})


def _line(comment: Comment, why: Why, version: int | None) -> Notification | None:
    """Return the line for an account, with a letter where it asked for one; or for a guest who did, whose address it is proved to be."""
    line = Notification(why=why, comment_id=comment.id, version=version, article_id=comment.article_id)
    if comment.user is not None:
        asked = choice_of(comment.user).decisions if comment.notify else Frequency.NEVER
        line.user_id, line.frequency = comment.user.id, asked
        return line if reach(comment.user, None) else None
    address = db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == comment.email_key))
    if address is None or not asked_for_letters(comment) or reach(None, address) is None:
        return None
    line.guest_address_id, line.frequency = address.id, Frequency.AT_ONCE
    return line
