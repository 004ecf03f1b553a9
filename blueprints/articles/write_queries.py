"""What can be asked about what authors write at, public or not."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, select, tuple_
from sqlalchemy.orm import load_only

from blueprints.articles.models import Article, ArticleVersion, Series, WorkingCopy
from blueprints.auth.models import User
from core.database import LARGEST_ID, db
from core.errors import NotFound
from core.i18n import _
from core.paging import Page, cut

WRITTEN_PER_PAGE, UNPUBLISHED_MAX, KEPT_SHOWN = 20, 200, 100

_FOR_DESK = load_only(
    Article.slug,
    Article.title,
    Article.author,
    Article.author_id,
    Article.lang,
    Article.published_at,
    Article.withdrawn_at,
    Article.taken_down,
    Article.scheduled_at,
    Article.comment_count,
    Article.last_floor,
    Article.created_at,
)
_NEVER_PUBLIC = Article.published_at.is_(None)
GROUPS: Mapping[str, ColumnElement[bool]] = {
    "drafts": and_(_NEVER_PUBLIC, Article.scheduled_at.is_(None), Article.withdrawn_at.is_(None)),
    "scheduled": and_(_NEVER_PUBLIC, Article.scheduled_at.is_not(None), Article.withdrawn_at.is_(None)),
    "withdrawn": and_(Article.published_at.is_not(None), Article.withdrawn_at.is_not(None)),
    "deleted": and_(_NEVER_PUBLIC, Article.withdrawn_at.is_not(None)),
}


def article_to_write(article_id: int, user: User) -> Article:
    """Return an article this person may write at: their own, or any where they moderate. Raises NotFound."""
    article = db.session.get(Article, article_id) if 0 < article_id <= LARGEST_ID else None
    if article is None or not (article.author_id == user.id or user.role.may_moderate):
        raise NotFound(_("没有这篇文章，或者不是你的。"))
    return article


def unpublished_by(user: User | None, group: str) -> Sequence[Article]:
    """Return the newest 200 of somebody's articles (None: of everyone's) that are drafts, scheduled, withdrawn or deleted."""
    query = select(Article).options(_FOR_DESK).where(GROUPS[group], *_whose(user))
    return db.session.scalars(query.order_by(Article.id.desc()).limit(UNPUBLISHED_MAX)).all()


def published_by(user: User | None, before: int | None = None) -> Page[Article]:
    """Return 20 public articles of somebody's (None: of everyone's), newest first, or those before the one with this id.

    Raises NotFound.
    """
    public = Article.published_at.is_not(None), Article.withdrawn_at.is_(None)
    query = select(Article).options(_FOR_DESK).where(*public, *_whose(user))
    if before is not None:
        mark = db.session.get(Article, before)
        if mark is None or mark.published_at is None:
            raise NotFound(_("没有这个页面。地址可能写错了，也可能已经换了。"))
        query = query.where(tuple_(Article.published_at, Article.id) < tuple_(mark.published_at, mark.id))
    newest = query.order_by(Article.published_at.desc(), Article.id.desc()).limit(WRITTEN_PER_PAGE + 1)
    return cut(db.session.scalars(newest).all(), WRITTEN_PER_PAGE, has_earlier=before is not None)


def _whose(user: User | None) -> tuple[ColumnElement[bool], ...]:
    return () if user is None else (Article.author_id == user.id,)


def copies_of(articles: Sequence[Article]) -> dict[int, WorkingCopy]:
    """Return what is being written at these articles, without the texts, by the article's id."""
    only = load_only(WorkingCopy.values, WorkingCopy.saved_at, WorkingCopy.revision)
    of_these = select(WorkingCopy).options(only).where(WorkingCopy.article_id.in_([one.id for one in articles]))
    return {copy.article_id: copy for copy in db.session.scalars(of_these)}


def kept_texts(article: Article) -> Sequence[ArticleVersion]:
    """Return the newest hundred texts an article had, public or only written, newest first."""
    kept = select(ArticleVersion).where(ArticleVersion.article_id == article.id)
    return db.session.scalars(kept.order_by(ArticleVersion.id.desc()).limit(KEPT_SHOWN)).all()


def last_kept(article: Article) -> ArticleVersion | None:
    """Return the text that was kept last when something was written over it."""
    kept = ArticleVersion.article_id == article.id, ArticleVersion.was_public.is_(False)
    return db.session.scalar(select(ArticleVersion).where(*kept).order_by(ArticleVersion.id.desc()).limit(1))


def kept_text(article: Article, version_id: int) -> ArticleVersion:
    """Return one text an article had. Raises NotFound."""
    version = db.session.get(ArticleVersion, version_id) if 0 < version_id <= LARGEST_ID else None
    if version is None or version.article_id != article.id:
        raise NotFound(_("没有这一份，它太旧了，或者不是这篇文章的。"))
    return version


def names_of(ids: Sequence[int | None]) -> dict[int | None, str]:
    """Return who these accounts are, by id."""
    return {user.id: user.username for user in db.session.scalars(select(User).where(User.id.in_(set(ids) - {None})))}


def series_titles() -> Sequence[str]:
    """Return the titles of the newest hundred series."""
    return db.session.scalars(select(Series.title).order_by(Series.id.desc()).limit(100)).all()


def slugs_among(slugs: Sequence[str]) -> set[str]:
    """Return which of these addresses are articles that are public, or were before under another one."""
    from_here = select(Article.slug).where(Article.slug.in_(slugs), Article.published_at.is_not(None))
    return set(db.session.scalars(from_here))
