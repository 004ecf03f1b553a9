"""Registering: nothing is an account until the mailed link was used, and nobody learns whether an address has one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from blueprints.auth.account_log import Origin, note
from blueprints.auth.models import Deed, Registration, Role, User
from blueprints.auth.names import NameTaken, is_free
from blueprints.auth.passwords import is_password
from blueprints.auth.tries import Tries
from core import clock, throttle
from core.database import db
from core.errors import DomainError, LinkDead
from core.forms import email_key
from core.i18n import _, language, ngettext
from core.jobs import housekeeping, queue
from core.mail import Letter, site_link, writes
from core.text import name_key
from core.throttle import Limit
from core.tokens import hash_of, letter_token, new_token, same

HOLD = timedelta(days=3)
LETTERS_PER_ADDRESS = Limit(3, 30 * 24 * 3600)
MAILED_PROOFS_PER_ADDRESS = Limit(1, 24 * 3600)
MAILED_PROOFS_PER_BLOCK = Limit(5, 3600)
PER_BLOCK, PER_BLOCK_WITH_WORK = Limit(10, 3600), Limit(60, 3600)
UNEASY_FROM = 5


def may_register(address_block: str, proof: str, *, with_work: bool) -> None:
    """Count a registration from an address block, the same `proof` once; a browser that did some work may more often.

    Raises TooManyRequests.
    """

    def words(wait: int) -> str:
        return str(
            ngettext(
                "这个网络里注册得太多了，请 %(num)s 分钟后再试。",
                "这个网络里注册得太多了，请 %(num)s 分钟后再试。",
                -(-wait // 60),
            )
        )

    throttle.demand(
        f"registrations:{address_block}", [PER_BLOCK_WITH_WORK if with_work else PER_BLOCK], words, mark=hash_of(proof)
    )


def is_uneasy(address_block: str) -> bool:
    """Tell whether so many registered from an address block within the hour that a browser is asked to do some work."""
    return throttle.count(f"registrations:{address_block}", PER_BLOCK.seconds) >= UNEASY_FROM


def may_mail_proof(email: str, address_block: str) -> bool:
    """Count a letter that stands for the captcha and tell whether it may be written; the page never tells."""
    return (
        throttle.take(f"mailed-proof-block:{address_block}", [MAILED_PROOFS_PER_BLOCK]) == 0
        and throttle.take(f"mailed-proof:{email_key(email)}", [MAILED_PROOFS_PER_ADDRESS]) == 0
    )


def may_write_to(email: str, proof: str) -> bool:
    """Count a registration letter and tell whether the address may get it; asked before the write transaction.

    Whoever asks for one too many gets the same answer and changes nothing: the last link sent goes on working. The same
    `proof` (the challenge that was answered) counts once.
    """
    return throttle.take(f"registration:{email_key(email)}", [LETTERS_PER_ADDRESS], mark=hash_of(proof)) == 0


def register(username: str, email: str, password_hash: str, browser: str) -> None:
    """Hold the name and queue the letter, for a known address just the same.

    A newer registration of one address replaces the older. Raises NameTaken.
    """
    key = email_key(email)
    if not is_free(username, key):
        raise NameTaken(username)
    seed = new_token()
    try:
        with db.session.begin_nested():
            out_of_the_way = or_(Registration.email_key == key, Registration.expires_at <= clock.now())
            db.session.execute(delete(Registration).where(Registration.used_at.is_(None), out_of_the_way))
            held = Registration(
                username=username,
                username_key=name_key(username),
                email=email,
                email_key=key,
                password_hash=password_hash,
                token_hash=hash_of(letter_token("confirm", seed)),
                browser_hash=hash_of(browser),
                expires_at=clock.now() + HOLD,
            )
            db.session.add(held)
            db.session.flush()
    except IntegrityError:
        raise NameTaken(username) from None
    queue("registration", {"seed": seed}, about=hash_of(key))


@writes("registration")
def registration_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Write the letter with the link, or tell the owner of a known address that somebody tried to register it."""
    token = letter_token("confirm", payload["seed"])
    held = db.session.scalar(select(Registration).where(Registration.token_hash == hash_of(token)))
    if held is None or held.used_at is not None or held.expires_at <= clock.now():
        return None
    owner = db.session.scalar(select(User).where(User.email_key == held.email_key))
    if owner is not None:
        forgot = site_link("recovery.forgot_password")
        return Letter(owner.email, "already_registered", {"username": owner.username}, forgot, owner.language)
    link = site_link("registration.confirm", token=token)
    return Letter(held.email, "registration", {"username": held.username}, link=link)


def registration_of(token: str) -> Registration:
    """Return the registration a link belongs to. Raises LinkDead."""
    held = db.session.scalar(select(Registration).where(Registration.token_hash == hash_of(token)))
    if held is not None and held.used_at is not None:
        raise LinkDead(_("这个链接已经用过了。"), again="auth.login")
    if held is None or held.expires_at <= clock.now():
        raise LinkDead(_("这个链接已经失效。"), again="registration.register")
    return held


def is_from(held: Registration, browser: str) -> bool:
    """Tell whether it was this browser that registered; elsewhere the password is asked for.

    Whoever types a stranger's address would else have the stranger confirm an account whose password they know.
    """
    return held.browser_hash is not None and same(held.browser_hash, hash_of(browser))


def check_registered_password(held: Registration, password: str, origin: Origin) -> None:
    """Ask for the password the registration was made with. Raises DomainError, TooManyRequests, Busy."""
    tries = Tries(hash_of(f"registration {held.id}"), origin.address_block)
    tries.take(has_been_here=True)
    if not is_password(held.password_hash, password):
        tries.failed()
        raise DomainError(_("密码不对。要是这不是你的注册，重新注册一次就好。"), field="password")
    tries.take_back()


def confirm(token: str, origin: Origin) -> User:
    """Make the account of a registration and use its link up. Raises LinkDead."""
    held = registration_of(token)
    user = User(
        username=held.username,
        username_key=held.username_key,
        email=held.email,
        email_key=held.email_key,
        password_hash=held.password_hash,
        language=language(),
    )
    held.used_at, held.username_key, held.email_key, held.password_hash = clock.now(), None, None, ""
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        raise LinkDead(_("这个链接已经失效。"), again="registration.register") from None
    note(Deed.REGISTERED, user, origin)
    return user


def create_user(username: str, email: str, password_hash: str | None, role: Role) -> User:
    """Make an account at the owner's word, its address taken as proved. Raises NameTaken, DomainError when the address has one."""
    if not is_free(username, email_key(email), may_sign=role.may_publish):
        raise NameTaken(username)
    if db.session.scalar(select(User.id).where(User.email_key == email_key(email))):
        raise DomainError(_("这个邮箱已经有账号了。"), field="email")
    user = User(
        username=username,
        username_key=name_key(username),
        email=email,
        email_key=email_key(email),
        password_hash=password_hash,
        role=role,
    )
    db.session.add(user)
    db.session.flush()
    return user


@housekeeping
def forget_old_registrations() -> None:
    """Drop registrations whose links have been dead for a month."""
    db.session.execute(delete(Registration).where(Registration.expires_at < clock.now() - timedelta(days=30)))
