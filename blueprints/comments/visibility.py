"""Making a reply public, and what follows from it."""

from sqlalchemy import update

from blueprints.articles.threads import next_floor
from blueprints.comments.models import Comment, Status
from core import clock
from core.database import db
from core.errors import Conflict
from core.i18n import _


def publish(comment: Comment) -> None:
    """Show the reply to everyone; the first time it is given its floor. Raises Conflict when it is not waiting."""
    _decide(comment, Status.PUBLISHED)
    if comment.floor is None:
        comment.floor = next_floor(comment.article_id)
        comment.root_floor = comment.parent.root_floor if comment.parent is not None else comment.floor
        comment.published_at = clock.now()


def reject(comment: Comment) -> None:
    """Keep a waiting reply from the public. Raises Conflict when it is not waiting."""
    _decide(comment, Status.REJECTED)


def _decide(comment: Comment, status: Status) -> None:
    """Move a waiting reply to `status`; of several who decide at the same moment the database lets one."""
    waiting = update(Comment).where(Comment.id == comment.id, Comment.status == Status.PENDING)
    if db.session.execute(waiting.values(status=status, held_reason=None).returning(Comment.id)).first() is None:
        raise Conflict(_("这条回复已经处理过了。"))
    db.session.refresh(comment)
