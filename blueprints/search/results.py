"""What is shown of each hit: the sentences it was found in, with what was looked for marked."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from blueprints.articles.models import Article
from blueprints.comments.models import Comment
from blueprints.comments.reading import signed
from blueprints.search.damage import DAMAGED
from blueprints.search.finding import TEXT_MAX, Found, articles_among, comments_among, texts_among
from blueprints.search.words import Term, plain, spans
from core.text import excerpt

SENTENCES_MAX = 3
BEFORE, AFTER = 40, 90  # characters at most before and after a hit, where its sentence is long
_CUT_TAG = re.compile(r"<[^<>]*\Z")
_END = re.compile(r"[。！？!?；;\n]|\.\s")

Piece = tuple[str, bool]
"""Some words, and whether they are what was looked for."""


@dataclass(frozen=True)
class Hit:
    """One article, or one reply under it, that was found. `name` signed it; `title` is the article's, marked where it was found itself."""

    article: Article
    comment_id: int | None
    floor: int | None
    name: str
    is_by_author: bool
    published_at: datetime
    title: Sequence[Piece]
    sentences: Sequence[Sequence[Piece]]


def hits_of(found: Sequence[Found], terms: Sequence[Term]) -> Sequence[Hit]:
    """Return what is shown of the entries that were found, in their order; three queries, whatever they are.

    What cannot be read of them is not shown.
    """
    articles, comments, texts = articles_among(found), comments_among(found), texts_among(found)
    hits = []
    for row in found:
        with suppress(*DAMAGED):
            hits.append(
                _reply(articles[row.article_id], comments[row.comment_id], terms)
                if row.comment_id
                else _article(articles[row.article_id], texts[row.article_id], terms)
            )
    return hits


def _article(article: Article, html: str, terms: Sequence[Term]) -> Hit:
    assert article.published_at is not None
    return Hit(
        article=article,
        comment_id=None,
        floor=None,
        name=article.author,
        is_by_author=False,
        published_at=article.published_at,
        title=marked(article.title, terms),
        sentences=sentences_in(f"{article.summary}\n{_text_of(html)}", terms),
    )


def _reply(article: Article, comment: Comment, terms: Sequence[Term]) -> Hit:
    assert comment.published_at is not None
    user = comment.user
    name = comment.nickname if user is None else "" if user.leaves_at else user.username
    return Hit(
        article=article,
        comment_id=comment.id,
        floor=comment.floor,
        name=signed(name),
        is_by_author=comment.is_by_author,
        published_at=comment.published_at,
        title=[(article.title, False)],
        sentences=sentences_in(_text_of(comment.body_html), terms),
    )


def _text_of(html: str) -> str:
    return plain(_CUT_TAG.sub("", html[:TEXT_MAX]))


def marked(text: str, terms: Sequence[Term]) -> Sequence[Piece]:
    """Return a text in pieces, those that were looked for marked."""
    pieces, end = [], 0
    for begin, until, _term in spans(text, terms):
        pieces += [(text[end:begin], False), (text[begin:until], True)]
        end = until
    return [piece for piece in (*pieces, (text[end:], False)) if piece[0]]


def sentences_in(text: str, terms: Sequence[Term]) -> Sequence[Sequence[Piece]]:
    """Return the sentences in which the terms stand first, at most three, in their order; the beginning where none does."""
    windows: list[tuple[int, int]] = []
    met: set[Term] = set()
    for begin, end, term in spans(text, terms):
        if term in met:
            continue
        met.add(term)
        if not any(first <= begin and end <= last for first, last in windows):
            windows.append(_window(text, begin, end))
        if len(met) == len(terms):
            break
    return [_sentence(text, *window, terms) for window in sorted(windows[:SENTENCES_MAX])] or [_beginning(text)]


def _window(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return where the sentence around a hit begins and ends, or as much of it as is shown."""
    before = [found.end() for found in _END.finditer(text, max(0, begin - BEFORE), begin)]
    first = before[-1] if before else max(0, begin - BEFORE)
    after = _END.search(text, end, end + AFTER)
    return first, after.end() if after else min(len(text), end + AFTER)


def _sentence(text: str, first: int, last: int, terms: Sequence[Term]) -> Sequence[Piece]:
    words = text[first:last]
    began, ended = _is_end(text[:first]), _is_end(words) or last == len(text)
    pieces = marked(excerpt(words, len(words)), terms)
    return [*([] if began else [("…", False)]), *pieces, *([] if ended else [("…", False)])]


def _beginning(text: str) -> Sequence[Piece]:
    return [(excerpt(text, BEFORE + AFTER), False)]


def _is_end(text: str) -> bool:
    return not text or text[-1] in "。！？!?；;" or text[-1].isspace()
