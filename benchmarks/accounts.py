"""Accounts for the benchmarks, many at once. Prints nothing."""

from typing import Any

from sqlalchemy import insert

from benchmarks.serving import Server
from blueprints.auth.models import Registration, Role, User
from blueprints.auth.passwords import hash_password
from blueprints.auth.registration import HOLD
from core import clock
from core.database import db, writing
from core.text import name_key
from core.tokens import hash_of, new_token

PASSWORD = "一把旧伞和三封没寄的信"


def add_accounts(server: Server, group: str, count: int, *, is_paused: bool = False, has_password: bool = True) -> None:
    """Add accounts named by `name_of` with addresses by `address_of`; all have the same password."""
    with server.app.app_context():
        secret = hash_password(PASSWORD) if has_password else None
        more = {"password_hash": secret, "role": Role.READER, "paused_at": clock.now() if is_paused else None}
        _insert(User, [_person(group, number) | more for number in range(count)])


def add_unconfirmed(server: Server, group: str, count: int) -> None:
    """Add registrations whose link was not used yet."""
    with server.app.app_context():
        more = {"password_hash": hash_password(PASSWORD), "expires_at": clock.now() + HOLD}
        people = [_person(group, number) | {"token_hash": hash_of(new_token())} | more for number in range(count)]
        _insert(Registration, people)


def name_of(group: str, number: int) -> str:
    return f"{group}客{number}"


def address_of(group: str, number: int) -> str:
    return f"{group}{number}@example.com"


def _person(group: str, number: int) -> dict[str, Any]:
    name, address = name_of(group, number), address_of(group, number)
    return {"username": name, "username_key": name_key(name), "email": address, "email_key": address}


def _insert(table: Any, people: list[dict[str, Any]]) -> None:
    with writing():
        db.session.execute(insert(table), people)
        db.session.commit()
