"""Ways to get in touch, as advertisements write them: digits in every width and apart, names of messengers in every spelling.

No pattern here goes back over more than a few characters: runs of blanks are one blank before anything is looked for.
"""

import re
from dataclasses import dataclass

import regex

from core.text import normalized

_UNSEEN = regex.compile(r"[\p{Cf}\p{M}]+")
_BLANKS = re.compile(r"\s+")
_NUMERALS = str.maketrans("零〇一二三四五六七八九", "00123456789")
_GAP = r"[ \t.\-_*·•,，|/]{0,3}"  # what stands between spaced-out digits
_TOGETHER = r"(?=[a-z_-]{0,20}\d)[a-z0-9_-]{6,}"
_BARE = r"(?=[a-z]{1,30}_)[a-z0-9_-]{6,}"  # may be a word of programs as well
_APART = r"[a-z0-9](?:[ \t.\-_*·•]{1,3}[a-z0-9](?![a-z0-9])){5,}"
_BETWEEN = r"[\s:=→>\-—~,，。!！(（\[【@]{0,4}"
_SEAM = r"\s?(?u:[^\w\s]|_)?\s?"  # what may stand between 微 and 信

_PHONE = re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!{_GAP}\d)")
_MESSENGERS = (
    (
        "微信",
        rf"(?<![a-z])(?:(?:加|\+)?\s?(?:[微薇威徽v]{_SEAM}信|微\s?x|wei\s?xin|we\s?chat|vx|wx)|(?:加|\+)\s?(?:v|薇|微|威|徽))",
    ),
    ("QQ", r"(?<![a-z])(?:q\s?q|扣\s?扣|企鹅|q\s?群|加\s?群|加\s?q)"),
    ("Telegram", r"(?<![a-z])(?:telegram|电报|飞机号|纸飞机|tg)"),
)
_AFTER = rf"(?:{_BETWEEN}(?:号码|号|群号|群|id|是|搜索|搜|加|私|联系|频道)){{0,3}}{_BETWEEN}"
_ASKS = r"(?:加|搜索|搜|联系|私)\s?"
_LEADS = r"(?=[^a-z]{0,12}(?:[:=@>→]|号|id(?![a-z])|搜|加|私|联系))"


def _followed(words: str) -> re.Pattern[str]:
    """A messenger and a name in it. What has no digit is one only where words lead to it: open_source is none."""
    named = rf"{words}{_AFTER}(?:{_TOGETHER}|{_APART})"
    led_to = rf"(?:{_ASKS}{words}|{words}{_LEADS}){_AFTER}{_BARE}"
    return re.compile(f"{named}|{led_to}", re.ASCII)


_FOLLOWED = [(name, _followed(words)) for name, words in _MESSENGERS]
_ADDRESSES = re.compile(r"(?<![\w.])(?:t\.me|telegram\.me|wa\.me|line\.me/ti)/\+?\w{3,}")


@dataclass(frozen=True)
class Contact:
    """One way to get in touch: a phone number, or a name in a messenger."""

    words: str
    is_phone: bool = False


def plain_of(text: str) -> str:
    """Return what all spellings of a text share here, without marks and unseen signs, each run of blanks as one blank or newline."""
    seen = _UNSEEN.sub("", normalized("NFKC", text)).casefold()
    return _BLANKS.sub(lambda run: "\n" if "\n" in run[0] else " ", seen)


def contact_in(text: str) -> Contact | None:
    """Return the first way to get in touch that a text names, None where it names none. Naming a messenger alone is none."""
    plain = plain_of(text)
    if address := _ADDRESSES.search(plain):
        return Contact(address[0][:60])
    folded = plain.translate(_NUMERALS)
    for name, pattern in _FOLLOWED:
        if found := pattern.search(folded):
            return Contact(f"{name} {' '.join(found[0].split())[:50]}")
    phone = _PHONE.search(folded)
    return Contact(" ".join(phone[0].split()), is_phone=True) if phone else None
