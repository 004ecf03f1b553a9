"""Logging in and out. Every log-in is a row under a random token; the cookie only carries the token."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import Flask, Response, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from blueprints.auth.models import LoginSession, User
from blueprints.auth.passwords import is_password
from blueprints.auth.tries import Tries
from core import clock
from core.database import db
from core.errors import DomainError
from core.forms import EMAIL_MAX, email_key
from core.i18n import _, cookie_name
from core.jobs import housekeeping
from core.security import address_block
from core.text import name_key
from core.tokens import hash_of, new_token

LIFE = timedelta(days=30)
IDLE = timedelta(days=14)
MODERATORS_IDLE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)

WRITER_COOKIE = "writer"

log = logging.getLogger("zhishang.login")


@dataclass(frozen=True)
class Visitor:
    """Whoever asks. `writer_token` is the cookie of a guest who posted from this browser before."""

    user: User | None
    writer_token: str | None
    address_block: str

    @property
    def may_moderate(self) -> bool:
        return self.user is not None and self.user.role.may_moderate


class WrongPassword(DomainError):
    """One message for every cause: no such account, no password, a wrong one, a disabled account."""

    field = "username"


def open_login(app: Flask) -> None:
    """Tie Flask-Login to our rows; what is noted about a visit is written after the answer."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_user_of)
    app.after_request(_note_visit)


def authenticate(username: str, password: str, block: str) -> User:
    """Return the account this name (or address) and password belong to.

    Raises WrongPassword, TooManyRequests (for this account from this address block, or for the block; a name that
    does not exist waits just the same), Busy.
    """
    user = _account(username)
    user_id = user.id if user is not None else None
    stored = user.password_hash if user is not None and not user.is_disabled else None
    tries = Tries(f"user {user_id}" if user_id else f"nobody {hash_of(username)}", block)
    tries.take()
    if not is_password(stored, password):
        tries.failed()
        log.info("failed log-in from %s", block)
        raise WrongPassword(_("用户名或密码不对。"))
    tries.take_back()
    log.info("log-in of account %s from %s", user_id, block)
    return db.session.get_one(User, user_id)


def _account(username: str) -> User | None:
    if len(username) > EMAIL_MAX:
        return None
    named = User.email_key == email_key(username) if "@" in username else User.username_key == name_key(username)
    return db.session.scalar(select(User).where(named))


def sign_in(user: User, *, remember: bool) -> None:
    """Begin a session: a new random token, its hash a row, itself in the cookie. Flask's own session is emptied first."""
    _end_this_browsers()
    token = new_token()
    life = LIFE if remember else IDLE
    db.session.add(LoginSession(user_id=user.id, token_hash=hash_of(token), expires_at=clock.now() + life))
    session.clear()
    session.permanent = remember
    user.session_token = token
    login_user(user)


def sign_out() -> None:
    """End this browser's session; copies of its cookie are dead with it."""
    _end_this_browsers()
    log.info("log-out")
    logout_user()
    session.clear()


def _end_this_browsers() -> None:
    db.session.execute(delete(LoginSession).where(LoginSession.token_hash == hash_of(str(session.get("_user_id", "")))))


def _user_of(token: str) -> User | None:
    now = clock.now()
    found = db.session.scalar(
        select(LoginSession).where(LoginSession.token_hash == hash_of(token), LoginSession.expires_at > now)
    )
    if found is None or found.user.is_disabled:
        return None
    if found.seen_at < now - (MODERATORS_IDLE if found.user.role.may_moderate else IDLE):
        return None
    found.user.session_token = token
    session_was_seen_at = found.seen_at
    if now - session_was_seen_at > SEEN_EVERY:
        request.environ["zhishang.seen"] = found.id
    return found.user


def _note_visit(response: Response) -> Response:
    session_id = request.environ.get("zhishang.seen")
    if session_id is not None:
        engine, now = db.engine, clock.now()

        def note() -> None:
            try:
                with engine.begin() as connection:
                    connection.execute(update(LoginSession).where(LoginSession.id == session_id).values(seen_at=now))
            except SQLAlchemyError as problem:
                log.info("a visit was not noted: %s", type(problem).__name__)

        response.call_on_close(note)
    return response


def visitor() -> Visitor:
    """Return who asks: the account logged in, the writer cookie, the address block."""
    user = cast(User, current_user._get_current_object()) if current_user.is_authenticated else None
    return Visitor(user, request.cookies.get(cookie_name(WRITER_COOKIE)), address_block(request.remote_addr or ""))


@housekeeping
def forget_old_sessions() -> None:
    """Drop sessions that have ended by themselves."""
    db.session.execute(delete(LoginSession).where(LoginSession.expires_at < clock.now()))
