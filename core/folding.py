"""Folding a long text: where its HTML is cut, at the end of a paragraph, and how much lies behind the cut."""

import html as entities
import re
from dataclasses import dataclass

from core.text import length

SHOWN, WORTH_FOLDING = 600, 300

_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
_MARK = re.compile(r"<!--fold (\d+) (\d+)-->")


@dataclass(frozen=True)
class Folded:
    """HTML in two parts; `paragraphs` and `characters` say how much the second holds, 0 where nothing is folded."""

    head: str
    tail: str
    paragraphs: int
    characters: int


def with_fold(html: str) -> str:
    """Return clean HTML with the mark of its cut, unchanged where it is not long enough to be folded.

    The cut comes after about 600 characters as a reader sees them, and only when more than 300 remain. HTML from people
    cannot hold the mark: comments do not survive cleaning.
    """
    blocks = _blocks(html)
    sizes = [length(entities.unescape(_TAG.sub("", block)).strip()) for block in blocks]
    shown = 0
    for place, size in enumerate(sizes[:-1], start=1):
        shown += size
        remaining = sum(sizes[place:])
        if shown >= SHOWN and remaining > WORTH_FOLDING:
            mark = f"<!--fold {len(blocks) - place} {remaining}-->"
            return "".join([*blocks[:place], mark, *blocks[place:]])
    return html


def folded(html: str) -> Folded:
    """Return HTML that `with_fold` made in its parts."""
    mark = _MARK.search(html)
    if mark is None:
        return Folded(html, "", 0, 0)
    return Folded(html[: mark.start()], html[mark.end() :], int(mark[1]), int(mark[2]))


def _blocks(html: str) -> list[str]:
    """Return the elements on the topmost level, each with what follows it up to the next."""
    blocks, depth, begin = [], 0, 0
    for tag in _TAG.finditer(html):
        if tag[2] == "br":
            continue
        depth += -1 if tag[1] else 1
        if depth == 0:
            blocks.append(html[begin : tag.end()])
            begin = tag.end()
    return [*blocks, html[begin:]] if html[begin:].strip() else blocks
