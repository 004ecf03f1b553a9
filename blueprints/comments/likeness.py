"""How alike two texts are. A simhash of 64 bits over runs of three letters (Charikar, STOC 2002) finds what may be alike among
thousands, and how many of those runs two texts share decides.

Only letters count, every number is the same number, and of a link its host: the rest is changed from copy to copy to look new.
"""

from collections.abc import Iterable
from hashlib import blake2b

import regex

from core.text import spelling_key

ENOUGH = 20  # letters from which on likeness says something; shorter texts are the same or not
NEAR = 18  # bits in which two texts differ that are worth comparing
SHARED = 0.5  # of all runs of two texts that are nearly the same
LONGEST = 4_000  # characters looked at, half of them from the end

_PATH = regex.compile(r"(?<=//[^\s/]{1,80})/\S*")
_SIGNS = regex.compile(r"[^\p{L}\p{N}]+")
_NUMBER = regex.compile(r"\p{N}+")
_SIGN_BIT = 1 << 63


def letters_of(text: str) -> str:
    """Return what of a text is compared; in a text of a few words a number is what it is."""
    seen = " ".join(text.split())  # so that blanks push nothing out
    return _letters(seen if len(seen) <= LONGEST else f"{seen[: LONGEST // 2]} {seen[-LONGEST // 2 :]}")


def _letters(text: str) -> str:
    letters = _SIGNS.sub("", spelling_key(_PATH.sub("", text)))
    numbered = _NUMBER.sub("0", letters)
    return str(numbered if len(numbered) >= ENOUGH else letters)


def simhash(letters: str) -> int | None:
    """Return the simhash of what `letters_of` gave, signed as databases keep 64 bits; None where there is nothing to compare."""
    if not letters:
        return None
    grams = _grams(letters)
    most = len(grams) / 2
    sums = sum(_lanes(gram) for gram in grams).to_bytes(4 * 64, "little")
    bits = sum(1 << place for place, count in enumerate(memoryview(sums).cast("I")) if count > most)
    return bits - 2 * (bits & _SIGN_BIT)


def _grams(letters: str) -> set[str]:
    if len(letters) > LONGEST:
        letters = letters[: LONGEST // 2] + letters[-LONGEST // 2 :]
    return {letters[place : place + 3] for place in range(max(1, len(letters) - 2))}


def _lanes(gram: str) -> int:
    """Return 64 lanes of 32 bits, each 0 or 1: what is added up is counted for all bits of a hash at once."""
    hashed = int.from_bytes(blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    return int.from_bytes(f"{hashed:064b}".encode("utf-32-le"), "little") & _ONES


_ONES = sum(1 << 32 * place for place in range(64))


def distance(left: int, right: int) -> int:
    """Return in how many of the 64 bits two simhashes differ."""
    return ((left ^ right) & 0xFFFFFFFFFFFFFFFF).bit_count()


def near(simhash: int, others: Iterable[tuple[int, int]]) -> list[int]:
    """Return the ids of those (id, simhash) that may be nearly the same, in their order."""
    return [number for number, other in others if distance(simhash, other) <= NEAR]


def is_like(letters: str, other: str) -> bool:
    """Tell whether two texts, as `letters_of` gave them, are nearly the same; short ones are the same or not."""
    if min(len(letters), len(other)) < ENOUGH:
        return letters == other
    grams, others = _grams(letters), _grams(other)
    return len(grams & others) >= SHARED * len(grams | others)


def unquoted(body: str, source: str | None = None) -> str:
    """Return a text without the lines that quote `source` (None: anything): many may answer the same words.

    All of it where nothing else is there.
    """
    lines = body.split("\n")
    if not any(line.lstrip().startswith(">") for line in lines):
        return body
    known = _letters(source) if source is not None else None
    own = [line for line in lines if not (line.lstrip().startswith(">") and (known is None or _letters(line) in known))]
    return "\n".join(own) if letters_of("".join(own)) else body
