"""What moderators do, at the command line; it stands in the log as they do."""

import logging

import click
from flask.cli import AppGroup

from blueprints.comments.flagging import reason_words
from blueprints.comments.models import Status
from blueprints.comments.queries import comment_by_id, newest_flags, pending_comments, pending_versions
from blueprints.moderation.decisions import AGAINST, Sitting, decide
from blueprints.moderation.models import Decision, Seen
from core.database import db, writing
from core.errors import DomainError
from core.logs import escaped
from core.text import excerpt

WAITING = (Status.PENDING,)

log = logging.getLogger("zhishang.moderation")

group = AppGroup("comments", help="Replies that wait for a moderator, and those that were reported.")


class Text(click.ParamType):
    """The id of a reply and the number of its text, 12.2, as `pending` prints it; without a number the present text."""

    name = "ID"

    def convert(self, value, param, ctx):
        comment_id, _dot, number = str(value).partition(".")
        if not (
            comment_id.isascii() and comment_id.isdigit() and (not number or (number.isascii() and number.isdigit()))
        ):
            self.fail(f"{value!r} is not 12 or 12.2", param, ctx)
        return int(comment_id[:12]), int(number[:9]) if number else None


@group.command("pending")
@click.option("--limit", default=50, show_default=True, help="How many at the most.")
def pending(limit: int) -> None:
    """List what waits, oldest first: id and number of the text, reason, nickname, the beginning of the text."""
    for comment in pending_comments(limit):
        _print(f"{comment.id}.{comment.version}", comment.held_reason, comment.nickname, comment.body)
    for version in pending_versions(limit):
        reply = version.comment
        _print(f"{reply.id}.{version.number}", version.held_reason, reply.nickname, version.body)


@group.command("flags")
@click.option("--limit", default=50, show_default=True, help="How many at the most.")
def flags(limit: int) -> None:
    """List readers' reports, newest first: id of the reply, reason, what they added, the beginning of the reply."""
    for flag in newest_flags(limit):
        _print(str(flag.comment_id), reason_words(flag.reason), excerpt(flag.note, 60), flag.comment.body)


def _print(name, reason, who, body):
    click.echo(escaped(f"{name}  {reason}  {who}  {excerpt(body, 60)}"))


@group.command("publish")
@click.argument("text", type=Text(), metavar="ID")
def publish(text: tuple[int, int | None]) -> None:
    """Show the waiting reply ID to everyone (12.2: that text of it and no other)."""
    _decide("approve", text, WAITING)


@group.command("reject")
@click.argument("text", type=Text(), metavar="ID")
@click.option("--reason", default="", help="What its writer reads.")
def reject(text: tuple[int, int | None], reason: str) -> None:
    """Keep the waiting reply ID from the public (12.2: that text of it and no other)."""
    _decide("remove", text, WAITING, reason)


@group.command("remove")
@click.argument("comment_id", type=int, metavar="ID")
@click.option("--reason", default="", help="What stands on its floor.")
def remove(comment_id: int, reason: str) -> None:
    """Take the public reply ID down; its floor says so."""
    _decide("remove", (comment_id, None), (Status.PUBLISHED,), reason)


@group.command("restore")
@click.argument("comment_id", type=int, metavar="ID")
def restore(comment_id: int) -> None:
    """Show the removed reply ID again."""
    _decide("approve", (comment_id, None), AGAINST)


def _decide(act, text, expected, reason=""):
    """Decide as the command line about a text by its number, else about the present one."""
    comment_id, number = text
    try:
        with writing():
            comment = comment_by_id(comment_id)
            state = comment.status if comment.status in expected else expected[0]
            seen = Seen(comment_id, number or comment.version, state)
            decide(act, seen, Sitting(None), reason[: Decision.REASON_MAX])
            db.session.commit()
            log.info("%s of comment %s at the command line", act, comment_id)
    except DomainError as refusal:
        raise click.ClickException(str(refusal.message)) from None
