"""What the room of replies does when something happened in a lower one."""

from sqlalchemy import update

from blueprints.auth.events import account_erased
from blueprints.auth.models import User
from blueprints.comments.models import Comment
from core.database import db


def listen() -> None:
    """Begin to listen."""
    account_erased.connect(_unsign)


def _unsign(user: User) -> None:
    """Keep the replies of an erased account, under no name."""
    own = update(Comment).where(Comment.user_id == user.id)
    db.session.execute(own.values(nickname="", user_id=None, address_block=None, send_key=None, notify=False))
