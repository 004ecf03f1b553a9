"""The inbox: what somebody was told by article, and what of it was read."""

from collections.abc import Sequence

from sqlalchemy import Executable, update

from blueprints.auth.models import User
from blueprints.notifications.models import Notification
from core import clock
from core.database import db


def by_article(rows: Sequence[Notification]) -> list[list[Notification]]:
    """Return lines in groups of one article each, in the order of their newest lines."""
    groups: dict[int, list[Notification]] = {}
    for row in rows:
        groups.setdefault(row.article_id, []).append(row)
    return list(groups.values())


def note_read(row: Notification) -> Executable | None:
    """Return what notes that a line was opened, to be written after the answer; None where it was before."""
    if row.read_at is not None:
        return None
    return update(Notification).where(Notification.id == row.id).values(read_at=clock.now())


def mark_read(user: User, *, up_to: int) -> None:
    """Take an account's lines as read, up to the one with this id: what came since the page was shown was not seen."""
    mine = Notification.user_id == user.id, Notification.read_at.is_(None), Notification.id <= up_to
    db.session.execute(update(Notification).where(*mine).values(read_at=clock.now()))
