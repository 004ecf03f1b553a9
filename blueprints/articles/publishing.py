"""Putting an article on the site, revising it, taking it down."""

from sqlalchemy import select

from blueprints.articles.events import article_published, article_saved
from blueprints.articles.front_matter import ArticleFile
from blueprints.articles.models import Article, ArticleVersion
from blueprints.articles.placing import move_to, put_in_series, set_original
from blueprints.articles.queries import article_named, texts_of
from blueprints.articles.rendering import html_of, language_of
from blueprints.articles.tagging import set_tags
from blueprints.auth.names import reserve, user_named
from core import clock
from core.database import db
from core.errors import Conflict, NotFound
from core.paragraphs import with_keys
from core.text import reading_minutes


class AlreadyPublic(Conflict):
    """What readers have seen cannot become a draft again."""


def publish_article(file: ArticleFile, body_html: str, article: Article | None = None) -> Article:
    """Put the article on the site, or revise `article`, else the one the file's addresses name; its former text is kept.

    `body_html` is what `rendered` returned for the file, made before the write transaction. A withdrawn article comes back.
    A draft is stored and not published; it gets its date when it is. Raises AlreadyPublic for a draft of what readers
    know, SlugTaken, NoOriginal, WrongTag.
    """
    reserve(file.author)
    article = article or article_of(file) or Article(revision=0)
    if file.is_draft and article.published_at is not None:
        raise AlreadyPublic(f"{article.slug} is public already: publish it without draft, or withdraw it")
    if _is_revised(article, file):
        _keep_version(article)
    _take_text(article, file, body_html)
    _take_choices(article, file)
    move_to(article, file.slug, file.was)
    set_tags(article, file.tags)
    set_original(article, file.translation_of)
    is_first_time = article.published_at is None and not file.is_draft
    if not file.is_draft:
        article.published_at = file.published_at or article.published_at or clock.now()
    put_in_series(article, file.series, file.series_slug, file.series_place)
    db.session.flush()
    article_saved.send(article)
    if is_first_time:
        article_published.send(article)
    return article


def article_of(file: ArticleFile) -> Article | None:
    """Return the article a file revises: the one at its slug, else the one at an address it says the article had."""
    here = db.session.scalar(select(Article).where(Article.slug == file.slug))
    named = (article_named(slug) for slug in file.was)
    return here or next((article for article in named if article is not None), None)


def _take_text(article: Article, file: ArticleFile, body_html: str) -> None:
    writer = user_named(file.author)
    article.title, article.summary, article.lang = file.title, file.summary, file.lang
    article.author = file.author
    article.author_id = writer.id if writer is not None and writer.role.may_publish else None
    article.body, article.body_html = file.body, body_html
    article.reading_minutes = reading_minutes(file.body)
    article.revision += 1


def _take_choices(article: Article, file: ArticleFile) -> None:
    article.comments_open, article.comments_close_days = file.comments_open, file.comments_close_days
    article.canonical = file.canonical or None
    article.pinned_at = (article.pinned_at or clock.now()) if file.is_pinned else None
    article.withdrawn_at, article.taken_down = None, False


def _is_revised(article: Article, file: ArticleFile) -> bool:
    """Tell whether readers knew another text."""
    texts = (article.title, article.summary, article.body)
    return article.published_at is not None and texts != (file.title, file.summary, file.body)


def _keep_version(article: Article) -> None:
    put_up_at = article.updated_at or article.published_at
    former = {"title": article.title, "summary": article.summary, "body": article.body}
    db.session.add(ArticleVersion(article_id=article.id, created_at=put_up_at, **former))
    article.updated_at = clock.now()


def rendered(file: ArticleFile) -> str:
    """Return the HTML of a file's text; paragraphs the article has already keep their keys."""
    article = article_of(file)
    return rendered_anew(article.slug if article is not None else file.slug, file.body, file.lang)


def rendered_anew(slug: str, body: str, lang: str = "") -> str:
    """Return the HTML of a text that is to be this article's, in its present language or another."""
    return with_keys(html_of(body, lang or language_of(slug)), texts_of(slug)[1])


def keep_rendering(slug: str, body: str, body_html: str) -> None:
    """Keep what an article's text was rendered to; nothing where it has another text by now."""
    article = db.session.scalar(select(Article).where(Article.slug == slug, Article.body == body))
    if article is not None and article.body_html != body_html:
        article.body_html = body_html
        article_saved.send(article)


def withdraw_article(slug: str) -> Article:
    """Take the article down; its address answers 410 from now on. Raises NotFound for one that is not public."""
    public = select(Article).where(Article.withdrawn_at.is_(None), Article.published_at.is_not(None))
    article = db.session.scalar(public.where(Article.slug == slug))
    if article is None:
        raise NotFound(f"no article {slug}")
    article.withdrawn_at, article.taken_down = clock.now(), True
    return article
