"""What this room knows of an address beside an account's own page, and forgetting it at its owner's word."""

from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select

from blueprints.auth.models import AddressChange, Registration, User
from core.database import db
from core.forms import email_key


def account_at(address: str) -> User | None:
    """Return the account with this address, None when there is none."""
    return db.session.scalar(select(User).where(User.email_key == email_key(address)))


def traces_of(address: str) -> dict[str, Any]:
    """Return registrations of an address, and changes of accounts to it and from it, as plain values."""
    registrations = db.session.scalars(select(Registration).where(_registered(address)).order_by(Registration.id))
    changes = db.session.scalars(select(AddressChange).where(_changed(address)).order_by(AddressChange.id))
    return {
        "registrations": [{"username": one.username, "at": one.created_at.isoformat()} for one in registrations],
        "address_changes": [
            {"from": one.old_email, "to": one.email, "at": one.created_at.isoformat()} for one in changes
        ],
    }


def forget_traces(address: str) -> None:
    """Drop registrations of an address, and changes of accounts to it and from it; their links are dead then."""
    db.session.execute(delete(Registration).where(_registered(address)))
    db.session.execute(delete(AddressChange).where(_changed(address)))


def _registered(address: str) -> ColumnElement[bool]:
    """A used registration has no key any more, only the address as it was typed."""
    return func.lower(Registration.email) == email_key(address)


def _changed(address: str) -> ColumnElement[bool]:
    key = email_key(address)
    return or_(AddressChange.email_key == key, func.lower(AddressChange.old_email) == key)
