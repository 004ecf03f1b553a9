"""The browsers an account is logged in with: which they are, and ending them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from blueprints.auth.account_log import Origin, note
from blueprints.auth.models import Deed, LogEntry, LoginSession, User
from core import clock
from core.database import db
from core.errors import NotFound
from core.i18n import _
from core.jobs import housekeeping, queue
from core.mail import Letter, site_link, writes


def end_session(user: User, session_id: int, origin: Origin) -> None:
    """End one of the account's sessions. Raises NotFound."""
    mine = delete(LoginSession).where(LoginSession.id == session_id, LoginSession.user_id == user.id)
    if db.session.execute(mine.returning(LoginSession.id)).first() is None:
        raise NotFound(_("这个登录已经结束了。"))
    note(Deed.SESSION_ENDED, user, origin)


def end_other_sessions(user: User, token_hash: str, origin: Origin) -> None:
    """End all of the account's sessions but the one with this token."""
    others = delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.token_hash != token_hash)
    db.session.execute(others)
    note(Deed.SESSION_ENDED, user, origin)


def note_login(user: User, origin: Origin) -> None:
    """Note that somebody logged in, and write to the owner when neither browser nor network was seen with the account before."""
    past = db.session.execute(
        select(LogEntry.device, LogEntry.address_block).where(
            LogEntry.user_id == user.id, LogEntry.deed == Deed.LOGGED_IN
        )
    ).all()
    is_new = past and not any(origin.device == device or origin.address_block == block for device, block in past)
    note(Deed.LOGGED_IN, user, origin)
    if is_new and user.tells_new_devices:
        queue("new_device", {"user": user.id, "device": origin.device, "at": clock.timestamp()})


@writes("new_device")
def new_device_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell the owner that somebody logged in from somewhere new."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    values = {
        "username": user.username,
        "device": payload["device"],
        "at": clock.at(payload["at"]),
    }
    return Letter(user.email, "new_device", values, site_link("recovery.forgot_password"), user.language)


@housekeeping
def forget_old_sessions() -> None:
    """Drop sessions that have ended by themselves."""
    db.session.execute(delete(LoginSession).where(LoginSession.expires_at < clock.now()))
