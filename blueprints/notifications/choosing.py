"""What an account chooses about its letters beyond single subscriptions."""

from sqlalchemy.exc import IntegrityError

from blueprints.auth.models import User
from blueprints.notifications.models import Frequency, NotificationChoice
from core.database import db


def stored_choice(user: User) -> NotificationChoice:
    """Return the stored row of what an account chose, made with the defaults where it never chose."""
    if (found := db.session.get(NotificationChoice, user.id, with_for_update=True)) is not None:
        return found
    made = NotificationChoice(user_id=user.id)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:  # made by somebody else at this moment
        return db.session.get_one(NotificationChoice, user.id, with_for_update=True)
    return made


def choose(user: User, **frequencies: Frequency) -> None:
    """Set how often letters of these kinds are wanted: `answers`, `own_articles`, `decisions`, `waiting`."""
    row = stored_choice(user)
    for kind, frequency in frequencies.items():
        setattr(row, kind, frequency)
