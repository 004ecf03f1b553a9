"""What text is: its length as a reader sees it, characters nobody can see, and names that look the same."""

import functools
import re
import unicodedata
from typing import Literal

import regex

_INVISIBLE = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\uFFFD\u115F\u1160\u3164\uFFA0\u2800]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffd-\uffff\ud800-\udfff]")
_STACKED = regex.compile(r"\p{M}{5,}")
_MARK = r"[[\p{M}\uFF9E\uFF9F]--[\u034F]]"  # whatever stands over or under a letter once it is decomposed
_MARKS = regex.compile(rf"({_MARK}{{30}})(?={_MARK})", regex.V1)
_GRAPHEME = regex.compile(r"\X")
_HAN = regex.compile(r"\p{Han}")
_ASCII_ALIKE = {"0": "o", "1": "l", "i": "l", "I": "l", "|": "l"}
_WORD = regex.compile(r"[\p{Latin}\p{N}'’]+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ADDRESS = re.compile(r"(?<=\])\([^()\s]*|https?://\S+")

HAN_PER_MINUTE = 400
WORDS_PER_MINUTE = 230
PICTURE_SECONDS, CODE_LINE_SECONDS = 10, 3


def normalized(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Return the text in a normalization form, with U+034F wherever more than 30 marks stand in a row (UAX 15, Stream-Safe).

    A run of marks is sorted in quadratic time: one form full of them would stop everybody else for minutes.
    """
    return unicodedata.normalize(form, text if text.isascii() else str(_MARKS.sub("\\1\u034f", text)))


def length(text: str) -> int:
    """Return the number of characters a reader sees (extended grapheme clusters, UAX 29)."""
    return len(text) if text.isascii() and "\r" not in text else sum(1 for _ in _GRAPHEME.finditer(text))


def one_kind_of_newline(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def has_unprintable(text: str) -> bool:
    """Tell whether a text holds controls, or the sign that stands for bytes that were no text."""
    return first_unprintable(text) is not None


def first_unprintable(text: str) -> int | None:
    """Return where the first of them stands."""
    found = _UNPRINTABLE.search(text)
    return found.start() if found else None


def has_invisible(name: str) -> bool:
    """Tell whether a name holds what cannot be seen: controls, zero-width and bidi marks, private characters, filler letters."""
    return _INVISIBLE.search(name) is not None


def has_stacked_marks(text: str) -> bool:
    """Tell whether marks are piled on one letter so high that they cover the neighbours."""
    return _STACKED.search(text) is not None


def has_endless_marks(text: str) -> bool:
    """Tell whether more marks stand in a row than in any writing."""
    return _MARKS.search(text) is not None


def tidy_name(name: str) -> str:
    """Return a name in NFC without blanks around it, runs of blanks as one."""
    return " ".join(normalized("NFC", name).split())


def name_key(name: str) -> str:
    """Return what two names that look alike share: a skeleton after Unicode TR 39, over NFKC and case folding."""
    visible = _INVISIBLE.sub("", normalized("NFKC", name))
    decomposed = normalized("NFD", "".join(_prototype(character) for character in visible))
    return normalized("NFC", decomposed.casefold()).replace(" ", "")


_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Z}\p{Mn}\s\uFFFD\u115F\u1160\u3164\uFFA0\u2800]+")


def spelling_key(text: str) -> str:
    """Return what all spellings of a text share: NFKC and case folded, without blanks, invisible characters and stacked marks."""
    return str(_UNSEEN.sub("", normalized("NFKC", normalized("NFKC", text).casefold())))


@functools.lru_cache(maxsize=4096)
def _prototype(character: str) -> str:
    """Capitals are looked at as they stand (Cyrillic М is like M, м is not like m); a small letter like none follows its capital."""
    if character.isascii():
        return _ASCII_ALIKE.get(character, character.lower())
    for form in (character, character.swapcase()):
        if ascii_alike := sorted(one.casefold() for one in _alike(form) if one.isascii()):
            return "".join(_ASCII_ALIKE.get(one, one) for one in ascii_alike[0])
    if character.casefold() != character:
        return "".join(_prototype(part) for part in character.casefold())
    return min(one for one in _alike(character) if len(one) == 1)


def _alike(character: str) -> set[str]:
    """Return the character's whole family: the table knows only which is like the family's head, and which the head is like."""
    near = {character} | {entry["c"] for entry in _confusables().get(character, ())}
    return near | {entry["c"] for one in near for entry in _confusables().get(one, ())}


def _confusables() -> dict[str, list[dict[str, str]]]:
    from confusable_homoglyphs.confusables import confusables_data

    return confusables_data  # type: ignore[no-any-return]


def reading_minutes(text: str) -> int:
    """Return how long reading a Markdown text takes, at least a minute. Code is looked at line by line, a picture for a while."""
    prose, code_lines = [], 0
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            code_lines += 1
            fence = "" if mark and mark[1].startswith(fence) and not line.strip(" `~") else fence
        elif mark:
            fence = mark[1]
        else:
            prose.append(_ADDRESS.sub(" ", line))
    read = "\n".join(prose)
    han, words = sum(1 for _ in _HAN.finditer(read)), sum(1 for _ in _WORD.finditer(read))
    looked_seconds = read.count("![") * PICTURE_SECONDS + code_lines * CODE_LINE_SECONDS
    return max(1, round(han / HAN_PER_MINUTE + words / WORDS_PER_MINUTE + looked_seconds / 60))


def excerpt(text: str, characters: int) -> str:
    """Return the beginning of a text on one line, cut with … after `characters`, without what flips or covers its neighbours."""
    line = str(_STACKED.sub(lambda marks: marks[0][:2], _INVISIBLE.sub("", " ".join(text.split()))))
    return line if len(line) <= characters else line[:characters].rstrip() + "…"


_LINK = regex.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}\S+"  # https://… and what a browser takes for it
    r"|\S+\.[\p{L}\p{N}]\S*"  # name.example
    r"|[a-z][\w-]*:\d\S*"  # localhost:80
    r"|\S+@\S+",
    regex.IGNORECASE,
)
_FULL_STOP = regex.compile(r"(?<=[a-z0-9-])。(?=[a-z0-9])", regex.IGNORECASE)  # a dot where it stands in a name


def without_links(text: str) -> str:
    """Return the text with … in place of everything a mail program could take for a link or an address, and nothing unseen in it.

    No letter shows more than the beginning, so what comes after 2,000 characters is left out.
    """
    beginning = normalized("NFKC", text[:2000])
    seen = _INVISIBLE.sub(lambda sign: sign[0] if sign[0] in "\n\r\t" else "", beginning)
    return str(_LINK.sub("…", _FULL_STOP.sub(".", seen)))


def quoted(words: str, characters: int = 300) -> str:
    """Return words as a Markdown quotation with an empty line after it; what they quote themselves is left out."""
    own = " ".join(line for line in words.split("\n") if line.strip() and not line.lstrip().startswith(">"))
    return f"> {excerpt(own, characters)}\n\n" if own else ""


def up_to(count: int, most: int) -> str:
    """Return a count that was counted no further than a bound: 12, 999+."""
    return f"{most}+" if count > most else str(count)
