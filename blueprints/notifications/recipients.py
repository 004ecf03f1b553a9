"""Who may be written to, and whether they still want this letter: asked when a letter leaves, not when it was wished for."""

from sqlalchemy import ColumnElement, and_, or_

from blueprints.auth.models import Role, User
from blueprints.comments.models import Comment, GuestAddress
from blueprints.notifications.models import VERDICTS, Frequency, Notification, Why
from blueprints.notifications.queries import choice_of
from core import clock

MODERATORS = (Role.MODERATOR, Role.ADMINISTRATOR)


def reach(user: User | None, address: GuestAddress | None) -> tuple[str, str] | None:
    """Return address and language of somebody who may be written to: an account, or a guest whose address is proved."""
    if user is not None:
        is_here = user.leaves_at is None and not user.is_paused
        return (user.email, user.language) if is_here else None
    if address is None or address.proved_at is None or address.stopped_at is not None:
        return None
    return address.email, address.language


def here() -> ColumnElement[bool]:
    """The accounts that are neither paused nor leaving."""
    is_paused = and_(User.paused_at.is_not(None), or_(User.paused_until.is_(None), User.paused_until > clock.now()))
    return and_(User.leaves_at.is_(None), ~is_paused)


def asked_for_letters(comment: Comment) -> bool:
    """Tell whether its writer asked for letters; a guest's tick counts once the address was shown to be theirs for this very reply."""
    return comment.notify and (comment.user_id is not None or comment.notify_since is not None)


def is_wanted(row: Notification) -> bool:
    """Tell whether its letter is still wanted: what it came from was neither ended nor made silent since."""
    if row.why in (Why.ARTICLE, Why.THREAD, Why.PERSON):
        return row.subscription is not None and row.subscription.frequency is not Frequency.NEVER
    if row.user is None:
        asked = row.comment if row.why in VERDICTS else row.comment and row.comment.parent
        return asked is not None and asked_for_letters(asked)
    choice = choice_of(row.user)
    if row.why is Why.OWN_ARTICLE:
        return choice.own_articles is not Frequency.NEVER
    if row.why in VERDICTS:
        return choice.decisions is not Frequency.NEVER
    asked = row.comment and row.comment.parent
    return asked is not None and asked_for_letters(asked) and choice.answers is not Frequency.NEVER
