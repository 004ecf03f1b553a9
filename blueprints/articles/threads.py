"""The counters an article keeps about its replies; only the room of replies calls this."""

from sqlalchemy import update

from blueprints.articles.models import Article
from core.database import db


def next_floor(article_id: int, quote: str | None) -> int:
    """Count one public reply more and return its floor: the next number, never given before, decided by the database.

    `quote` is the key of the paragraph it is about, None for none.
    """
    raised = {"last_floor": Article.last_floor + 1, "comment_count": Article.comment_count + 1}
    changed = update(Article).where(Article.id == article_id).values(raised)
    floor, quoted = db.session.execute(changed.returning(Article.last_floor, Article.quoted)).one()
    _count_quote(article_id, quoted, quote, 1)
    return int(floor)


def count_comment(article_id: int, by: int, quote: str | None) -> None:
    """Count one public reply more or less that has its floor already."""
    changed = update(Article).where(Article.id == article_id).values(comment_count=Article.comment_count + by)
    _count_quote(article_id, db.session.execute(changed.returning(Article.quoted)).scalar_one(), quote, by)


def _count_quote(article_id: int, quoted: dict[str, int], quote: str | None, by: int) -> None:
    """The row was changed in this transaction, so nobody else counts until it is over."""
    if quote is not None:
        sums = {**quoted, quote: quoted.get(quote, 0) + by}
        left = {key: count for key, count in sums.items() if count > 0}
        db.session.execute(update(Article).where(Article.id == article_id).values(quoted=left))
