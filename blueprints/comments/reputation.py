"""What an account, or an address somebody proved, has behind it: the newest replies, and what became of them.

A typed address has none: whoever guesses it would write under another's good name.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select

from blueprints.comments.drafts import Draft
from blueprints.comments.models import Comment, Status
from blueprints.comments.thread_queries import Whose
from core.database import db
from core.forms import email_key

NEWEST = 50
ENOUGH, MANY = 3, 10  # public replies from which on a name counts


def proved(draft: Draft, whose: Whose) -> ColumnElement[bool] | None:
    """Return the condition that a reply is by the one who sends this draft, None where they proved nothing."""
    if draft.user_id is not None:
        return Comment.user_id == draft.user_id
    if whose.email_key is not None and whose.email_key == email_key(draft.email or ""):
        return Comment.email_key == whose.email_key
    return None


def counted(theirs: ColumnElement[bool] | None, since: datetime) -> list[ColumnElement[Any]]:
    """Return columns that count somebody's newest replies: `recent` since a moment, `published`, `removed`."""
    if theirs is None:
        return [literal(0).label(name) for name in ("recent", "published", "removed")]
    newest = (
        select(Comment.status, Comment.created_at).where(theirs).order_by(Comment.id.desc()).limit(NEWEST).subquery()
    )
    conditions = {
        "recent": newest.c.created_at > since,
        "published": newest.c.status == Status.PUBLISHED,
        "removed": newest.c.status.in_((Status.REJECTED, Status.SPAM)),
    }
    return [
        select(func.count()).select_from(newest).where(condition).scalar_subquery().label(name)
        for name, condition in conditions.items()
    ]


def is_known(user_id: int, since: datetime) -> bool:
    """Tell whether an account has a good name."""
    counts = db.session.execute(select(*counted(Comment.user_id == user_id, since))).one()
    return bool(counts.published >= ENOUGH and not counts.removed)
