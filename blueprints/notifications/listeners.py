"""What the room of notifications does when something happened in a lower one."""

from blueprints.comments.events import comment_published
from blueprints.notifications.notices import tell_whom_it_answers


def listen() -> None:
    """Begin to listen."""
    comment_published.connect(tell_whom_it_answers)
