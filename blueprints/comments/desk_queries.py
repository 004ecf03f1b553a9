"""What authors ask about the replies under their articles."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import Comment, LastVisit, Status
from core.database import db


class Replies(NamedTuple):
    """How many public replies an author has not read, and how many wait for a moderator."""

    unread: int
    pending: int


def replies_for(articles: Sequence[Article], author: User) -> dict[int, Replies]:
    """Return what waits for the author under each of their articles, by the article's id; two queries for any number."""
    ids = [article.id for article in articles]
    visits = select(LastVisit.article_id, LastVisit.next_floor).where(
        LastVisit.user_id == author.id, LastVisit.article_id.in_(ids)
    )
    read = {row.article_id: row.next_floor for row in db.session.execute(visits)}
    waiting = select(Comment.article_id, func.count()).where(
        Comment.article_id.in_(ids), Comment.status == Status.PENDING
    )
    pending = {row[0]: row[1] for row in db.session.execute(waiting.group_by(Comment.article_id))}
    return {
        one.id: Replies(max(one.last_floor - read.get(one.id, 0), 0), int(pending.get(one.id, 0))) for one in articles
    }
