"""The paragraphs of an article, each with a key that stays: what somebody may quote and point at."""

import html
import re

from blueprints.articles.models import Article

_PLACE = re.compile(r'<(\w+) id="p-([a-z0-9]+)"')
_TAG = re.compile(r"<[^>]+>")


def paragraph_number(article: Article, key: str) -> int | None:
    """Return the paragraph's place from 1, None when the article has no such paragraph (any more)."""
    keys = [found[2] for found in _PLACE.finditer(article.body_html)]
    return keys.index(key) + 1 if key in keys else None


def paragraph_words(article: Article, key: str) -> str | None:
    """Return the plain text of a paragraph, None when the article has no such paragraph (any more)."""
    for found in _PLACE.finditer(article.body_html):
        if found[2] == key:
            end = article.body_html.find(f"</{found[1]}>", found.end())
            return html.unescape(_TAG.sub("", article.body_html[found.start() : end])).strip()
    return None
