"""What the head of a page says to machines: its one address, its feeds, its translations, what a shared link shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from blueprints.articles.around_queries import Around
from blueprints.articles.models import Article
from blueprints.comments.reading import ThreadPage
from blueprints.feeds.describing import described
from blueprints.feeds.naming import address
from blueprints.feeds.share_pictures import card_of, name_of
from blueprints.feeds.writing import MEDIA_TYPES
from core.config import settings
from core.i18n import HTML_LANG, LANGUAGES, _, language
from core.text import excerpt


@dataclass(frozen=True)
class Link:
    """One address in another format or another language."""

    address: str
    media_type: str = ""
    title: str = ""
    lang: str = ""


@dataclass(frozen=True)
class Head:
    """What is said about a page. `data` is its structured data, none for a list."""

    title: str
    description: str
    canonical: str
    feeds: Sequence[Link]
    locale: str
    site_name: str
    translations: Sequence[Link] = ()
    published: datetime | None = None
    updated: datetime | None = None
    author: str = ""
    tags: Sequence[str] = ()
    picture: str = ""
    data: Mapping[str, Any] | None = None


def article_head(article: Article, thread: ThreadPage, around: Around) -> Head:
    """Return what the page of a public article says; a page further into its thread is one of its own."""
    canonical = _canonical(article, thread)
    picture = address("share.picture", slug=article.slug, v=name_of(card_of(article)))
    description = article.summary or excerpt(article.body, 120)
    return Head(
        title=article.title,
        description=description,
        canonical=canonical,
        feeds=[
            *_feeds("feeds.replies", _("回复：%(title)s", title=article.title), slug=article.slug),
            *_feeds("feeds.site", settings().site_name),
        ],
        translations=_translations(article, around),
        locale=LOCALES[article.lang],
        site_name=settings().site_name,
        published=article.published_at,
        updated=article.updated_at,
        author=article.author,
        tags=[tag.title for tag in around.tags],
        picture=picture,
        data=described(article, thread, description=description, picture=picture, canonical=canonical),
    )


def list_head(title: str, description: str, canonical: str, feed: str = "feeds.site", **values: str) -> Head:
    """Return what a page that is no article says, at the path `canonical`: its own feed, where it has one, and the site's."""
    feeds = _feeds(feed, title, **values) if feed != "feeds.site" else []
    feeds += _feeds("feeds.site", settings().site_name)
    here, name = settings().address + canonical, settings().site_name
    return Head(title, description, here, feeds, LOCALES[language()], name)


LOCALES = {"zh": "zh_CN", "en": "en_US"}
assert LOCALES.keys() == LANGUAGES.keys()


def _feeds(endpoint: str, title: str, **values: str) -> list[Link]:
    return [Link(address(endpoint, kind=kind, **values), kept, title) for kind, kept in MEDIA_TYPES.items()]


def _canonical(article: Article, thread: ThreadPage) -> str:
    """Other orders and what a form answers are no pages of their own."""
    place = thread.place
    here = place.here if place.is_nested and thread.page.has_earlier else {}
    return article.canonical or settings().address + url_for("articles.show", slug=article.slug, **here)  # type: ignore[arg-type]


def _translations(article: Article, around: Around) -> list[Link]:
    """Each page of a group names one in every language: itself, and the first of each other."""
    first = {one.lang: one.slug for one in reversed(around.translations)}
    group = {article.lang: article.slug} | first if first else {}
    return [Link(address("articles.show", slug=slug), lang=HTML_LANG[lang]) for lang, slug in group.items()]
