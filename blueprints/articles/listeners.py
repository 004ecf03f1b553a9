"""What the room of articles does when something happened in a lower one."""

from sqlalchemy import delete, select

from blueprints.articles.models import Article, ArticleVersion, WorkingCopy
from blueprints.auth.events import account_erased
from blueprints.auth.models import User
from core.database import db


def listen() -> None:
    """Begin to listen."""
    account_erased.connect(_drop_unpublished)


def _drop_unpublished(user: User) -> None:
    """What was never public goes with its author: drafts, what is being written, the texts kept beside; public articles stay."""
    own = select(Article.id).where(Article.author_id == user.id)
    db.session.execute(delete(WorkingCopy).where(WorkingCopy.article_id.in_(own)))
    unseen = ArticleVersion.article_id.in_(own), ArticleVersion.was_public.is_(False)
    db.session.execute(delete(ArticleVersion).where(*unseen))
    db.session.execute(delete(Article).where(Article.author_id == user.id, Article.published_at.is_(None)))
