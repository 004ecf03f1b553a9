"""Forgetting what is known about replies and their writers: by the clock, and at somebody's word."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from blueprints.auth.models import User
from blueprints.comments.guest_words import erase, erase_written
from blueprints.comments.models import UNSEEN, Appeal, Comment, CommentVersion, GuestAddress, Status
from blueprints.comments.queries import about_address, stored_about
from blueprints.comments.screening_models import Ban
from blueprints.comments.thread_queries import Whose
from blueprints.comments.withdrawing import ERASED, erase_texts
from core import clock
from core.config import settings
from core.database import db
from core.jobs import ROUND, housekeeping


@housekeeping
def forget_origins() -> bool:
    """Erase where old replies came from: the address block, and the mark of the browser."""
    old = clock.now() - timedelta(days=settings().comments_origin_days)
    known = or_(Comment.address_block.is_not(None), Comment.writer_hash.is_not(None))
    some = select(Comment.id).where(Comment.created_at < old, known).limit(ROUND)
    erased = update(Comment).where(Comment.id.in_(some)).values(address_block=None, writer_hash=None)
    return len(db.session.execute(erased.returning(Comment.id)).all()) == ROUND


def erase_held(but: ColumnElement[bool]) -> bool:
    """Erase the replies that were held so long ago and that the public never saw, `but` those that are kept for another reason.

    One whose writer answered the decision waits as long for whoever reads the answer. The newest row of all is emptied and
    not dropped: SQLite would give its id to another reply.
    """
    answer = aliased(Comment)
    answered = select(answer.id).where(answer.parent_id == Comment.id)
    appeal = Appeal.comment_id == Comment.id, Appeal.settled_at.is_(None), Appeal.created_at > _too_old()
    held = select(Comment.id).where(
        Comment.status.in_(UNSEEN), Comment.floor.is_(None), Comment.created_at < _too_old(), ~answered.exists()
    )
    ids = db.session.scalars(held.where(~exists().where(*appeal), ~but).limit(ROUND)).all()
    newest = db.session.scalar(select(func.max(Comment.id)))
    if newest in ids:
        emptied = update(Comment).where(Comment.id == newest)
        db.session.execute(delete(CommentVersion).where(CommentVersion.comment_id == newest))
        db.session.execute(emptied.values(status=Status.DELETED, withdrawn_at=clock.now(), **ERASED))
    db.session.execute(delete(Comment).where(Comment.id.in_(ids), Comment.id != newest))
    return len(ids) == ROUND


def erase_unseen_texts(but: ColumnElement[bool]) -> bool:
    """Erase the changed texts that the public never saw, held or replaced so long ago, `but` those that are kept for another reason."""
    unseen = CommentVersion.status.in_((*UNSEEN, Status.DELETED)), CommentVersion.created_at < _too_old()
    some = select(CommentVersion.id).where(*unseen, ~but).limit(ROUND)
    gone = delete(CommentVersion).where(CommentVersion.id.in_(some))
    return len(db.session.execute(gone.returning(CommentVersion.id)).all()) == ROUND


def _too_old() -> Any:
    return clock.now() - timedelta(days=settings().comments_held_days)


def address_row(email_key: str) -> GuestAddress | None:
    """Return what is stored about a guest's address itself."""
    return db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == email_key))


def stored_about_guest(email_key: str) -> dict[str, Any]:
    """Return everything this room stores about a guest's address, as plain values."""
    address = address_row(email_key)
    return {
        "guest": about_address(address) if address is not None else None,
        **stored_about(Whose(email_key=email_key)),
    }


def banned_names(email_key: str, user: User | None) -> Sequence[str]:
    """Return the names under which a guest's address, and an account, were banned."""
    whose = Ban.is_of(email_key)
    whose = whose if user is None else or_(whose, Ban.user_id == user.id)
    return db.session.scalars(select(Ban.nickname).where(whose)).all()


def forget_guest(email_key: str, *, texts_too: bool) -> None:
    """Erase name and address from everything a guest wrote under an address, the texts too where that is wanted, and its bans."""
    address = address_row(email_key)
    if address is not None:
        erase(address, texts_too=texts_too)
    else:
        erase_written(email_key, texts_too=texts_too)
    db.session.execute(delete(Ban).where(Ban.is_of(email_key)))


def erase_texts_of(user: User) -> None:
    """Erase everything an account wrote; what was public leaves a tombstone."""
    erase_texts(Comment.user_id == user.id)
