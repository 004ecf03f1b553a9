"""Another address for an account: the new one is proved by letter, until then the old one counts, and both are told."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from blueprints.auth.account_log import Origin, note
from blueprints.auth.mailed_links import void_links
from blueprints.auth.models import AddressChange, Deed, LoginSession, User
from blueprints.auth.recovery import request_reset
from blueprints.auth.registration import LETTERS_PER_ADDRESS
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

LIFE, UNDO = timedelta(days=3), timedelta(days=7)
PER_DAY = Limit(5, 24 * 3600)


def may_ask_address(user: User, email: str) -> bool:
    """Count a letter to a new address and tell whether it may be written; the page never tells."""
    return (
        throttle.take(f"address-change:{user.id}", [PER_DAY]) == 0
        and throttle.take(f"registration:{email_key(email)}", [LETTERS_PER_ADDRESS]) == 0
    )


def ask_address(user: User, email: str) -> None:
    """Queue a letter to the new address and one to the present one, which counts until the link was used."""
    seed = new_token()
    older = delete(AddressChange).where(AddressChange.user_id == user.id, AddressChange.used_at.is_(None))
    db.session.execute(older)
    change = AddressChange(
        user_id=user.id,
        email=email,
        email_key=email_key(email),
        token_hash=hash_of(letter_token("address", seed)),
        expires_at=clock.now() + LIFE,
    )
    db.session.add(change)
    db.session.flush()
    queue("address_proof", {"seed": seed})
    queue("address_asked", {"user": user.id, "email": email})


@writes("address_proof")
def address_proof_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Write to the new address; the owner of an account that has it is told that somebody asked for it."""
    token = letter_token("address", payload["seed"])
    change = db.session.scalar(select(AddressChange).where(AddressChange.token_hash == hash_of(token)))
    if change is None or change.used_at is not None or change.expires_at <= clock.now():
        return None
    owner = db.session.scalar(select(User).where(User.email_key == change.email_key))
    if owner is not None and owner.id != change.user_id:
        link = site_link("recovery.forgot_password")
        return Letter(owner.email, "already_registered", {"username": owner.username}, link, owner.language)
    link = site_link("account.prove_email", token=token)
    return Letter(change.email, "address_proof", {"username": change.user.username}, link, change.user.language)


@writes("address_asked")
def address_asked_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell the present address that another one was asked for."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    values = {"username": user.username, "email": payload["email"]}
    return Letter(user.email, "address_asked", values, site_link("recovery.forgot_password"), user.language)


def address_change_of(token: str) -> AddressChange:
    """Return what a link proves. Raises LinkDead."""
    found = db.session.scalar(select(AddressChange).where(AddressChange.token_hash == hash_of(token)))
    if found is not None and found.used_at is not None:
        raise LinkDead(_("这个链接已经用过了。"), again="account.email")
    if found is None or found.expires_at <= clock.now():
        raise LinkDead(_("这个链接已经失效。"), again="account.email")
    return found


def prove_address(token: str, origin: Origin) -> User:
    """Make the new address the account's and tell both. Raises LinkDead."""
    change = address_change_of(token)
    user, old = change.user, change.user.email
    used = update(AddressChange).where(AddressChange.id == change.id, AddressChange.used_at.is_(None))
    try:
        with db.session.begin_nested():
            is_first = db.session.execute(used.values(used_at=clock.now()).returning(AddressChange.id)).first()
            user.email, user.email_key = change.email, change.email_key
    except IntegrityError:
        raise LinkDead(_("这个链接已经失效。"), again="account.email") from None
    if is_first is None:
        raise LinkDead(_("这个链接已经用过了。"), again="account.email")
    seed = new_token()
    change.old_email, change.undo_hash = old, hash_of(letter_token("address-undo", seed))
    void_links(user)
    queue("address_changed", {"user": user.id, "recipient": old, "email": change.email, "seed": seed})
    queue("address_changed", {"user": user.id, "recipient": change.email, "email": change.email})
    note(Deed.EMAIL_CHANGED, user, origin)
    return user


@writes("address_changed")
def address_changed_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell the old and the new address that the account has the new one now; the old one holds the way back."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    seed = payload.get("seed")
    link = site_link("account.undo_email", token=letter_token("address-undo", seed)) if seed else ""
    values = {"username": user.username, "email": payload["email"], "contact": settings().contact}
    return Letter(payload["recipient"], "address_changed", values, link, user.language)


def undo_of(token: str) -> AddressChange:
    """Return the change a link takes back. Raises LinkDead."""
    found = db.session.scalar(select(AddressChange).where(AddressChange.undo_hash == hash_of(token)))
    if found is None or found.used_at is None or found.used_at < clock.now() - UNDO:
        raise LinkDead(_("这个链接已经失效。"), again="auth.login")
    return found


def undo_change(token: str, origin: Origin) -> None:
    """Bring the old address back, end every session, and let a new password be set by letter. Raises LinkDead."""
    change = undo_of(token)
    user, email = change.user, change.old_email or ""
    undone = update(AddressChange).where(AddressChange.id == change.id, AddressChange.undo_hash.is_not(None))
    dead = LinkDead(_("这个链接已经失效。"), again="auth.login")
    try:
        with db.session.begin_nested():
            is_first = db.session.execute(undone.values(undo_hash=None).returning(AddressChange.id)).first()
            user.email, user.email_key, user.password_hash = email, email_key(email), None
    except IntegrityError:
        raise dead from None
    if is_first is None:
        raise dead
    void_links(user)
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    db.session.execute(delete(AddressChange).where(AddressChange.user_id == user.id, AddressChange.used_at.is_(None)))
    request_reset(email)
    note(Deed.EMAIL_CHANGED, user, origin)


@housekeeping
def forget_old_changes() -> None:
    """Drop changes whose links have been dead for a month."""
    db.session.execute(delete(AddressChange).where(AddressChange.expires_at < clock.now() - timedelta(days=30)))
