"""The picture other places show beside a link to an article: its title set in Song, the name of the site, who wrote it."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from blueprints.feeds.line_breaking import lines_of
from core.text import normalized

WIDTH, HEIGHT = 1200, 630
MARGIN = 96
PAPER, INK, CINNABAR = (251, 251, 249), (28, 29, 27), (176, 46, 28)
SHADES = 32  # from ink to paper; the colour after them is cinnabar
SOFT = 6  # the shade of what is less important
SIZES = (
    (112, 1),
    (88, 2),
    (72, 3),
    (60, 4),
    (48, 5),
)  # the title's letters, and up to how many lines they are this large
LEADING = 1.4
LENGTH_MAX = 200  # characters of a text that are looked at
FONT = Path(__file__).parent / "fonts" / "NotoSerifSC-Bold.otf"
MISSING = "〓"  # what compositors put where a letter is missing

_LEVELS = [round(value * (SHADES - 1) / 255) for value in range(256)]
_PALETTE = [
    round(ink + (paper - ink) * shade / (SHADES - 1))
    for shade in range(SHADES)
    for ink, paper in zip(INK, PAPER, strict=True)
]
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff]")
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")  # the font's curly ones are as wide as a Chinese character


@dataclass(frozen=True)
class Card:
    """What is drawn; the same card is the same picture."""

    title: str
    author: str
    site_name: str


def picture_of(card: Card) -> bytes:
    """Return a PNG of 1200 × 630 pixels."""
    painter = _painter()
    image = painter.new("L", (WIDTH, HEIGHT), 255)
    draw = painter.Draw(image)
    draw.text((MARGIN, 72), _shortened(drawable(card.site_name)), fill=0, font=painter.letters(36))
    draw.rectangle((MARGIN, 138, WIDTH - MARGIN, 141), fill=0)
    title = drawable(card.title)
    is_legible = 3 * title.count(MISSING) < len(title)
    _set_title(draw, title if is_legible else drawable(card.site_name))
    soft = SOFT * 255 // (SHADES - 1)
    draw.text((MARGIN + 44, 540), _shortened(drawable(card.author)), fill=soft, font=painter.letters(36), anchor="lm")
    image = image.point(_LEVELS)
    painter.Draw(image).rectangle((MARGIN, 530, MARGIN + 19, 549), fill=SHADES)
    image.putpalette([*_PALETTE, *CINNABAR])
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _set_title(draw: Any, title: str) -> None:
    """Set the title as large as its length allows, in the middle of its field; what is still too long ends with …."""
    for size, most in SIZES:
        letters = _painter().letters(size)
        lines = lines_of(title, letters.getlength, WIDTH - 2 * MARGIN)
        if len(lines) <= most:
            break
    else:
        lines = [*lines[: most - 1], lines[most - 1][:-1] + "…"]
    step = size * LEADING
    top = 141 + (530 - 141 - step * len(lines)) / 2
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + step * (number + 0.5)), line, fill=0, font=letters, anchor="lm")


def _shortened(name: str) -> str:
    letters, room = _painter().letters(36), WIDTH - 2 * MARGIN - 44
    if letters.getlength(name) <= room:
        return name
    while letters.getlength(name + "…") > room:
        name = name[:-1]
    return name + "…"


def drawable(text: str) -> str:
    """Return the text on one line with the mark of a missing letter for those the font lacks, without signs it lacks."""
    line = " ".join(normalized("NFC", text[:LENGTH_MAX]).split())
    line = line if _HAN.search(line) else line.translate(_STRAIGHT)
    kept = (one if _has(one) else MISSING if unicodedata.category(one).startswith("L") else "" for one in line)
    return " ".join("".join(kept).split())


@cache
def _nothing() -> bytes:
    return bytes(_painter().letters(24).getmask("\uffff"))


def _has(character: str) -> bool:
    return character == " " or bytes(_painter().letters(24).getmask(character)) not in (b"", _nothing())


@cache
def _painter() -> Any:
    from PIL import Image, ImageDraw, ImageFont

    @cache
    def letters(size: int) -> Any:
        return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)

    return SimpleNamespace(new=Image.new, Draw=ImageDraw.Draw, letters=letters)
