"""Paragraphs of stored HTML: what readers point at, each with a key that stays while the text is revised.

What HTML holds here was cleaned: attributes stand in double quotes, and "<" begins a tag wherever it stands.
"""

import hashlib
import html as entities
import re
from collections.abc import Iterator, Set
from itertools import count
from typing import NamedTuple

from core.differences import aligned

POINTED_AT = {"p", "blockquote", "ul", "ol", "pre", "table", "figure"}
KEY = re.compile(r"[a-z0-9]{4,8}")

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^<>"]|"[^<>"]*")*)>')
_KEYED = re.compile(r'<[a-z]+ id="p-([a-z0-9]{4,8})"')
_NOTE_MARK = re.compile(r"<sup>.*?</sup>", re.DOTALL)
_WORDS_OF_PICTURE = re.compile(r' alt="([^"]*)"')
_EMPTY = {"br", "hr", "img"}
_ENDS_A_LINE = {"br", "p", "li", "tr", "pre", "blockquote", "ul", "ol", "footer", "figcaption"}
_ENDS_A_CELL = {"td", "th"}
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SOFT = "\x1f"  # a line break in the source, which is none to the reader
_SOFT_IN_CHINESE = re.compile(rf"(?<=[\u2e80-\u9fff\uf900-\uffef\u2014-\u2026]){_SOFT}(?=[\u2e80-\u9fff\uf900-\uffef])")


class Block(NamedTuple):
    """One element on the topmost level, without its own tags; `after` is what stands up to the next. `key` is "" for none.

    What is no element has no `tag` and is all in `inner`.
    """

    tag: str
    attributes: str
    inner: str
    after: str
    key: str

    def __str__(self) -> str:
        if not self.tag:
            return self.inner + self.after
        key = f' id="p-{self.key}"' if self.key else ""
        end = "" if self.tag in _EMPTY else f"{self.inner}</{self.tag}>"
        return f"<{self.tag}{key}{self.attributes}>{end}{self.after}"


def blocks_of(html: str) -> list[Block]:
    """Return the elements on the topmost level, in order; put together they are the same HTML again."""
    blocks: list[Block] = []
    depth, last_end, opening = 0, 0, None
    for tag in _TAG.finditer(html):
        if depth == 0 and not tag[1]:
            blocks = _followed_by(blocks, html[last_end : tag.start()])
            opening, last_end = tag, tag.start()
        depth = max(depth + (0 if tag[2] in _EMPTY else -1 if tag[1] else 1), 0)
        if depth == 0 and opening is not None:
            blocks.append(_block(opening, html[opening.end() : tag.start()] if tag is not opening else ""))
            last_end, opening = tag.end(), None
    return _followed_by(blocks, html[last_end:])


def _block(opening: re.Match[str], inner: str) -> Block:
    key = _KEYED.match(opening[0])
    attributes = opening[3].replace(f' id="p-{key[1]}"', "", 1) if key else opening[3]
    return Block(opening[2], attributes, inner, "", key[1] if key else "")


def _followed_by(blocks: list[Block], text: str) -> list[Block]:
    if text and blocks:
        blocks[-1] = blocks[-1]._replace(after=blocks[-1].after + text)
    return blocks if blocks or not text else [Block("", "", text, "", "")]


def with_keys(html: str, known: str = "") -> str:
    """Return clean HTML with a key on each paragraph; those that were in `known`, too, keep theirs, even changed or moved.

    A new key follows from the paragraph's words, so another text never gets the key of one that is gone.
    """
    blocks, old = blocks_of(html), [block for block in blocks_of(known) if block.key]
    places = [place for place, block in enumerate(blocks) if block.tag in POINTED_AT and words_of(block)]
    words, former = [words_of(blocks[place]) for place in places], [words_of(block) for block in old]
    kept = {there: here for here, there in aligned(former, words) if here is not None and there is not None}
    left = {former[here]: here for here in sorted(set(range(len(old))) - set(kept.values()), reverse=True)}
    taken, fresh = {block.key for block in old}, dict[str, Iterator[str]]()
    for number, place in enumerate(places):
        here = kept[number] if number in kept else left.pop(words[number], None)
        untaken = fresh.setdefault(words[number], _keys(words[number], taken))
        key = old[here].key if here is not None else next(untaken)
        taken.add(key)
        blocks[place] = blocks[place]._replace(key=key)
    return "".join(map(str, blocks))


def _keys(words: str, taken: Set[str]) -> Iterator[str]:
    """Yield keys for paragraphs of these words, none that is taken when it is asked for."""
    for turn in count():
        number = int.from_bytes(hashlib.sha256(f"{turn} {words}".encode()).digest()[:8])
        key = "".join(_LETTERS[number // 36**place % 36] for place in range(8))
        if key not in taken:
            yield key


def keys_of(html: str) -> list[str]:
    """Return the keys of all paragraphs in their order."""
    return _KEYED.findall(html)


def words_of(block: Block) -> str:
    """Return a paragraph's plain text, a line for each item or row it has; a picture is its words, the mark of a note nothing."""
    if block.tag == "pre":
        return entities.unescape(_TAG.sub("", block.inner)).strip("\n")
    spaced = _TAG.sub(_gap, _NOTE_MARK.sub("", block.inner).replace("\n", _SOFT))
    text = re.sub("  +", " ", _SOFT_IN_CHINESE.sub("", entities.unescape(spaced)).replace(_SOFT, " "))
    return "\n".join(line for lines in text.split("\n") if (line := lines.strip()))


def _gap(tag: re.Match[str]) -> str:
    if tag[2] == "img":
        words = _WORDS_OF_PICTURE.search(tag[3])
        return f"{words[1]}\n" if words else ""
    ends = tag[1] or tag[2] in _EMPTY
    return "\n" if ends and tag[2] in _ENDS_A_LINE else " " if ends and tag[2] in _ENDS_A_CELL else ""
