"""The counters an article keeps about its replies; only the room of replies calls this."""

from sqlalchemy import update

from blueprints.articles.models import Article
from core.database import db


def next_floor(article_id: int) -> int:
    """Count one published reply more and return its floor: the next number, never given before, decided by the database."""
    raised = (
        update(Article)
        .where(Article.id == article_id)
        .values(last_floor=Article.last_floor + 1, comment_count=Article.comment_count + 1)
    )
    return int(db.session.execute(raised.returning(Article.last_floor)).scalar_one())
