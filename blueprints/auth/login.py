"""Logging in and out. Every log-in is a row under a random token; the cookie only carries the token."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from flask import Flask, Response, flash, request, session
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import delete, select, update

from blueprints.auth.account_log import Origin, note
from blueprints.auth.devices import device_of
from blueprints.auth.leaving import come_back
from blueprints.auth.models import Deed, LoginSession, User
from blueprints.auth.sessions import note_login
from core import clock
from core.config import settings
from core.database import db, write_after
from core.errors import NotAllowed
from core.i18n import _, _l, cookie_name
from core.security import address_block
from core.tokens import hash_of, new_token

LIFE = timedelta(days=30)
IDLE = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=1)
SECOND_STEP = timedelta(minutes=10)

WRITER_COOKIE = "writer"
AWAITING = "awaiting"
GUEST = "guest"

log = logging.getLogger("zhishang.login")


@dataclass(frozen=True)
class Visitor:
    """Whoever asks. `writer_token` is the cookie of a guest who posted from this browser before, `guest_token` that of one who
    opened the link of a letter in it.
    """

    user: User | None
    writer_token: str | None
    guest_token: str | None
    origin: Origin

    @property
    def address_block(self) -> str:
        return self.origin.address_block

    @property
    def may_publish(self) -> bool:
        return self.user is not None and self.user.role.may_publish and not self.lacks_factor

    @property
    def may_moderate(self) -> bool:
        return self.user is not None and self.user.role.may_moderate and not self.lacks_factor

    @property
    def may_configure(self) -> bool:
        return self.user is not None and self.user.role.may_configure and not self.lacks_factor

    @property
    def lacks_factor(self) -> bool:
        """Whether the site demands a second factor of this role and there is none: then the role gives no rights yet."""
        return (
            self.user is not None
            and self.user.role.may_moderate
            and settings().moderators_need_second_factor
            and not self.user.has_second_factor
        )


class LoggedOut(NotAllowed):
    """A form of somebody logged in came after the session had ended."""

    title = _l("登录过期了")
    again = "auth.login"


def open_login(app: Flask) -> None:
    """Tie Flask-Login to our rows; what is noted about a visit is written after the answer."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_user_of)
    app.after_request(_note_visit)


def begin_login(user: User, *, remember: bool) -> bool:
    """Log in, or begin the second step where the account has one. Returns whether somebody is logged in now."""
    if not user.has_second_factor:
        sign_in(user, remember=remember)
        return True
    token = _new_session(user, remember=remember, life=SECOND_STEP, awaits_factor=True)
    session[AWAITING] = token
    return False


def awaiting() -> LoginSession | None:
    """Return the log-in of this browser that awaits its second step, None when there is none (any more)."""
    mine = select(LoginSession).where(
        LoginSession.token_hash == hash_of(str(session.get(AWAITING, ""))),
        LoginSession.expires_at > clock.now(),
        LoginSession.awaits_factor.is_(True),
    )
    found = db.session.scalar(mine)
    return None if found is None or found.user.is_paused else found


def sign_in(user: User, *, remember: bool) -> None:
    """Begin a session: a new random token, its hash a row, itself in the cookie. Flask's own session is emptied first.

    Whoever was about to leave has come back by it.
    """
    _end_this_browsers()
    token = _new_session(user, remember=remember, life=LIFE if remember else IDLE)
    session.clear()
    session.permanent = remember
    user.session_token = token
    if user.leaves_at is not None:
        come_back(user, origin())
        flash(_("账号已恢复，不会删除了。"))
    note_login(user, origin())
    login_user(user)


def demand_unchanged(user: User, checked_hash: str | None) -> None:
    """Read session and password again, inside the write transaction: both may have ended while the password was hashed.

    Raises LoggedOut.
    """
    mine = select(LoginSession.id).where(LoginSession.token_hash == session_hash(), LoginSession.user_id == user.id)
    if db.session.scalar(mine) is None or user.password_hash != checked_hash:
        raise LoggedOut(_("登录过期了，没有保存。请登录后再试。"))


def is_remembered() -> bool:
    """Tell whether this browser stays logged in when it is closed."""
    return bool(session.permanent)


def session_hash() -> str:
    """Return what is stored of this browser's session token."""
    return hash_of(str(session.get("_user_id", "")))


def sign_out() -> None:
    """End this browser's session; copies of its cookie are dead with it."""
    if current_user.is_authenticated:
        note(Deed.LOGGED_OUT, cast(User, current_user._get_current_object()), origin())
    _end_this_browsers()
    logout_user()
    session.clear()


def _new_session(user: User, *, remember: bool, life: timedelta, awaits_factor: bool = False) -> str:
    token = new_token()
    row = LoginSession(
        user_id=user.id,
        token_hash=hash_of(token),
        device=origin().device,
        address_block=origin().address_block,
        is_remembered=remember,
        awaits_factor=awaits_factor,
        expires_at=clock.now() + life,
    )
    db.session.add(row)
    return token


def _end_this_browsers() -> None:
    mine = [hash_of(str(session.get(name, ""))) for name in ("_user_id", AWAITING)]
    db.session.execute(delete(LoginSession).where(LoginSession.token_hash.in_(mine)))


def _user_of(token: str) -> User | None:
    now = clock.now()
    found = db.session.scalar(
        select(LoginSession).where(
            LoginSession.token_hash == hash_of(token),
            LoginSession.expires_at > now,
            LoginSession.awaits_factor.is_(False),
        )
    )
    if found is None or found.user.is_paused or found.user.leaves_at is not None:
        return None
    if found.seen_at < now - found.user.role.idle:
        return None
    found.user.session_token = token
    session_was_seen_at = found.seen_at
    if now - session_was_seen_at > SEEN_EVERY:
        request.environ["zhishang.seen"] = found.id
    return found.user


def _note_visit(response: Response) -> Response:
    session_id = request.environ.get("zhishang.seen")
    if session_id is not None:
        write_after(response, update(LoginSession).where(LoginSession.id == session_id).values(seen_at=clock.now()))
    return response


def visitor() -> Visitor:
    """Return who asks: the account logged in, the writer cookie, where they are."""
    user = cast(User, current_user._get_current_object()) if current_user.is_authenticated else None
    return Visitor(user, request.cookies.get(cookie_name(WRITER_COOKIE)), session.get(GUEST), origin())


def origin() -> Origin:
    """Return where the request comes from."""
    return Origin(address_block(request.remote_addr or ""), device_of(request.headers.get("User-Agent", "")))
