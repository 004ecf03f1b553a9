"""Chinese punctuation set right: every place is found with what should stand there; who writes chooses which are changed.

After GB/T 15834 (use of punctuation marks) and the W3C's Requirements for Chinese Text Layout. Code, addresses, HTML and English
sentences are left alone: a mark is changed only beside Chinese.
"""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple

from core.i18n import _

FOUND_MAX = 500  # changes shown at once; what is left is found the next time
AROUND = 16

_H = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_MARK = r"[，。、；：？！“”‘’（）《》〈〉【】「」『』…—]"
_H_OR_MARK = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff，。、：；（]"
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", ".": "。"}

_PROTECTED = re.compile(
    r"(?ms)^[ \t]*(?P<fence>`{3,}|~{3,})(?![`~])[^\n]*\n.*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)"  # fenced code
    r"|^(?: {4}|\t)[^\n]*$"  # indented code
    r"|<[A-Za-z/!][^<>\n]*>"  # HTML and <https://…>
    r"|(?<=\])\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"  # the address of a link or picture
    r"|(?<=\])\[[^\]\n]*\]"  # the name a link refers to
    r"|^[ ]{0,3}\[[^\]\n]+\]:[^\n]*$"  # where that name leads
    r"|\[\^[^\]\s]{1,60}\]"  # a footnote's mark
    r"|\b[a-z][a-z0-9+.-]{0,20}://[^\s，。、；：？！“”‘’（）《》]{1,500}"
    r"|\b[\w.+-]{1,64}@[\w-]+\.[\w.-]+"
    r"|^(?=[^\n]*--)[ \t|:-]+$"  # the line under a table's head, and rules
)
_TICKS = re.compile(r"`+|\n[ \t]*\n")
_QUOTED = re.compile(r"^[^\n“”]*[“”][^\n]*$", re.MULTILINE)

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "ellipsis",
        re.compile(rf"(?<={_H})(?:\.{{3,}}|。{{2,}}|…(?!…)|…{{3,}}|·{{3,}})|(?<![.。])(?:\.{{3,}}|。{{2,}})(?={_H})"),
    ),
    (
        "dash",
        re.compile(
            rf"(?<={_H})[ ]*(?:-{{2,}}|—(?!—)|–{{1,2}}|―{{1,2}}|—{{3,}}|(?<=[ ])——|——(?=[ ]))[ ]*(?={_H}|{_MARK})"
        ),
    ),
    ("doubled", re.compile(r"([，、；：])\1+|。(?=[，、；：！？])|([！？])\2{3,}")),
    ("title", re.compile(rf"(?:<<|＜＜|«)(?=[^<>\n]{{0,60}}{_H})([^<>«»\n]{{1,80}}?)(?:>>|＞＞|»)")),
    ("quotes", re.compile(rf"\"(?=[^\"\n]{{0,400}}{_H})([^\"\n]{{1,400}}?)\"|(?<={_H_OR_MARK})'([^'\n]{{1,200}}?)'")),
    ("turned", _QUOTED),
    (
        "brackets",
        re.compile(
            rf"(?<![\]\w])\((?=[^()\n]{{0,400}}{_H})([^()\n]{{1,400}}?)\)"
            rf"|(?<={_H})\(([^()\n]{{1,80}}?)\)(?={_H}|{_MARK}|$)",
            re.MULTILINE,
        ),
    ),
    (
        "half",
        re.compile(
            rf"(?<={_H})[ ]?[,;:?!](?:[ ]?(?={_H}|{_MARK}|\")|(?=[ ]*$))"
            rf"|(?<={_H}[\"”’》）)])[,;:?!][ ]?(?={_H})|(?<={_H})\.(?:[ ]?(?={_H})|(?=[ ]*$))",
            re.MULTILINE,
        ),
    ),
    (
        "mixed",
        re.compile(rf"(?<={_H}[A-Za-z])[,;:?!][ ]?(?={_H})|(?<={_H}[ ])\b[A-Za-z][\w.]{{0,30}}([,;:?!])[ ]?(?={_H})"),
    ),
    ("space", re.compile(rf"(?<={_H})[ ]+(?={_MARK})|(?<=[，。、；：？！”’）》」』])[ ]+(?={_H})")),
    ("wide", re.compile(r"[０-９Ａ-Ｚａ-ｚ]+(?:．[０-９]+)?")),
)


class Change(NamedTuple):
    """One place: where it begins and ends, what stands there and what should, and the words around it."""

    start: int
    end: int
    before: str
    after: str
    kind: str
    lead: str
    rest: str


def find_changes(text: str) -> list[Change]:
    """Return the first 500 places where punctuation is not as Chinese has it, in order; no two overlap."""
    taken = bytearray(len(text) + 1)
    for start, end in [*_code_in_lines(text), *(span.span() for span in _PROTECTED.finditer(text))]:
        taken[start:end] = b"\x01" * (end - start)
    found: list[Change] = []
    for kind, pattern in _RULES:
        edits = (edit for match in pattern.finditer(text) for edit in _edits(kind, match))
        wanted = ((start, end, after) for start, end, after in edits if text[start:end] != after)
        free = (edit for edit in wanted if 1 not in taken[edit[0] : edit[1]])
        for start, end, after in islice(free, FOUND_MAX):
            taken[start:end] = b"\x01" * (end - start)
            found.append(_change(text, start, end, after, "half" if kind == "mixed" else kind))
    return sorted(found)[:FOUND_MAX]


def _code_in_lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield where code stands in a paragraph: between two runs of backticks of one length (CommonMark 0.31, 6.1)."""
    begun: dict[int, int] = {}
    closed = 0
    for run in _TICKS.finditer(text):
        size = run.end() - run.start()
        if run[0][0] != "`":
            begun = {}
        elif begun.get(size, -1) >= closed:
            yield begun.pop(size), run.end()
            closed = run.end()
        else:
            begun[size] = run.start()


def _edits(kind: str, match: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """Yield what a match comes to: where, and what should stand there. Marks in pairs are two places."""
    if kind == "turned":
        yield from _turned(match)
    elif kind in ("title", "quotes", "brackets"):
        group = 1 if match[1] is not None else 2
        pair = {"title": "《》", "brackets": "（）"}.get(kind, "“”" if group == 1 else "‘’")
        yield match.start(), match.start(group), pair[0]
        yield match.end(group), match.end(), pair[1]
    elif kind == "mixed":
        start = match.start(1) if match[1] is not None else match.start()
        yield start, match.end(), _FULL[match.string[start]]
    else:
        yield match.start(), match.end(), _single(kind, match[0])


def _turned(line: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the quotation marks of a paragraph as they open and close in turn, where now they do not."""
    marks = [place for place, one in enumerate(line[0], start=line.start()) if one in "“”"]
    depth = 0
    for place in marks:
        depth += 1 if line.string[place] == "“" else -1
        if depth < 0:
            break
    if depth != 0 and len(marks) % 2 == 0:
        yield from ((place, place + 1, "“”"[number % 2]) for number, place in enumerate(marks))


def _single(kind: str, here: str) -> str:
    if kind == "half":
        return _FULL[here.strip()]
    if kind == "doubled":
        return "" if here == "。" else here[0] * (3 if here[0] in "！？" else 1)
    if kind == "wide":
        return "".join(chr(ord(one) - 0xFEE0) for one in here)
    return {"ellipsis": "……", "dash": "——", "space": ""}[kind]


def _change(text: str, start: int, end: int, after: str, kind: str) -> Change:
    lead = text[max(0, start - AROUND) : start].rpartition("\n")[2]
    rest = text[end : end + AROUND].partition("\n")[0]
    return Change(start, end, text[start:end], after, kind, lead, rest)


def applied(text: str, changes: list[Change], chosen: Collection[int]) -> str:
    """Return the text with the chosen changes, by their places in the list."""
    pieces, last = [], 0
    for number, change in enumerate(changes):
        if number in chosen:
            pieces += [text[last : change.start], change.after]
            last = change.end
    return "".join(pieces) + text[last:]


def kind_names() -> dict[str, str]:
    """Return what each kind of change is called."""
    return {
        "ellipsis": _("省略号"),
        "dash": _("破折号"),
        "doubled": _("重复的标点"),
        "title": _("书名号"),
        "quotes": _("引号"),
        "turned": _("引号的方向"),
        "brackets": _("括号"),
        "half": _("半角标点"),
        "space": _("多余的空格"),
        "wide": _("全角字母和数字"),
    }
