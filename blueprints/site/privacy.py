"""Everything the site knows about one address, from every room: to be handed out, or forgotten."""

from typing import Any

from blueprints.auth import download
from blueprints.auth.forgetting import account_at, forget_traces, traces_of
from blueprints.auth.leaving import erase_account
from blueprints.comments import queries as comments
from blueprints.comments.forgetting import (
    address_row,
    banned_names,
    erase_texts_of,
    forget_guest,
    stored_about_guest,
)
from blueprints.comments.thread_queries import Whose
from blueprints.moderation.forgetting import forget_banned
from blueprints.notifications import queries as notifications
from core import forgetting as letters
from core.forms import email_key


def known_about(address: str) -> dict[str, Any]:
    """Return what is known about an address, as plain values; parts that are empty are left out."""
    guest, user = address_row(email_key(address)), account_at(address)
    account: dict[str, Any] = {}
    if user is not None:
        account = download.stored_about(user) | comments.stored_about(Whose(user_id=user.id))
        account |= notifications.stored_about(user)
    everything = {
        **stored_about_guest(email_key(address)),
        "told": notifications.stored_about(guest) if guest is not None else None,
        **traces_of(address),
        **letters.stored_about(address, [guest.seed] if guest is not None else []),
        "account": account,
    }
    return {name: value for name, value in everything.items() if value}


def forget(address: str, *, texts_too: bool, account_too: bool) -> None:
    """Forget an address in every room. Replies stay, signed with no name, unless their texts go, too; an account only goes if told."""
    guest, user = address_row(email_key(address)), account_at(address)
    forget_banned(banned_names(email_key(address), user if account_too else None))
    letters.forget(address, [guest.seed] if guest is not None else [])
    forget_guest(email_key(address), texts_too=texts_too)
    if user is None or account_too:
        forget_traces(address)
    if user is not None and account_too:
        if texts_too:
            erase_texts_of(user)
        erase_account(user)
