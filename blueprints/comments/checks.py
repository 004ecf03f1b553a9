"""The checks of screening: each looks at the evidence for one thing and says in points how much it speaks against a reply.

Points are weighed against PROOF and HOLD in `screening.py`; where they come from, and how often they are wrong, is told in
docs/screening.md and measured by benchmarks/screening.py.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import regex

from blueprints.comments.classifying import text_of
from blueprints.comments.contacts import contact_in
from blueprints.comments.evidence import Evidence
from core.text import spelling_key

DEMANDS = 100  # more than anything can outweigh
LINKS_MAX = 3
HASTE_SECONDS = 3
ACCOUNT_MANY = 9
KNOWN_SOME, KNOWN_MANY = 3, 10
SYMBOLS_SHARE, SYMBOLS_FROM = 0.3, 10
SHORTENERS = frozenset(
    {"bit.ly", "t.co", "goo.gl", "tinyurl.com", "is.gd", "ow.ly", "buff.ly", "cutt.ly", "rebrand.ly", "rb.gy", "shorturl.at", "s.id",
     "v.gd", "tiny.cc", "lihi.cc", "reurl.cc", "t.cn", "url.cn", "dwz.cn", "suo.im", "suo.nz", "mrw.so", "dwz.win", "t.hk.uy"}
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What one check found: its name, its points (negative ones speak for a reply), and what a moderator wants to see of it."""

    check: str
    points: int
    detail: str = ""

    def plain(self) -> dict[str, Any]:
        return asdict(self)


Check = Callable[[Evidence], Finding | None]


def all_wait(evidence: Evidence) -> Finding | None:
    return Finding("all", DEMANDS) if evidence.holds == "all" else None


def first_waits(evidence: Evidence) -> Finding | None:
    return Finding("first", DEMANDS) if evidence.holds == "first" and evidence.is_first else None


def honeypot(evidence: Evidence) -> Finding | None:
    return Finding("robot", 4) if evidence.draft.honeypot else None


def haste(evidence: Evidence) -> Finding | None:
    age = evidence.draft.age_seconds
    return Finding("haste", 3, f"{max(age, 0):.1f}") if age is not None and age < HASTE_SECONDS else None


def block_rate(evidence: Evidence) -> Finding | None:
    """A quarter, or half, of what a network may post in ten minutes at all."""
    count, most = evidence.from_block, evidence.block_limit
    return Finding("block", 3 if 2 * count >= most else 1, str(count)) if 4 * count >= most else None


def account_rate(evidence: Evidence) -> Finding | None:
    return Finding("account", 2, str(evidence.from_account)) if evidence.from_account >= ACCOUNT_MANY else None


def many_links(evidence: Evidence) -> Finding | None:
    count = len(re.findall(r"https?://", evidence.draft.body))
    return Finding("links", 8, str(count)) if count > LINKS_MAX else None


def new_hosts(evidence: Evidence) -> Finding | None:
    """A host that neither the article nor the newest public replies link to."""
    new = [link.host for link in evidence.links if link.host not in evidence.known_hosts]
    return Finding("host", 2 if len(set(new)) == 1 else 3, new[0][:80]) if new else None


def shorteners(evidence: Evidence) -> Finding | None:
    short = [link.host for link in evidence.links if link.host.removeprefix("www.") in SHORTENERS]
    return Finding("shortener", 3, short[0]) if short else None


def disguised_links(evidence: Evidence) -> Finding | None:
    """The words of a link are an address themselves, of another host than it leads to."""
    for link in evidence.links:
        shown = re.match(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?=[/:?#]|$)", link.words, re.IGNORECASE | re.ASCII)
        if shown and _bare(shown[1].lower()) != _bare(link.host):
            return Finding("disguise", 5, f"{shown[1][:60]} → {link.host[:60]}")
    return None


def _bare(host: str) -> str:
    return host.partition(":")[0].removeprefix("www.")


def mixed_scripts(evidence: Evidence) -> Finding | None:
    """Latin letters with Cyrillic or Greek ones inside one word: none of them is what it looks like."""
    words = [word for word in _WORD.findall(_all_of(evidence)) if _LATIN.search(word) and _ALIKE.search(word)]
    return Finding("scripts", 3 if len(words) == 1 else 5, words[0][:40]) if words else None


_WORD = regex.compile(r"\p{L}{2,}")
_LATIN = regex.compile(r"\p{Latin}")
_ALIKE = regex.compile(r"[\p{Cyrillic}\p{Greek}--µ]", regex.V1)


def hidden_signs(evidence: Evidence) -> Finding | None:
    """Zero-width signs between letters that never need them."""
    count = len(_HIDDEN.findall(_all_of(evidence)))
    return Finding("hidden", 1 if count < 3 else 3, str(count)) if count else None


_HIDDEN = regex.compile(
    r"(?<=[\p{Han}\p{Latin}\p{N}])[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u180e]+(?=[\p{Han}\p{Latin}\p{N}])"
)


def many_symbols(evidence: Evidence) -> Finding | None:
    signs = [sign for sign in evidence.draft.body if not sign.isspace()]
    share = sum(1 for sign in signs if _is_symbol(sign)) / max(len(signs), 1)
    return Finding("symbols", 3, f"{share:.0%}"[:-1]) if len(signs) >= SYMBOLS_FROM and share > SYMBOLS_SHARE else None


def _is_symbol(sign: str) -> bool:
    """What ornaments are made of; the signs of ASCII are those of Markdown and of programs, too."""
    return sign in "$【】" or (not sign.isascii() and unicodedata.category(sign)[0] == "S")


def contacts(evidence: Evidence) -> Finding | None:
    found = contact_in(_all_of(evidence))
    return Finding("contact", 5 if found.is_phone else 8, found.words) if found is not None else None


def owners_words(evidence: Evidence) -> Finding | None:
    """What holds; what refuses is `refused` below."""
    places = [spelling_key(place) for place in evidence.places.values()]
    found = [rule.words for rule in evidence.rules if any(rule.key in place for place in places)]
    return Finding("words", DEMANDS, found[0]) if found else None


def taught(evidence: Evidence) -> Finding | None:
    """What the classifier learned: nothing while it has too few lessons, and nothing that holds alone before it has many."""
    if evidence.model is None:
        return None
    chance = evidence.model.chance(text_of(evidence.draft.nickname, evidence.draft.body))
    strongest = 8 if evidence.model.has_many_lessons else 6
    points = next((points for least, points in ((0.99, strongest), (0.95, 5), (0.8, 3)) if chance >= least), 0)
    return Finding("taught", points, f"{chance:.0%}"[:-1]) if points else None


def good_name(evidence: Evidence) -> Finding | None:
    """An account, or an address this browser proved; a typed address has no name to lose."""
    if evidence.is_house:
        return Finding("house", -10)
    if evidence.removed or evidence.published < KNOWN_SOME:
        return None
    return Finding("known", -4 if evidence.published >= KNOWN_MANY else -3, str(evidence.published))


def _all_of(evidence: Evidence) -> str:
    return f"{evidence.draft.nickname}\n{evidence.draft.body}"


TEXT_CHECKS: tuple[Check, ...] = (
    all_wait,
    owners_words,
    many_links,
    new_hosts,
    shorteners,
    disguised_links,
    mixed_scripts,
    hidden_signs,
    many_symbols,
    contacts,
    taught,
    good_name,
)
NAME_CHECKS: tuple[Check, ...] = (owners_words, mixed_scripts, hidden_signs, contacts)
CHECKS: tuple[Check, ...] = (first_waits, honeypot, haste, block_rate, account_rate, *TEXT_CHECKS)


def refused(evidence: Evidence) -> tuple[str, str] | None:
    """Return the field and the words of a rule that refuses, None where none does. An account's name cannot be changed in the form."""
    fields = ("body",) if evidence.draft.user_id else ("body", "nickname", "email")
    for field in fields:
        key = spelling_key(evidence.places[field])
        for rule in evidence.rules:
            if rule.refuses and rule.key in key:
                return field, rule.words
    return None
