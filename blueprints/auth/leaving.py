"""Leaving, coming back within seven days, and being erased after them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from blueprints.auth.account_log import Origin, note
from blueprints.auth.events import account_erased
from blueprints.auth.models import Deed, LoginSession, Registration, User
from core import clock
from core.database import db
from core.jobs import housekeeping, queue
from core.mail import Letter, site_link, writes

RETURN = timedelta(days=7)


def leave(user: User, origin: Origin) -> None:
    """Begin the seven days after which the account is erased; its sessions end now."""
    user.leaves_at = clock.now() + RETURN
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    queue("leaving", {"user": user.id})
    note(Deed.LEAVING, user, origin)


@writes("leaving")
def leaving_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell the owner until when logging in brings the account back."""
    user = db.session.get(User, payload["user"])
    if user is None or user.leaves_at is None:
        return None
    values = {"username": user.username, "leaves_at": user.leaves_at}
    return Letter(user.email, "leaving", values, site_link("auth.login"), user.language)


def come_back(user: User, origin: Origin) -> None:
    """Bring an account back that was about to be erased."""
    user.leaves_at = None
    note(Deed.RETURNED, user, origin)


@housekeeping
def erase_the_gone() -> None:
    """Erase the accounts whose seven days are over; their replies stay, signed with no name."""
    for user in db.session.scalars(select(User).where(User.leaves_at <= clock.now())).all():
        erase_account(user)


def erase_account(user: User) -> None:
    """Erase an account now and for good; its replies stay, signed with no name."""
    account_erased.send(user)
    db.session.execute(delete(Registration).where(Registration.email == user.email))
    db.session.delete(user)
    db.session.flush()
