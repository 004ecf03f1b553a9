"""Commands of the room of replies."""

import logging

import click
from flask.cli import AppGroup

from blueprints.comments.flagging import reason_words
from blueprints.comments.queries import comment_by_id, newest_flags, pending_comments, pending_versions, version_of
from blueprints.comments.visibility import (
    publish as publish_comment,
    publish_version,
    reject as reject_comment,
    reject_version,
    remove as remove_comment,
    show_again,
)
from core.database import db, writing
from core.errors import DomainError
from core.logs import escaped
from core.text import excerpt

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
    _decide(text, publish_comment, publish_version)


@group.command("reject")
@click.argument("text", type=Text(), metavar="ID")
def reject(text: tuple[int, int | None]) -> None:
    """Keep the waiting reply ID from the public (12.2: that text of it and no other)."""
    _decide(text, reject_comment, reject_version)


@group.command("remove")
@click.argument("comment_id", type=int, metavar="ID")
@click.option("--reason", default="", help="What stands on its floor.")
def remove(comment_id: int, reason: str) -> None:
    """Take the public reply ID down; its floor says so."""
    _do("remove", comment_id, lambda comment: remove_comment(comment, reason))


@group.command("restore")
@click.argument("comment_id", type=int, metavar="ID")
def restore(comment_id: int) -> None:
    """Show the removed reply ID again."""
    _do("restore", comment_id, show_again)


def _decide(text, decide, decide_version):
    comment_id, number = text

    def deed(comment):
        waiting = version_of(comment, number) if number is not None and comment.floor is not None else None
        decide_version(waiting) if waiting is not None else decide(comment, number)

    _do(decide.__name__, comment_id, deed)


def _do(name, comment_id, deed):
    try:
        with writing():
            deed(comment_by_id(comment_id))
            db.session.commit()
            log.info("%s of comment %s at the command line", name, comment_id)
    except DomainError as refusal:
        raise click.ClickException(str(refusal.message)) from None
