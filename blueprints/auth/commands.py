"""Commands of the room of accounts."""

import sys

import click
from flask.cli import AppGroup

from blueprints.auth.authentication import account_of
from blueprints.auth.models import Role, User
from blueprints.auth.passwords import check_password, hash_password
from blueprints.auth.recovery import request_reset
from blueprints.auth.registration import create_user
from blueprints.auth.second_factor import remove_factors
from core.database import db, writing
from core.errors import DomainError
from core.forms import email_address
from core.text import has_invisible, length, tidy_name

group = AppGroup("users", help="Accounts.")


@group.command("create")
@click.argument("username")
@click.argument("email")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.READER.value,
    show_default=True,
    help="What the account may do.",
)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input; else a letter with a link to set one is sent.",
)
def create(username: str, email: str, role: str, password_stdin: bool) -> None:
    """Make an account for USERNAME with the address EMAIL."""
    try:
        name, address = _checked(username, email)
        secret = None
        if password_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
            check_password(password, name, Role(role))
            secret = hash_password(password)
        with writing():
            create_user(name, address, secret, Role(role))
            if secret is None:
                request_reset(address)
            db.session.commit()
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{name}: {role}" + ("" if secret else "; a letter with a link to set the password is on its way"))


@group.command("remove-factors")
@click.argument("username")
def remove(username: str) -> None:
    """Take app, passkeys and recovery codes from the account USERNAME (or address), whose owner has lost them."""
    with writing():
        user = account_of(username)
        if user is None:
            raise click.ClickException(f"no account {username}")
        if not user.has_second_factor:
            raise click.ClickException(f"{user.username} has no second factor")
        remove_factors(user)
        db.session.commit()
        click.echo(f"{user.username}: logs in with the password alone; told by letter")


def _checked(username: str, email: str) -> tuple[str, str]:
    name, address = tidy_name(username), email_address(email.strip())
    if not User.USERNAME_MIN <= length(name) <= User.USERNAME_MAX or has_invisible(name) or "@" in name:
        raise click.BadParameter(
            f"{User.USERNAME_MIN} to {User.USERNAME_MAX} visible characters without @", param_hint="USERNAME"
        )
    if address is None:
        raise click.BadParameter("no e-mail address", param_hint="EMAIL")
    return name, address
