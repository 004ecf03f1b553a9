"""A feed in its two formats: Atom (RFC 4287, pages as in RFC 5005, answers as in RFC 4685) and JSON Feed 1.1."""

import json
import re
from typing import Any

from flask import render_template

from blueprints.feeds.filling import Entry, Feed
from core.config import settings
from core.i18n import HTML_LANG, language

MEDIA_TYPES = {"atom": "application/atom+xml", "json": "application/feed+json"}

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(feed: Feed, kind: str) -> str:
    """Return a feed as Atom or as JSON Feed."""
    return as_json(feed) if kind == "json" else as_atom(feed)


def as_atom(feed: Feed) -> str:
    return without_controls(render_template("feeds/atom.xml", feed=feed, feed_lang=HTML_LANG[language()]))


def without_controls(xml: str) -> str:
    """Return a document without the characters that no XML may hold, however they are written (XML 1.0, 2.2)."""
    return _NO_XML.sub("", xml)


def as_json(feed: Feed) -> str:
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.address("json", feed.before),
        "next_url": feed.address("json", feed.then) if feed.then else None,
        "language": HTML_LANG[language()],
        "authors": [{"name": settings().site_name, "url": settings().address + "/"}],
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(_known(told), ensure_ascii=False)


def _item(entry: Entry) -> dict[str, Any]:
    told = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.html,
        "summary": entry.summary,
        "date_published": entry.published.isoformat(timespec="seconds"),
        "date_modified": entry.updated.isoformat(timespec="seconds"),
        "authors": [_known({"name": entry.author, "url": entry.author_url})],
        "tags": [name for name, _key in entry.tags],
        "language": entry.lang,
    }
    return _known(told)


def _known(told: dict[str, Any]) -> dict[str, Any]:
    """An empty value is left out, but for the list of items and the text, which must be there."""
    return {name: value for name, value in told.items() if value or name in ("items", "content_html", "title")}
