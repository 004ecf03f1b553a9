"""What can be asked about articles."""

from collections.abc import Sequence

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import load_only

from blueprints.articles.models import Article, ArticleVersion
from core.database import db
from core.errors import Gone, NotFound
from core.i18n import _, _l
from core.paging import Page, cut

ARTICLES_PER_PAGE, CHANGES_PER_PAGE = 20, 10
_NO_SUCH_PAGE = _l("没有这个页面。地址可能写错了，也可能已经换了。")

_FOR_LIST = load_only(
    Article.slug,
    Article.title,
    Article.summary,
    Article.author,
    Article.lang,
    Article.published_at,
    Article.comment_count,
)


def article_at(slug: str) -> Article:
    """Return the article that was published at this address, even when it was withdrawn since. Raises NotFound."""
    return _published(_by_slug(slug))


def article_by_slug(slug: str) -> Article:
    """Return the article at this address. Raises NotFound, Gone when it was withdrawn."""
    return _standing(article_at(slug))


def article_for(slug: str, user_id: int | None, *, sees_drafts: bool) -> Article:
    """Return what somebody sees at this address: the article, or a draft of theirs, or any where they see drafts.

    Raises NotFound, Gone.
    """
    article = _by_slug(slug)
    if article is not None and article.published_at is None:
        is_theirs = user_id is not None and article.author_id == user_id
        if is_theirs or sees_drafts:
            return article
    return _standing(_published(article))


def _published(article: Article | None) -> Article:
    if article is None or article.published_at is None:
        raise NotFound(_NO_SUCH_PAGE)
    return article


def _standing(article: Article) -> Article:
    if article.withdrawn_at is not None:
        raise Gone(_("这篇文章已由作者撤下。"))
    return article


def _by_slug(slug: str) -> Article | None:
    can_be = len(slug) <= Article.SLUG_MAX and Article.SLUG.fullmatch(slug)
    return db.session.scalar(select(Article).where(Article.slug == slug)) if can_be else None


def newest_articles(before: str | None = None) -> Page[Article]:
    """Return the newest articles, or those older than the one with the slug `before`; newest first. Raises NotFound."""
    public = Article.withdrawn_at.is_(None), Article.published_at.is_not(None)
    query = select(Article).options(_FOR_LIST).where(*public)
    if before:
        mark = article_at(before)
        query = query.where(tuple_(Article.published_at, Article.id) < tuple_(mark.published_at, mark.id))
    newest = query.order_by(Article.published_at.desc(), Article.id.desc()).limit(ARTICLES_PER_PAGE + 1)
    return cut(db.session.scalars(newest).all(), ARTICLES_PER_PAGE, has_earlier=bool(before))


def versions_of(article: Article, up_to: int | None = None) -> Sequence[ArticleVersion]:
    """Return the newest of the texts readers knew before, or those up to the one with the id `up_to`; newest first.

    They are two more than a page shows: one that a page begins at, and one that tells whether any are left. Raises NotFound.
    """
    former = select(ArticleVersion).where(ArticleVersion.article_id == article.id, ArticleVersion.was_public.is_(True))
    if up_to is not None:
        former = former.where(ArticleVersion.id <= up_to)
    found = db.session.scalars(former.order_by(ArticleVersion.id.desc()).limit(CHANGES_PER_PAGE + 2)).all()
    if up_to is not None and (not found or found[0].id != up_to):
        raise NotFound(_NO_SUCH_PAGE)
    return found


def all_slugs() -> Sequence[str]:
    """Return the slugs of all articles, drafts and withdrawn ones included, oldest first."""
    return db.session.scalars(select(Article.slug).order_by(Article.id)).all()


def texts_of(slug: str) -> tuple[str, str]:
    """Return an article's text as it was written and its HTML, both empty when there is none."""
    found = db.session.execute(select(Article.body, Article.body_html).where(Article.slug == slug)).one_or_none()
    return (found.body, found.body_html) if found is not None else ("", "")


def is_empty() -> bool:
    """Tell whether the site has never had an article."""
    return not db.session.scalar(select(exists().select_from(Article)))
