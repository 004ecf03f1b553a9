"""Whether a name and a password belong together. It takes as long, and says the same, for a name that is nobody's."""

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from blueprints.auth.account_log import Origin, note
from blueprints.auth.models import Deed, LogEntry, User
from blueprints.auth.passwords import is_password
from blueprints.auth.tries import Tries, forget_failures
from core import clock
from core.config import settings
from core.database import db
from core.errors import Busy, DomainError, NotAllowed
from core.forms import EMAIL_MAX, email_key
from core.i18n import _, day
from core.text import name_key
from core.tokens import hash_of


class WrongPassword(DomainError):
    """One message for every cause: no such account, no password, a wrong one."""

    field = "username"


class AccountPaused(NotAllowed):
    """Told to whoever has the right password, and to nobody else."""


@dataclass(frozen=True)
class Attempt:
    """One password that was tried: whose account it was for, and whether it was right."""

    user_id: int | None
    is_right: bool
    origin: Origin
    checked_hash: str | None


def try_password(username: str, password: str, origin: Origin, *, is_logged_in: bool = False) -> Attempt:
    """Try a password for a user name or an address; slow, and nothing is written but the count of tries.

    Tries are counted under what was typed, folded, and never under the account: a name and an address that share a count,
    or spellings that do not, would tell that they belong together. Raises TooManyRequests, Busy.
    """
    user = account_of(username)
    user_id, stored = (user.id, user.password_hash) if user is not None else (None, None)
    may_be_known = is_logged_in or _has_been_here(user_id, origin.address_block)
    tries = Tries(folded(username), origin.address_block)
    tries.take(has_been_here=may_be_known)
    try:
        is_right = is_password(stored, password)
    except Busy:
        tries.take_back()
        raise
    if is_right:
        tries.succeeded()
    else:
        tries.failed()
    return Attempt(user_id, is_right, origin, stored)


def check_own_password(user: User, password: str, origin: Origin, field: str = "present") -> str | None:
    """Ask whoever is logged in for their password again, and return the hash it was compared with.

    Raises DomainError at `field`, TooManyRequests, Busy.
    """
    if user.password_hash is None:
        raise DomainError(_("这个账号还没有密码。请先用“忘记密码了？”设置一个。"), field=field)
    attempt = try_password(user.username, password, origin, is_logged_in=True)
    if not attempt.is_right:
        raise DomainError(_("密码不对。"), field=field)
    return attempt.checked_hash


def folded(username: str) -> str:
    """Return what two spellings of a user name, or of an address, share."""
    return hash_of(email_key(username) if "@" in username else name_key(username[:EMAIL_MAX]))


def forgive(user: User) -> None:
    """Forget the failures in a row: the owner has proved to be one by letter. What was done by letter is done without it."""
    with suppress(Busy):
        forget_failures(folded(user.username))
        forget_failures(folded(user.email))


def accept(attempt: Attempt) -> User:
    """Return the account of a right password, a failure noted otherwise; the caller commits in each case.

    Raises WrongPassword, AccountPaused.
    """
    user = db.session.get(User, attempt.user_id or 0)  # nobody's row is looked for, too: that takes its time
    if user is None or not attempt.is_right or user.password_hash != attempt.checked_hash:
        note(Deed.LOGIN_FAILED, user, attempt.origin)
        raise WrongPassword(_("用户名或密码不对。"))
    refuse_paused(user)
    return user


def refuse_paused(user: User) -> None:
    """Raise AccountPaused with the reason, until when, and whom to ask."""
    if not user.is_paused:
        return
    until = day(user.paused_until) if user.paused_until else None
    words = _("账号停用到 %(day)s。", day=until) if until else _("账号已停用。")
    raise AccountPaused(
        f"{words}{_('理由：%(reason)s。', reason=user.pause_reason or '—')}{_('有疑问请联系 %(contact)s。', contact=settings().contact)}"
    )


def account_of(username: str) -> User | None:
    """Return the account with this user name or address, None when there is none."""
    if len(username) > EMAIL_MAX:
        return None
    named = User.email_key == email_key(username) if "@" in username else User.username_key == name_key(username)
    return db.session.scalar(select(User).where(named))


def _has_been_here(user_id: int | None, block: str) -> bool:
    """Tell whether the account was logged in from this address block in the last 90 days; asked for nobody's names, too."""
    before = select(LogEntry.id).where(
        LogEntry.user_id == (user_id or 0),
        LogEntry.deed == Deed.LOGGED_IN,
        LogEntry.address_block == block,
        LogEntry.created_at <= clock.now(),
    )
    return db.session.scalar(before.limit(1)) is not None
