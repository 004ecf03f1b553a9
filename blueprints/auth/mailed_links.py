"""Links that are mailed to an account's own address: one use, 30 minutes, and six digits for the browser that asked.

The request does the same for every address; the worker finds out whether there is an account (OWASP, Forgot Password).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from blueprints.auth.models import MailedLink, User
from core import clock, throttle
from core.config import settings
from core.database import db
from core.errors import DomainError, LinkDead
from core.forms import email_key
from core.i18n import _, ngettext
from core.jobs import housekeeping, queue
from core.throttle import Limit
from core.tokens import hash_of, letter_token, mac, new_token, short_mac

LIFE = timedelta(minutes=30)
LETTERS_PER_DAY = 5
LETTERS_PER_BLOCK = Limit(20, 3600)
CODE_DIGITS = 6
CODE_TRIES = Limit(5, 30 * 60)
JOBS = {"reset": "password_reset", "login": "login_link"}
AGAIN = {"reset": "recovery.forgot_password", "login": "auth.login_by_mail"}


class WrongCode(DomainError):
    """One message for every cause: a wrong number, an old one, a letter that was never sent."""

    field = "code"


def may_ask(kind: str, address_block: str) -> bool:
    """Count a wish for a letter against the address block's limit; the page never tells."""
    return throttle.take(f"{kind}-block:{address_block}", [LETTERS_PER_BLOCK]) == 0


def may_write(kind: str, email: str) -> bool:
    """Count a wish against the address's limits and tell whether a letter may follow."""
    hourly = settings().resets_per_hour
    limits = [Limit(hourly, 3600), Limit(max(LETTERS_PER_DAY, hourly), 24 * 3600)]
    return throttle.take(f"{kind}:{email_key(email)}", limits) == 0


def ask_for_link(kind: str, email: str, *, may: bool = True, browser: str = "", address_block: str = "") -> None:
    """Queue the question whether this address has an account and is to get a letter.

    Beyond the address's limit the row is written just the same, so that nothing shows it, and no letter follows.
    """
    key = email_key(email)
    payload = {
        "email_key": key,
        "seed": new_token(),
        "browser_hash": hash_of(browser) if browser else None,
        "address_block": address_block,
        "may": may,
    }
    queue(JOBS[kind], payload, about=hash_of(key) if may else None)


@dataclass(frozen=True)
class Made:
    """A link for a letter: whose, its token, its digits (none for a wish from the command line), whether it is new."""

    user: User
    token: str
    code: str
    is_new: bool


def make_link(kind: str, payload: Mapping[str, Any]) -> Made | None:
    """Return the link for a queued wish, None when nobody gets a letter.

    The newest link replaces older ones. Made when the letter leaves, each time it is tried.
    """
    user = db.session.scalar(select(User).where(User.email_key == payload["email_key"]))
    if user is None or not payload.get("may", True):
        return None
    token, browser_hash = letter_token(kind, payload["seed"]), payload.get("browser_hash")
    code = _digits(kind, payload["seed"]) if browser_hash else ""
    letter_hash = hash_of(token)
    link = db.session.scalar(select(MailedLink).where(MailedLink.letter_hash == letter_hash))
    if link is None:
        void_links(user, kind)
        link = MailedLink(kind=kind, user_id=user.id, token_hash=letter_hash, letter_hash=letter_hash)
        if browser_hash:
            link.browser_hash, link.code_hash = browser_hash, _code_hash(kind, browser_hash, code)
        db.session.add(link)
        return _leaving(link, Made(user, token, code, is_new=True))
    if link.used_at is not None or link.token_hash != letter_hash:
        return None  # an earlier copy of the letter arrived and did its work
    if link.created_at < clock.now() - LIFE:
        link.code_hash, code = None, ""  # digits that wait for their letter longer could be guessed for longer
    return _leaving(link, Made(user, token, code, is_new=False))


def _leaving(link: MailedLink, made: Made) -> Made:
    """Let the 30 minutes begin when the letter leaves."""
    link.expires_at = clock.now() + LIFE
    return made


def void_links(user: User, kind: str | None = None) -> None:
    """Let the account's links that were mailed before, of one kind or all, work no more."""
    older = update(MailedLink).where(MailedLink.user_id == user.id, MailedLink.expires_at > clock.now())
    if kind is not None:
        older = older.where(MailedLink.kind == kind)
    db.session.execute(older.values(expires_at=clock.now(), code_hash=None))


def link_of(kind: str, token: str) -> MailedLink:
    """Return what a token opens. Raises LinkDead."""
    found = db.session.scalar(
        select(MailedLink).where(MailedLink.token_hash == hash_of(token), MailedLink.kind == kind)
    )
    if found is None:
        raise LinkDead(_("这个链接已经失效。"), again=AGAIN[kind])
    if found.used_at is not None:
        raise LinkDead(_("这个链接已经用过了。"), again=AGAIN[kind])
    if found.expires_at <= clock.now():
        raise LinkDead(_("链接超过 30 分钟，失效了。"), again=AGAIN[kind])
    return found


def count_code_try(kind: str, browser: str) -> None:
    """Count one try at the digits; asked before the write transaction. Raises TooManyRequests."""

    def words(wait: int) -> str:
        return str(
            ngettext(
                "试得太多了，请 %(num)s 分钟后再试，或者用信里的链接。",
                "试得太多了，请 %(num)s 分钟后再试，或者用信里的链接。",
                -(-wait // 60),
            )
        )

    throttle.demand(f"{kind}-code:{hash_of(browser)}", [CODE_TRIES], words)


def link_by_code(kind: str, code: str, browser: str) -> MailedLink:
    """Return the link whose letter carried these digits, in the browser that asked for it. Raises WrongCode."""
    browser_hash = hash_of(browser)
    found = db.session.scalar(
        select(MailedLink).where(
            MailedLink.browser_hash == browser_hash,
            MailedLink.kind == kind,
            MailedLink.code_hash == _code_hash(kind, browser_hash, code),
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > clock.now(),
        )
    )
    if found is None:
        raise WrongCode(_("数字不对，或者已经过期。请看最新的一封信。"))
    return found


def renew_token(link: MailedLink) -> str:
    """Give a link that was found by its digits a token to go on with; the letter's own is dead from now on."""
    token = new_token()
    link.token_hash, link.code_hash = hash_of(token), None
    return token


def use_link(link: MailedLink) -> None:
    """Use a link up; of several at the same moment the database lets one. Raises LinkDead."""
    used = update(MailedLink).where(MailedLink.id == link.id, MailedLink.used_at.is_(None))
    if db.session.execute(used.values(used_at=clock.now(), code_hash=None).returning(MailedLink.id)).first() is None:
        raise LinkDead(_("这个链接已经用过了。"), again=AGAIN[link.kind])


def _digits(kind: str, seed: str) -> str:
    return f"{int.from_bytes(mac(f'code:{kind}', seed)) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def _code_hash(kind: str, browser_hash: str, code: str) -> str:
    """A MAC under the site's key: a million digits are tried in no time by whoever holds a copy of the database."""
    return short_mac("mailed-code", kind, browser_hash, code)


@housekeeping
def forget_old_links() -> None:
    """Drop links that have been dead for a month."""
    db.session.execute(delete(MailedLink).where(MailedLink.expires_at < clock.now() - timedelta(days=30)))
