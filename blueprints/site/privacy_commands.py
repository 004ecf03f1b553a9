"""Commands about one address: everything that is known about it, and forgetting it."""

import json
from typing import Any

import click
from flask.cli import AppGroup

from blueprints.site.privacy import forget, known_about
from core.database import db, writing
from core.forms import EMAIL_MAX

group = AppGroup("privacy", help="What is known about one e-mail address.")


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if "@" not in value or len(value) > EMAIL_MAX or not value.strip().isprintable():
        raise click.BadParameter("no e-mail address")
    return value.strip()


@group.command("export")
@click.argument("address", callback=_address)
def export(address: str) -> None:
    """Print everything that is known about ADDRESS, as JSON."""
    known = known_about(address)
    if known:
        click.echo(json.dumps({"address": address} | known, ensure_ascii=False, indent=2))
    else:
        click.echo("Nothing is known about this address.", err=True)


@group.command("erase")
@click.argument("address", callback=_address)
@click.option("--texts", is_flag=True, help="Erase what was written under it, too; else it stays, signed with no name.")
@click.option("--account", is_flag=True, help="Erase the account with this address, too, at once and for good.")
def erase(address: str, *, texts: bool, account: bool) -> None:
    """Erase what is known about ADDRESS. What was public leaves its floor behind. There is no way back."""
    with writing():
        known = known_about(address)
        if not known:
            click.echo("Nothing is known about this address.")
            return
        forget(address, texts_too=texts, account_too=account)
        db.session.commit()
    for name, count in _counts(known).items():
        click.echo(f"{name}: {count}")
    if "account" in known:
        click.echo("The account is erased." if account else "The account stays; --account erases it.")


def _counts(known: dict[str, Any]) -> dict[str, int]:
    """Return how much was found of each kind, the account's own things aside."""
    told = known.get("told") or {}
    found = {**known, **told}
    return {name.replace("_", " "): _size(value) for name, value in found.items() if name not in ("account", "told")}


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(bool(value))
