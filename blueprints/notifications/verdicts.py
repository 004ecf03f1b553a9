"""Telling a writer what was decided about their reply: what became of it in the end, five minutes after the last decision.

Nobody is told that theirs was taken for spam.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from blueprints.comments.models import Comment, GuestAddress, Status
from blueprints.moderation.models import Decision
from blueprints.notifications.models import Frequency, Notification, Why
from blueprints.notifications.queries import choice_of
from blueprints.notifications.recipients import reach
from core import clock
from core.database import db
from core.deeds import does
from core.jobs import Job, queue

IN_CASE_OF_UNDO = timedelta(minutes=5)
TOLD = (Status.PUBLISHED, Status.REJECTED)


def tell_of_decision(decision: Decision) -> None:
    """Have the writer told, unless by then everything is as it was before the first of several decisions."""
    comment, was = decision.comment, decision.before.get("status")
    if comment is None or was is None or comment.status not in TOLD or not (comment.user_id or comment.notify):
        return
    about = str(comment.id)
    earlier = select(Job.payload).where(Job.kind == "decision", Job.about == about, Job.done_at.is_(None))
    begun = db.session.scalar(earlier.order_by(Job.id.desc()).limit(1))
    payload = begun or {"comment": comment.id, "was": was}
    queue("decision", payload, about=about, run_after=clock.now() + IN_CASE_OF_UNDO)


@does("decision")
def decision(payload: Mapping[str, Any]) -> None:
    """Write the line that tells a writer what became of their reply, in place of an earlier one, and queue the letter they want."""
    comment = db.session.get(Comment, payload["comment"])
    if comment is None or comment.status not in TOLD or comment.status.value == payload["was"]:
        return
    line = _line(comment)
    if line is None:
        return
    about = Notification.comment_id == comment.id, Notification.why == Why.DECISION
    db.session.execute(delete(Notification).where(*about))
    db.session.add(line)
    db.session.flush()
    if line.frequency is Frequency.AT_ONCE:
        queue("notice", {"notification": line.id})


def _line(comment: Comment) -> Notification | None:
    """Return the line for an account, with a letter where it asked for one; or for a guest who did and whose address is proved."""
    line = Notification(why=Why.DECISION, comment_id=comment.id, article_id=comment.article_id)
    if comment.user is not None:
        asked = choice_of(comment.user).decisions if comment.notify else Frequency.NEVER
        line.user_id, line.frequency = comment.user.id, asked
        return line if reach(comment.user, None) else None
    address = db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == comment.email_key))
    if address is None or not comment.notify or reach(None, address) is None:
        return None
    line.guest_address_id, line.frequency = address.id, Frequency.AT_ONCE
    return line
