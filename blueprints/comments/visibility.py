"""Making a reply public, and what follows from it."""

from blueprints.articles.threads import next_floor
from blueprints.comments.models import Comment, Status
from core import clock
from core.errors import Conflict
from core.i18n import _


def publish(comment: Comment) -> None:
    """Show the reply to everyone; the first time it is given its floor. Raises Conflict when it is not waiting."""
    if comment.status is not Status.PENDING:
        raise Conflict(_("这条回复已经处理过了。"))
    if comment.floor is None:
        comment.floor = next_floor(comment.article_id)
        comment.root_floor = comment.parent.root_floor if comment.parent is not None else comment.floor
        comment.published_at = clock.now()
    comment.status, comment.held_reason = Status.PUBLISHED, None


def reject(comment: Comment) -> None:
    """Keep a waiting reply from the public. Raises Conflict when it is not waiting."""
    if comment.status is not Status.PENDING:
        raise Conflict(_("这条回复已经处理过了。"))
    comment.status = Status.REJECTED
