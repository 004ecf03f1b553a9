"""Getting back in: a letter with a link that works once, within 30 minutes of its leaving, for whoever has an account.

The request does the same for every address; the worker finds out whether there is an account (OWASP, Forgot Password).
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from blueprints.auth.models import LoginSession, PasswordReset, User
from core import clock, throttle
from core.config import settings
from core.database import db
from core.errors import LinkDead
from core.forms import email_key
from core.i18n import _
from core.jobs import housekeeping, queue
from core.mail import Letter, site_link, writes
from core.throttle import Limit
from core.tokens import hash_of, letter_token, new_token

log = logging.getLogger("zhishang.login")

LIFE = timedelta(minutes=30)
PER_DAY = 5
PER_BLOCK = Limit(20, 3600)


def may_reset(email: str, address_block: str) -> bool:
    """Count a reset letter and tell whether it may be sent; asked before the write transaction, the page never tells."""
    limits = [Limit(settings().resets_per_hour, 3600), Limit(max(PER_DAY, settings().resets_per_hour), 24 * 3600)]
    return (
        throttle.take(f"reset-block:{address_block}", [PER_BLOCK]) == 0
        and throttle.take(f"reset:{email_key(email)}", limits) == 0
    )


def request_reset(email: str) -> None:
    """Queue the question whether this address has an account and is to get a letter."""
    queue("password_reset", {"email_key": email_key(email), "seed": new_token()}, about=hash_of(email_key(email)))


@writes("password_reset")
def reset_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Make the link and write the letter to the stored address. The newest link replaces older ones."""
    user = db.session.scalar(select(User).where(User.email_key == payload["email_key"], User.is_disabled.is_(False)))
    if user is None:
        return None
    token = letter_token("reset", payload["seed"])
    db.session.execute(delete(PasswordReset).where(PasswordReset.token_hash == hash_of(token)))
    older = update(PasswordReset).where(PasswordReset.user_id == user.id, PasswordReset.expires_at > clock.now())
    db.session.execute(older.values(expires_at=clock.now()))
    db.session.add(PasswordReset(user_id=user.id, token_hash=hash_of(token), expires_at=clock.now() + LIFE))
    return Letter(
        user.email, "password_reset", {"username": user.username}, link=site_link("auth.reset_password", token=token)
    )


def reset_of(token: str) -> PasswordReset:
    """Return what a link may reset. Raises LinkDead."""
    found = db.session.scalar(select(PasswordReset).where(PasswordReset.token_hash == hash_of(token)))
    if found is not None and found.used_at is not None:
        raise LinkDead(_("这个链接已经用过了。"), again="auth.forgot_password")
    if found is None or found.user.is_disabled:
        raise LinkDead(_("这个链接已经失效。"), again="auth.forgot_password")
    if found.expires_at <= clock.now():
        raise LinkDead(_("链接超过 30 分钟，失效了。"), again="auth.forgot_password")
    return found


def reset_password(token: str, password_hash: str) -> User:
    """Set the new password, use the link up, end all sessions and tell the owner by letter. Raises LinkDead."""
    found = reset_of(token)
    used = update(PasswordReset).where(PasswordReset.id == found.id, PasswordReset.used_at.is_(None))
    if db.session.execute(used.values(used_at=clock.now()).returning(PasswordReset.id)).first() is None:
        raise LinkDead(
            _("这个链接已经用过了。"), again="auth.forgot_password"
        )  # somebody was first, at the same moment
    found.user.password_hash = password_hash
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == found.user_id))
    queue("password_changed", {"user": found.user_id})
    log.info("password of account %s reset by mailed link", found.user_id)
    return found.user


@writes("password_changed")
def password_changed_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell the owner of an account that its password is a new one."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    return Letter(user.email, "password_changed", {"username": user.username}, link=site_link("auth.forgot_password"))


@housekeeping
def forget_old_resets() -> None:
    """Drop links that have been dead for a month."""
    db.session.execute(delete(PasswordReset).where(PasswordReset.expires_at < clock.now() - timedelta(days=30)))
