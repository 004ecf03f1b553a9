"""Commands of the captcha room."""

import click
from flask.cli import AppGroup

from blueprints.captcha.challenges import answer_of, digits_of

group = AppGroup("captcha", help="Captcha challenges.")


@group.command("answer")
@click.argument("challenge_id", metavar="ID")
@click.option("--spoken", is_flag=True, help="Print the digits the sound says instead.")
def answer(challenge_id: str, *, spoken: bool) -> None:
    """Print the answer to the challenge ID (the hidden field captcha_id), for whoever has the instance folder."""
    click.echo(digits_of(challenge_id) if spoken else answer_of(challenge_id))
