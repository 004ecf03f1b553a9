"""Getting back in: a letter with a link (and six digits) that sets a new password once, for whoever has an account."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from blueprints.auth.account_log import Origin, note
from blueprints.auth.mailed_links import ask_for_link, link_of, make_link, use_link, void_links
from blueprints.auth.models import AddressChange, Deed, LoginSession, MailedLink, User
from core.database import db
from core.jobs import queue
from core.mail import Letter, site_link, writes


def request_reset(email: str, *, may: bool = True, browser: str = "", address_block: str = "") -> None:
    """Queue the question whether this address has an account and is to get a letter."""
    ask_for_link("reset", email, may=may, browser=browser, address_block=address_block)


@writes("password_reset")
def reset_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Make the link and write the letter to the stored address."""
    made = make_link("reset", payload)
    if made is None:
        return None
    user = made.user
    if made.is_new:
        note(Deed.RESET_ASKED, user, Origin(payload.get("address_block", "")))
    link = site_link("recovery.reset_password", token=made.token)
    return Letter(user.email, "password_reset", {"username": user.username, "code": made.code}, link, user.language)


def reset_of(token: str) -> MailedLink:
    """Return what a link may reset. Raises LinkDead."""
    return link_of("reset", token)


def reset_password(token: str, password_hash: str, origin: Origin) -> User:
    """Set the new password, use the link up, end all sessions and tell the owner by letter. Raises LinkDead."""
    found = reset_of(token)
    use_link(found)
    set_password(found.user, password_hash, origin)
    return found.user


def set_password(user: User, password_hash: str, origin: Origin) -> None:
    """Give the account a new password: every session ends, links that were mailed and an address change that waits are void, and the owner is told by letter."""
    user.password_hash = password_hash
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
    db.session.execute(delete(AddressChange).where(AddressChange.user_id == user.id, AddressChange.used_at.is_(None)))
    void_links(user)
    queue("password_changed", {"user": user.id})
    note(Deed.PASSWORD_CHANGED, user, origin)


@writes("password_changed")
def password_changed_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell the owner of an account that its password is a new one."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    link = site_link("recovery.forgot_password")
    return Letter(user.email, "password_changed", {"username": user.username}, link, user.language)
