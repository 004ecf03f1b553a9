"""What is a word, for the index and for what is looked for alike: pairs of characters in Chinese, words elsewhere.

Of a run of Chinese characters each pair is a word, and its last character: 纸上读书 → 纸上 上读 读书 书. So two characters and
more are found as a sequence of pairs, and one character as the beginning of a pair. Traditional characters are looked at as
simplified ones, letters as small ones, full-width signs as narrow ones (NFKC), each character by itself: what a text begins
with never changes what is found in the rest of it.
"""

import functools
import html as entities
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from core.text import normalized

ARTICLE, REPLY, BREAK = "|article", "|reply", "|"  # words nobody can look for: the kind of an entry, the end of a part
WORD_MAX = 64
KEPT_MAX = 30_000  # characters whose folding is remembered: as many as living languages use, in 5 MB

CHINESE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}ー"
OTHER = rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{CHINESE}]]"
_RUN = regex.compile(rf"[{CHINESE}]+|{OTHER}+", regex.V1)
_IS_CHINESE = regex.compile(rf"[{CHINESE}]", regex.V1)
_HAN = regex.compile(r"\p{Han}")
_UNSEEN = regex.compile(r"[\p{Cf}\p{Variation_Selector}]")
_QUOTED = regex.compile(r'["“”＂]([^"“”＂]*)["“”＂]')

_NOT_TEXT = regex.compile(r"<(rt|rp|sup)\b[^>]*>.*?</\1>|<!--.*?-->", regex.DOTALL)
_WITHIN_A_LINE = regex.compile(r'</?(?:a|em|strong|code|ruby|rb|i|b|u|s|span|sub)\b[^">]*(?:"[^"]*"[^">]*)*>')
_TAG = regex.compile(r'<[^">]*(?:"[^"]*"[^">]*)*>')


@dataclass(frozen=True)
class Term:
    """What must stand in a text: one run, or several after one another where they were quoted. Folded."""

    runs: tuple[str, ...]

    @property
    def ends_in_a_single(self) -> bool:
        """Whether its last word may go on: one Chinese character is the beginning of every pair with it."""
        return len(self.runs[-1]) == 1 and is_chinese(self.runs[-1])

    @property
    def words(self) -> Sequence[str]:
        """The words that stand one after another in the index where the term stands in the text."""
        *before, last = self.runs
        whole = [word for run in before for word in _words(run)]
        return [*whole, *(_words(last)[:-1] if is_chinese(last) and len(last) > 1 else _words(last))]


def terms_of(query: str) -> Sequence[Term]:
    """Return what must be found, each once, in the order it was typed; empty where nothing in it can be looked for."""
    found: list[Term] = []
    for place, part in enumerate(_QUOTED.split(query)):
        runs = tuple(_RUN.findall(fold(part)))
        found += [Term(runs)] if place % 2 and runs else [Term((run,)) for run in runs]
    return list(dict.fromkeys(found))


def words_of(text: str) -> Sequence[str]:
    """Return the words of a text in order."""
    return [word for run in _RUN.findall(fold(text)) for word in _words(run)]


def _words(run: str) -> list[str]:
    if not is_chinese(run):
        return [run[:WORD_MAX]]
    return [run[place : place + 2] for place in range(len(run))]


def is_chinese(run: str) -> bool:
    return _IS_CHINESE.match(run) is not None


def fold(text: str) -> str:
    """Return what all spellings of a text share."""
    return normalized("NFC", text).translate(_FOLDED)


class _Folded(dict[int, str]):
    """What each character is looked at as, found out the first time it is met; a sign that is no letter stays one character."""

    def __missing__(self, code: int) -> str:
        if len(self) >= KEPT_MAX:
            self.clear()
        self[code] = found = self._found(chr(code))
        return found

    def _found(self, character: str) -> str:
        if _UNSEEN.match(character):
            return ""
        folded = normalized("NFKC", normalized("NFKC", character).casefold())
        folded = "".join(_simplified(one) if _HAN.match(one) else one for one in folded)
        return folded if _RUN.search(folded) else character


_FOLDED = _Folded()


def _simplified(character: str) -> str:
    return str(_opencc().convert(character))


@functools.cache
def _opencc() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def plain(html: str) -> str:
    """Return the text of HTML that this site rendered, a line for each block, as it is read: without notes and spellings above it."""
    text = _TAG.sub("\n", _WITHIN_A_LINE.sub("", _NOT_TEXT.sub("", html)))
    return normalized("NFC", entities.unescape(text))


def spans(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int, Term]]:
    """Yield where the terms stand in a text (in NFC), in its order and without overlap."""
    folded = text.translate(_FOLDED)
    places = range(len(text) + 1) if len(folded) == len(text) else _places(text)
    longest_first = sorted(terms, key=lambda term: -len("".join(term.runs)))
    by_name = {f"t{number}": term for number, term in enumerate(longest_first)}
    wanted = regex.compile("|".join(f"(?P<{name}>{_pattern(term)})" for name, term in by_name.items()), regex.V1)
    for found in wanted.finditer(folded) if terms else ():
        yield places[found.start()], places[found.end() - 1] + 1, by_name[str(found.lastgroup)]


def _places(text: str) -> Sequence[int]:
    """Return for each character of the folded text which one of the text it came from."""
    return [place for place, one in enumerate(text) for _piece in _FOLDED[ord(one)]]


def _pattern(term: Term) -> str:
    made = ""
    for before, run in zip(("", *term.runs), term.runs, strict=False):
        if before:
            is_apart = is_chinese(before) == is_chinese(run)
            made += rf"[^\p{{L}}\p{{M}}\p{{N}}]{'+' if is_apart else '*'}"
        made += regex.escape(run) if is_chinese(run) else rf"(?<!{OTHER}){regex.escape(run)}(?!{OTHER})"
    return made
