"""What the room of notifications does when something happened in a lower one."""

from blueprints.articles.events import article_published
from blueprints.comments.events import address_proved, comment_held, comment_published, flood_began, moderator_asked
from blueprints.moderation.events import reply_decided
from blueprints.notifications.following import let_wishes_count
from blueprints.notifications.telling import tell_of_article, tell_of_comment
from blueprints.notifications.verdicts import tell_of_decision
from blueprints.notifications.waiting import tell_moderators, tell_of_flood


def listen() -> None:
    """Begin to listen."""
    comment_published.connect(tell_of_comment)
    article_published.connect(tell_of_article)
    address_proved.connect(let_wishes_count)
    reply_decided.connect(tell_of_decision)
    comment_held.connect(tell_moderators)
    moderator_asked.connect(tell_moderators)
    flood_began.connect(tell_of_flood)
