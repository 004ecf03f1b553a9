"""Commands of the room of replies."""

import logging

import click
from flask.cli import AppGroup

from blueprints.comments.queries import comment_by_id, pending_comments
from blueprints.comments.visibility import publish as publish_comment, reject as reject_comment
from core.database import db, writing
from core.errors import DomainError
from core.logs import escaped
from core.text import excerpt

log = logging.getLogger("zhishang.moderation")

group = AppGroup("comments", help="Replies that wait for a moderator.")


@group.command("pending")
@click.option("--limit", default=50, show_default=True, help="How many at the most.")
def pending(limit: int) -> None:
    """List the replies that wait, oldest first: id, reason, nickname, the beginning of the text."""
    for comment in pending_comments(limit):
        click.echo(escaped(f"{comment.id}  {comment.held_reason}  {comment.nickname}  {excerpt(comment.body, 60)}"))


@group.command("publish")
@click.argument("comment_id", type=int, metavar="ID")
def publish(comment_id: int) -> None:
    """Show the waiting reply ID to everyone."""
    _decide(comment_id, publish_comment)


@group.command("reject")
@click.argument("comment_id", type=int, metavar="ID")
def reject(comment_id: int) -> None:
    """Keep the waiting reply ID from the public."""
    _decide(comment_id, reject_comment)


def _decide(comment_id, decide):
    try:
        with writing():
            decide(comment_by_id(comment_id))
            db.session.commit()
            log.info("%s of comment %s at the command line", decide.__name__, comment_id)
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
