"""Answering a decision: the writer of a reply that was not accepted may say something to it, once."""

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from blueprints.comments.events import moderator_asked
from blueprints.comments.models import Appeal, Comment
from blueprints.comments.ownership import DECIDED_AGAINST, demand_own
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


def appeal(comment: Comment, whose: Whose, body: str) -> Appeal:
    """Store what the writer answers to the decision. Raises NotFound, Conflict for a second answer or where nothing was decided."""
    demand_own(comment, whose)
    db.session.refresh(comment, with_for_update=True)
    if comment.status not in DECIDED_AGAINST:
        raise Conflict(_("这条回复现在的状态变了，不用再回应。你写的内容在下面，可以复制。"))
    made = Appeal(comment_id=comment.id, body=body)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        raise Conflict(_("已经回应过一次了，管理员会看到。")) from None
    moderator_asked.send(comment)
    return made


def appeal_of(comment: Comment) -> Appeal | None:
    """Return what the writer answered, None when they did not."""
    return db.session.get(Appeal, comment.id)


def settle(comment: Comment) -> None:
    """Take the writer's answer as read by whoever decides."""
    open_one = update(Appeal).where(Appeal.comment_id == comment.id, Appeal.settled_at.is_(None))
    db.session.execute(open_one.values(settled_at=clock.now()))
