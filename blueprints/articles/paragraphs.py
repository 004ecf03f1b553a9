"""The paragraphs of an article: what readers point at and quote, and how often they did."""

from dataclasses import dataclass

from blueprints.articles.models import Article
from core.contents import Heading, contents_of
from core.paragraphs import KEY, blocks_of, keys_of, words_of

MARKED_MAX = 2000  # paragraphs of one article that can be pointed at; the marks of more would outweigh the text
CONTENTS_MINUTES_MIN = 3  # how long a text is read that is worth a table of contents


@dataclass(frozen=True)
class Paragraph:
    """One paragraph as it is shown: `tag` is what stands around `html`; a `number` of 0 means that nobody points at it."""

    number: int
    key: str
    tag: str
    is_wide: bool
    html: str
    quoted: int


def paragraphs_of(article: Article) -> list[Paragraph]:
    """Return everything an article consists of, in order; what was rendered before there were keys is one piece."""
    shown: list[Paragraph] = []
    if not keys_of(article.body_html):
        return [_plain(article.body_html)]
    number = 0
    for block in blocks_of(article.body_html):
        if not block.key or number == MARKED_MAX:
            shown.append(_plain(str(block)))
            continue
        number += 1
        tag, html = ("p", block.inner) if block.tag == "p" else ("div", str(block._replace(key="", after="")))
        quoted = article.quoted.get(block.key, 0)
        shown.append(Paragraph(number, block.key, tag, block.tag in ("pre", "table", "figure"), html, quoted))
    return shown


def headings_of(article: Article) -> list[Heading]:
    """Return the table of contents of a long article, nothing for another."""
    return contents_of(article.body_html) if article.reading_minutes >= CONTENTS_MINUTES_MIN else []


def _plain(html: str) -> Paragraph:
    return Paragraph(0, "", "", False, html, 0)


def paragraph_number(article: Article, key: str) -> int | None:
    """Return the paragraph's place from 1, None when the article has no such paragraph (any more)."""
    keys = keys_of(article.body_html)
    return keys.index(key) + 1 if key in keys else None


def paragraph_words(article: Article, key: str) -> str | None:
    """Return the plain text of a paragraph, None when the article has no such paragraph (any more)."""
    if not KEY.fullmatch(key) or f' id="p-{key}"' not in article.body_html:
        return None
    return next((words_of(block) for block in blocks_of(article.body_html) if block.key == key), None)
