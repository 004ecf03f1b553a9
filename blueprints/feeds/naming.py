"""What feeds call things by: ids that no new slug and no new floor changes, and whole addresses."""

import html as entities
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import url_for

from blueprints.articles.models import Article
from core.config import settings

_TAG = re.compile(r'<[a-z][a-z0-9]*(?:[^<>"]|"[^<>"]*")*>')
_ADDRESS = re.compile(r' (href|src|srcset)="([^"]*)"')


def id_of(article: Article, *parts: str | int) -> str:
    """Return the lasting id of an article or of something under it: a tag URI (RFC 4151) of the day the article was begun."""
    host = urlsplit(settings().address).hostname or ""
    authority = "localhost" if ":" in host else host
    return f"tag:{authority},{article.created_at:%Y-%m-%d}:" + "/".join(map(str, ("article", article.id, *parts)))


def address(endpoint: str, **values: Any) -> str:
    """Return the whole address of a page of ours, built from the configured site address and nothing a request said."""
    return settings().address + url_for(endpoint, **values)


def with_whole_addresses(html: str, page: str) -> str:
    """Return clean HTML whose links and pictures lead to the same places wherever it is read; `page` is where it stands."""
    return _TAG.sub(lambda tag: _ADDRESS.sub(lambda found: _whole(found, page), tag[0]), html)


def _whole(found: re.Match[str], page: str) -> str:
    name, value = found.groups()
    addresses = value.split(", ") if name == "srcset" else [value]
    return f' {name}="{", ".join(_from_anywhere(one, page) for one in addresses)}"'


def _from_anywhere(value: str, page: str) -> str:
    """What no browser can make an address of stays as it is."""
    try:
        return entities.escape(urljoin(page, entities.unescape(value)))
    except ValueError:
        return value
