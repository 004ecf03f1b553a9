"""A well-formed password whose form had another error: kept as a hash for a while, so that it is typed once."""

from datetime import timedelta

from sqlalchemy import delete, func, select

from blueprints.auth.models import KeptPassword
from core import clock, throttle
from core.database import db
from core.jobs import housekeeping
from core.throttle import Limit
from core.tokens import new_token, short_mac

LIFE = timedelta(minutes=15)
ROWS_MAX = 1000
PER_BLOCK = Limit(30, 600)


def may_keep(address_block: str) -> bool:
    """Count a password to be hashed for keeping and tell whether it may be; whoever asks too often types it again."""
    return throttle.take(f"kept-password:{address_block}", [PER_BLOCK]) == 0


def keep_password(password_hash: str, kind: str, browser: str) -> str:
    """Keep a hash for 15 minutes and return the token that finds it again, in the same browser and kind of form only."""
    forget_old_passwords()
    too_many = (db.session.scalar(select(func.count()).select_from(KeptPassword)) or 0) - ROWS_MAX + 1
    if too_many > 0:
        oldest = select(KeptPassword.key).order_by(KeptPassword.expires_at).limit(too_many)
        db.session.execute(delete(KeptPassword).where(KeptPassword.key.in_(oldest)))
    token = new_token()
    row = KeptPassword(key=_key(token, kind, browser), password_hash=password_hash, expires_at=clock.now() + LIFE)
    db.session.add(row)
    return token


def kept_password(token: str, kind: str, browser: str) -> str | None:
    """Return the hash kept under this token, None when there is none (any more)."""
    row = db.session.get(KeptPassword, _key(token, kind, browser)) if token else None
    return row.password_hash if row is not None and row.expires_at > clock.now() else None


def drop_password(token: str, kind: str, browser: str) -> None:
    """Forget what was kept under this token."""
    db.session.execute(delete(KeptPassword).where(KeptPassword.key == _key(token, kind, browser)))


def _key(token: str, kind: str, browser: str) -> str:
    return short_mac("kept-password", kind, browser, token)


@housekeeping
def forget_old_passwords() -> None:
    """Drop what was kept long enough."""
    db.session.execute(delete(KeptPassword).where(KeptPassword.expires_at <= clock.now()))
