"""The table of contents of a long text, read from its stored HTML."""

import html as entities
import re
from typing import NamedTuple

HEADINGS_MIN = 3

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_NOT_READ = re.compile(r"<(sup|rt|rp)>.*?</\1>|<[^>]+>", re.DOTALL)


class Heading(NamedTuple):
    """A heading of the text: 2 or 3, its id, and its words."""

    level: int
    key: str
    words: str


def contents_of(html: str) -> list[Heading]:
    """Return the headings a reader can go to, in order; none where they are too few for a table."""
    found = [
        Heading(int(level), entities.unescape(key), entities.unescape(_NOT_READ.sub("", inner)).strip())
        for level, key, inner in _HEADING.findall(html)
    ]
    found = [heading for heading in found if heading.words]
    return found if len(found) >= HEADINGS_MIN else []
