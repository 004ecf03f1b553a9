"""What can be asked about accounts."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import selectinload

from blueprints.auth.models import (
    AddressChange,
    Deed,
    LogEntry,
    LoginSession,
    Role,
    User,
)
from core import clock
from core.database import LARGEST_ID, db
from core.errors import NotFound
from core.forms import EMAIL_MAX, email_key
from core.i18n import _
from core.paging import Page, cut
from core.text import has_unprintable, name_key, tidy_name

PEOPLE_PER_PAGE = 50
ENTRIES_SHOWN = 50


def sessions_of(user: User) -> Sequence[LoginSession]:
    """Return the account's open sessions, the latest seen first."""
    now = clock.now()
    mine = select(LoginSession).where(
        LoginSession.user_id == user.id,
        LoginSession.expires_at > now,
        LoginSession.seen_at >= now - user.role.idle,
        LoginSession.awaits_factor.is_(False),
    )
    return db.session.scalars(mine.order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())).all()


def log_of(user: User, limit: int = ENTRIES_SHOWN) -> Sequence[LogEntry]:
    """Return the latest entries of the account's log, newest first; failures are at most a fifth of them.

    A stranger who fails often shall not push what matters out of sight.
    """
    mine = select(LogEntry).where(LogEntry.user_id == user.id).options(selectinload(LogEntry.actor))
    newest = mine.order_by(LogEntry.id.desc())
    failures = db.session.scalars(newest.where(LogEntry.deed == Deed.LOGIN_FAILED).limit(limit // 5)).all()
    others = db.session.scalars(newest.where(LogEntry.deed != Deed.LOGIN_FAILED).limit(limit)).all()
    return sorted([*failures, *others], key=lambda entry: entry.id, reverse=True)[:limit]


def pending_address(user: User) -> AddressChange | None:
    """Return the address that waits to be proved, None when none does."""
    return db.session.scalar(
        select(AddressChange).where(
            AddressChange.user_id == user.id, AddressChange.used_at.is_(None), AddressChange.expires_at > clock.now()
        )
    )


def user_by_id(user_id: int) -> User:
    """Return an account. Raises NotFound."""
    user = db.session.get(User, user_id) if 0 < user_id <= LARGEST_ID else None
    if user is None:
        raise NotFound(_("没有这个人。"))
    return user


def people(wanted: str = "", role: str = "", before: int | None = None) -> Page[User]:
    """Return accounts, the newest first: those whose name or address begins with `wanted`, with this role, older than the id `before`."""
    query = select(User)
    if wanted := tidy_name(wanted):
        query = query.where(_begins_with(wanted))
    if role in {one.value for one in Role}:
        query = query.where(User.role == Role(role))
    if before is not None and 0 < before <= LARGEST_ID:
        query = query.where(User.id < before)
    found = db.session.scalars(query.order_by(User.id.desc()).limit(PEOPLE_PER_PAGE + 1)).all()
    return cut(found, PEOPLE_PER_PAGE, has_earlier=before is not None)


def _begins_with(wanted: str) -> ColumnElement[bool]:
    """What nobody's name or address can hold finds nobody; it never reaches the database."""
    key = name_key(wanted[: EMAIL_MAX + 1])
    if not key or len(wanted) > EMAIL_MAX or has_unprintable(wanted):
        return false()
    return or_(
        User.username_key.startswith(key, autoescape=True),
        User.email_key.startswith(email_key(wanted), autoescape=True),
    )


def has_administrator() -> bool:
    """Tell whether anybody may configure the site."""
    return db.session.scalar(select(User.id).where(User.role == Role.ADMINISTRATOR).limit(1)) is not None
