"""What can be asked about articles."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, exists, select, tuple_
from sqlalchemy.orm import load_only

from blueprints.articles.models import Article, ArticleVersion, FormerSlug
from core.database import db
from core.errors import DomainError, Gone, NotFound
from core.i18n import _, _l
from core.paging import Page, cut

ARTICLES_PER_PAGE, CHANGES_PER_PAGE = 20, 10
PUBLIC = (Article.withdrawn_at.is_(None), Article.published_at.is_not(None))
NO_SUCH_PAGE = _l("没有这个页面。地址可能写错了，也可能已经换了。")

FOR_LIST = load_only(
    Article.slug,
    Article.title,
    Article.summary,
    Article.author,
    Article.lang,
    Article.published_at,
    Article.comment_count,
    Article.series_place,
)


class Moved(DomainError):
    """The article has another address by now; `slug` is its present one."""

    status = 301

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug


class Withdrawn(Gone):
    """The article was taken down; `author` is the name it was signed with."""

    def __init__(self, message: str, *, author: str) -> None:
        super().__init__(message)
        self.author = author


def article_at(slug: str) -> Article:
    """Return the article that was published at this address, also a former one, even when it was withdrawn since. Raises NotFound."""
    return _published(article_named(slug))


def article_by_slug(slug: str) -> Article:
    """Return the article at this address. Raises NotFound, Moved, Gone when it was withdrawn."""
    return standing(_here(article_at(slug), slug))


def article_for(slug: str, user_id: int | None, *, sees_drafts: bool) -> Article:
    """Return what somebody sees at this address: the article, or a draft of theirs, or any where they see drafts.

    Raises NotFound, Moved, Gone.
    """
    article = article_named(slug)
    if article is not None and article.published_at is None:
        is_theirs = user_id is not None and article.author_id == user_id
        if is_theirs or sees_drafts:
            return _here(article, slug)
    return standing(_here(_published(article), slug))


def standing(article: Article) -> Article:
    """Return an article that was not withdrawn. Raises Gone."""
    if article.withdrawn_at is not None:
        words = _("这篇文章已经撤下。") if article.taken_down else _("这篇文章已由作者撤下。")
        raise Withdrawn(words, author=article.author)
    return article


def _here(article: Article, slug: str) -> Article:
    if article.slug != slug:
        raise Moved(article.slug)
    return article


def _published(article: Article | None) -> Article:
    if article is None or article.published_at is None:
        raise NotFound(NO_SUCH_PAGE)
    return article


def article_named(slug: str) -> Article | None:
    """Return the article whose address this is or was, drafts included, None where there is none."""
    if not can_be_slug(slug):
        return None
    former = select(FormerSlug.article_id).where(FormerSlug.slug == slug).scalar_subquery()
    found = db.session.scalar(select(Article).where(Article.slug == slug))
    return found if found is not None else db.session.scalar(select(Article).where(Article.id == former))


def can_be_slug(text: str) -> bool:
    """Tell whether a text could be an address; what could be none is not asked for."""
    return len(text) <= Article.SLUG_MAX and Article.SLUG.fullmatch(text) is not None


def newest_articles(before: str | None = None, *, without: Collection[int] = ()) -> Page[Article]:
    """Return the newest articles, or those older than the one with the slug `before`; newest first. Raises NotFound.

    Those with an id of `without` are left out.
    """
    query = select(Article).options(FOR_LIST).where(*PUBLIC)
    return page_of(query.where(Article.id.not_in(without)) if without else query, before)


def page_of(query: Select[Article], before: str | None) -> Page[Article]:
    """Return the newest articles a query finds, or those older than the one with the slug `before`. Raises NotFound."""
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
        raise NotFound(NO_SUCH_PAGE)
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
