"""Where a line of a title may end: between Chinese characters and at blanks, but no line begins with a comma or ends with a bracket.

What may not stand where follows "Requirements for Chinese Text Layout" (W3C, 3.1).
"""

import re
from collections.abc import Callable

NEVER_FIRST = set("，。、；：？！）〕】》〉」』”’·…—～％‰℃,.;:?!)]}%")
NEVER_LAST = set("（〔【《〈「『“‘([{")

_WHOLE = re.compile(r"(?:——|……)|[^\s\u2014\u2018-\u201d\u2026\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\S|\s+")

Width = Callable[[str], float]
Piece = tuple[str, float, float]  # with its width, and the width without a blank at its end


def lines_of(text: str, width: Width, room: float) -> list[str]:
    """Return the text in as few lines as `room` allows, about equally long; `width` measures a text."""
    pieces = [(one, width(one), width(one.rstrip())) for one in _fitting(_pieces(text), width, room)]
    count = len(_filled(pieces, room))
    narrow, wide = room / 2, room
    for _step in range(8):
        between = (narrow + wide) / 2
        if len(_filled(pieces, between)) <= count:
            wide = between
        else:
            narrow = between
    return _filled(pieces, wide)


def _pieces(text: str) -> list[str]:
    """Cut the text where a line may end; a blank belongs to what stands before it."""
    pieces: list[str] = []
    for part in _WHOLE.findall(text.strip()):
        clings = bool(pieces) and (part.isspace() or part[0] in NEVER_FIRST or pieces[-1][-1] in NEVER_LAST)
        if clings:
            pieces[-1] += part
        else:
            pieces.append(part)
    return pieces


def _fitting(pieces: list[str], width: Width, room: float) -> list[str]:
    """A word longer than half a line may be cut anywhere, for there is no other way."""
    return [part for piece in pieces for part in (piece if width(piece.rstrip()) > room / 2 else [piece])]


def _filled(pieces: list[Piece], room: float) -> list[str]:
    lines, used = [""], 0.0
    for piece, wide, bare in pieces:
        if lines[-1] and used + bare > room:
            lines.append("")
            used = 0.0
        lines[-1] += piece
        used += wide
    return [line.rstrip() for line in lines]
