"""Withdrawing a reply and bringing it back; after 30 days nothing of a withdrawn one is left but its floor."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select, update

from blueprints.comments.deciding import mend
from blueprints.comments.events import comment_held
from blueprints.comments.models import BY_MAIL, Appeal, Comment, CommentVersion, Status
from blueprints.comments.ownership import UNDO, demand_right
from blueprints.comments.queries import pending_version
from blueprints.comments.thread_queries import Whose
from blueprints.comments.visibility import hide, show_again
from core import clock
from core.damage import readable
from core.database import db
from core.jobs import ROUND, housekeeping

ERASED: dict[str, object] = {
    "body": "",
    "body_html": "",
    "nickname": "",
    "email": None,
    "email_key": None,
    "user_id": None,
    "writer_hash": None,
    "address_block": None,
    "send_key": None,
    "notify": False,
    "notify_since": None,
    "findings": None,
    "simhash": None,
    "family": None,
}


def withdraw(comment: Comment, whose: Whose) -> None:
    """Take a reply back; a public one leaves a tombstone on its floor. Raises NotFound, TooLate, Conflict."""
    db.session.refresh(comment, with_for_update=True)
    demand_right(comment, whose, "may_withdraw")
    if comment.status is Status.PUBLISHED:
        hide(comment, Status.DELETED)
    else:
        comment.status = Status.DELETED
    comment.withdrawn_at, comment.send_key = clock.now(), None


def restore(comment: Comment, whose: Whose) -> None:
    """Bring a withdrawn reply back to where it was: one that waited waits again. Raises NotFound, TooLate, Conflict."""
    db.session.refresh(comment, with_for_update=True)
    demand_right(comment, whose, "may_restore")
    if comment.floor is not None and comment.held_reason is None:
        show_again(comment, taken_by=(Status.DELETED,))
    else:
        comment.status, comment.withdrawn_at = Status.PENDING, None
    waits = comment.status is Status.PENDING and comment.held_reason != BY_MAIL
    if waits or pending_version(comment) is not None:
        comment_held.send(comment)


def erase_text(comment: Comment) -> None:
    """Erase a reply and every text it had; a public one leaves a tombstone on its floor, a removed one keeps its own."""
    if comment.status is Status.PUBLISHED:
        hide(comment, Status.DELETED)
    was_removed = comment.floor is not None and comment.status in (Status.REJECTED, Status.SPAM)
    _erase([comment.id], comment.status if was_removed else Status.DELETED)


def erase_texts(*which: ColumnElement[bool]) -> None:
    """Erase replies and every text they had, damaged rows too."""
    wanted = select(Comment).where(*which)
    damaged = set(db.session.scalars(wanted.with_only_columns(Comment.id)))
    for comment in readable(wanted, Comment.id):
        damaged.remove(comment.id)
        erase_text(comment)
    for comment_id in damaged:
        mend(comment_id, {})
        _erase([comment_id], Status.DELETED)


def _erase(ids: Sequence[int], status: Status) -> None:
    db.session.execute(delete(CommentVersion).where(CommentVersion.comment_id.in_(ids)))
    db.session.execute(delete(Appeal).where(Appeal.comment_id.in_(ids)))
    erased = update(Comment).where(Comment.id.in_(ids))
    db.session.execute(erased.values(status=status, withdrawn_at=clock.now(), **ERASED))


@housekeeping
def erase_withdrawn() -> bool:
    """Erase what was withdrawn 30 days ago, damaged rows too: nothing of them is read."""
    old = select(Comment.id).where(
        Comment.status == Status.DELETED, Comment.withdrawn_at < clock.now() - UNDO, Comment.body != ""
    )
    ids = db.session.scalars(old.limit(ROUND)).all()
    if ids:
        _erase(ids, Status.DELETED)
    return len(ids) == ROUND
