"""Feeds as plain values, whichever format they are then written in: the site's, an author's, a tag's, of replies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from blueprints.articles.models import Article
from blueprints.articles.place_queries import author_at
from blueprints.articles.queries import NO_SUCH_PAGE
from blueprints.comments.models import Comment
from blueprints.comments.paths import comment_path
from blueprints.comments.reading import signed
from blueprints.feeds.naming import address, id_of, with_whole_addresses
from blueprints.feeds.queries import Reply, newest_replies, whole_articles
from core import clock
from core.config import settings
from core.errors import NotFound
from core.i18n import HTML_LANG, _
from core.paging import Page

PAGE_BYTES = 1_000_000


@dataclass(frozen=True)
class Entry:
    """One article or reply. `answers` names the reply it answers: its id and its address."""

    id: str
    url: str
    title: str
    html: str
    author: str
    published: datetime
    updated: datetime
    lang: str
    summary: str = ""
    author_url: str = ""
    tags: Sequence[tuple[str, str]] = ()
    answers: tuple[str, str] | None = None


@dataclass(frozen=True)
class Feed:
    """A page of a feed, newest first. `page` is what people read instead; `before` and `then` are the keys of this page and the next."""

    id: str
    title: str
    page: str
    endpoint: str
    entries: Sequence[Entry]
    since: datetime
    before: str | None = None
    then: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def updated(self) -> datetime:
        """When anything in it changed last; an empty one tells since when it could have been read."""
        return max((entry.updated for entry in self.entries), default=self.since)

    def address(self, kind: str, before: str | None = None) -> str:
        """Return where the feed is in this format, or a page of it."""
        return address(self.endpoint, kind=kind, **self.values, before=before)


def site_feed(before: str | None = None) -> Feed:
    """Return the newest articles of the site. Raises NotFound."""
    found, home = whole_articles(before), address("articles.index")
    return _of_articles(found, before, id=home, title=settings().site_name, page=home, endpoint="feeds.site")


def author_feed(name: str, before: str | None = None) -> Feed:
    """Return the newest articles signed with this name. Raises NotFound for none, unless an author's account has it."""
    found = whole_articles(before, author=name)
    if not found.items:
        author_at(name)
    there = address("places.author", name=name)
    title = _("%(name)s的文章 · %(site)s", name=name, site=settings().site_name)
    return _of_articles(
        found, before, id=there, title=title, page=there, endpoint="feeds.author", values={"name": name}
    )


def tag_feed(key: str, before: str | None = None) -> Feed:
    """Return the newest articles with the tag of this key. Raises NotFound for a tag no public article has."""
    found = whole_articles(before, tag_key=key)
    if not found.items:
        raise NotFound(NO_SUCH_PAGE)
    name = next(tag.name for tag in found.items[0].tags if tag.key == key)
    there, title = address("places.tag", key=key), f"{name} · {settings().site_name}"
    return _of_articles(found, before, id=there, title=title, page=there, endpoint="feeds.tag", values={"key": key})


def replies_feed(article: Article, before: int | None = None) -> Feed:
    """Return the newest public replies under an article."""
    return _of_replies(
        article,
        newest_replies(article, before),
        before,
        id=id_of(article, "replies"),
        title=_("回复：%(title)s", title=article.title),
        page=address("articles.show", slug=article.slug, _anchor="replies"),
        endpoint="feeds.replies",
        values={"slug": article.slug},
    )


def thread_feed(root: Comment, before: int | None = None) -> Feed:
    """Return the newest public replies of the thread that begins with this one, itself among them."""
    article = root.article
    return _of_replies(
        article,
        newest_replies(article, before, root_floor=root.floor),
        before,
        id=id_of(article, "thread", root.id),
        title=_("%(floor)s 楼的讨论：%(title)s", floor=root.floor, title=article.title),
        page=settings().address + comment_path(root.id),
        endpoint="feeds.thread",
        values={"comment_id": root.id},
    )


def _of_articles(found: Page[Article], before: str | None, **about: Any) -> Feed:
    items = found.items[: _fitting(found.items)]
    then = items[-1].slug if found.has_later or len(items) < len(found.items) else None
    entries = [_of_article(article) for article in items]
    return Feed(entries=entries, since=clock.at(0), before=before, then=then, **about)


def _fitting(articles: Sequence[Article]) -> int:
    """Return how many of the articles make a page: at least one, and no more than a reader's machine likes to fetch."""
    sizes = accumulate(len(article.body_html.encode()) for article in articles)
    return max(1, sum(1 for size in sizes if size <= PAGE_BYTES))


def _of_article(article: Article) -> Entry:
    assert article.published_at is not None
    there = address("articles.show", slug=article.slug)
    return Entry(
        id=id_of(article),
        url=there,
        title=article.title,
        html=with_whole_addresses(article.body_html, there),
        author=article.author,
        published=article.published_at,
        updated=article.updated_at or article.published_at,
        lang=HTML_LANG[article.lang],
        summary=article.summary,
        author_url=address("places.author", name=article.author),
        tags=[(tag.name, tag.key) for tag in article.tags],
    )


def _of_replies(article: Article, found: Page[Reply], before: int | None, **about: Any) -> Feed:
    assert article.published_at is not None
    then = str(found.items[-1].floor) if found.has_later else None
    entries = [_of_reply(article, row) for row in found.items]
    begun = str(before) if before is not None else None
    return Feed(entries=entries, since=article.published_at, before=begun, then=then, **about)


def _of_reply(article: Article, row: Reply) -> Entry:
    there = settings().address + comment_path(row.id)
    parent = row.parent_id and (
        id_of(article, "reply", row.parent_id),
        settings().address + comment_path(row.parent_id),
    )
    return Entry(
        id=id_of(article, "reply", row.id),
        url=there,
        title=_("%(name)s，%(floor)s 楼", name=signed(row.nickname), floor=row.floor),
        html=with_whole_addresses(row.body_html, there),
        author=signed(row.nickname),
        published=row.published_at,
        updated=row.edited_at or row.published_at,
        lang=HTML_LANG[article.lang],
        answers=parent or None,
    )
