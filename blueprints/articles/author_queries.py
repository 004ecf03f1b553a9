"""What can be asked about everything an author has here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from blueprints.articles.models import Article, ArticleVersion, Picture, WorkingCopy
from blueprints.auth.models import User
from core.database import db


def stored_about(user: User) -> dict[str, Any]:
    """Return what this room stores about an author as plain values, oldest first; nothing for whoever never wrote an article."""
    articles = db.session.scalars(select(Article).where(Article.author_id == user.id).order_by(Article.id)).all()
    pictures = db.session.scalars(select(Picture).where(Picture.uploaded_by_id == user.id).order_by(Picture.id)).all()
    if not articles and not pictures:
        return {}
    ids = [article.id for article in articles]
    copies = {one.article_id: one for one in db.session.scalars(_of(WorkingCopy, ids))}
    versions: dict[int, list[ArticleVersion]] = {}
    for version in db.session.scalars(_of(ArticleVersion, ids).order_by(ArticleVersion.id)):
        versions.setdefault(version.article_id, []).append(version)
    return {
        "articles": [_plain(one, copies.get(one.id), versions.get(one.id, [])) for one in articles],
        "pictures": [
            {"name": one.name, "width": one.width, "height": one.height, "uploaded_at": one.created_at.isoformat()}
            for one in pictures
        ],
    }


def _of(table: Any, ids: list[int]) -> Any:
    return select(table).where(table.article_id.in_(ids))


def _plain(article: Article, copy: WorkingCopy | None, versions: list[ArticleVersion]) -> Mapping[str, Any]:
    return {
        "slug": article.slug,
        "title": article.title,
        "summary": article.summary,
        "body": article.body,
        "written_at": article.created_at.isoformat(),
        "published_at": article.published_at and article.published_at.isoformat(),
        "being_written": copy and {"body": copy.body, **copy.values, "saved_at": copy.saved_at.isoformat()},
        "before": [
            {"title": one.title, "summary": one.summary, "body": one.body, "at": one.created_at.isoformat()}
            for one in versions
        ],
    }
