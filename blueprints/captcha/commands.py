"""Commands of the captcha room."""

import click
from flask.cli import AppGroup

from blueprints.captcha.challenges import answer_of

group = AppGroup("captcha", help="Captcha challenges.")


@group.command("answer")
@click.argument("challenge_id", metavar="ID")
def answer(challenge_id: str) -> None:
    """Print the answer to the challenge ID (the hidden field captcha_id), for whoever has the instance folder."""
    click.echo(answer_of(challenge_id))
