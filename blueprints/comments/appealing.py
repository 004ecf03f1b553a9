"""Answering a decision: the writer of a reply or a changed text that was not accepted may say something to it, once."""

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from blueprints.comments.deciding import let_version_wait
from blueprints.comments.events import moderator_asked
from blueprints.comments.models import Appeal, Comment, CommentVersion, Status
from blueprints.comments.ownership import DECIDED_AGAINST, demand_own
from blueprints.comments.queries import unseen_texts
from blueprints.comments.thread_queries import Whose
from core import clock, throttle
from core.database import db
from core.errors import Conflict
from core.i18n import _
from core.throttle import Limit

PER_BLOCK = Limit(10, 3600)


def count_appeal(address_block: str) -> None:
    """Count an answer against the address block. Raises TooManyRequests."""
    words = _("回应得太多了，请一小时后再试。内容已保留。")
    throttle.demand(f"appeals:{address_block}", [PER_BLOCK], lambda _wait: words)


def decided_against(comment: Comment) -> Comment | CommentVersion | None:
    """Return what was not accepted: the reply, or the text it was last changed to; None where nothing was decided against it."""
    if comment.status in DECIDED_AGAINST:
        return comment
    newest = unseen_texts([comment]).get(comment.id) if comment.status is Status.PUBLISHED else None
    return newest if newest is not None and newest.status in DECIDED_AGAINST else None


def appeal(comment: Comment, whose: Whose, body: str) -> Appeal:
    """Store what the writer answers to the decision; a changed text waits once more, beside the public one.

    Raises NotFound, Conflict for a second answer or where nothing was decided.
    """
    demand_own(comment, whose)
    db.session.refresh(comment, with_for_update=True)
    decided = decided_against(comment)
    if decided is None:
        raise Conflict(_("这条回复现在的状态变了，不用再回应。你写的内容在下面，可以复制。"))
    former = Appeal.comment_id == comment.id, Appeal.created_at < decided.created_at
    db.session.execute(delete(Appeal).where(*former))
    made = Appeal(comment_id=comment.id, body=body)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        raise Conflict(_("已经回应过一次了，管理员会看到。")) from None
    if isinstance(decided, CommentVersion):
        let_version_wait(decided, decided.held_reason or "")
    moderator_asked.send(comment)
    return made


def appeal_of(comment: Comment, decided: Comment | CommentVersion) -> Appeal | None:
    """Return what the writer answered about this text, None when they did not."""
    made = db.session.get(Appeal, comment.id)
    return made if made is not None and made.created_at >= decided.created_at else None


def settle(comment: Comment) -> None:
    """Take the writer's answer as read by whoever decides."""
    open_one = update(Appeal).where(Appeal.comment_id == comment.id, Appeal.settled_at.is_(None))
    db.session.execute(open_one.values(settled_at=clock.now()))
