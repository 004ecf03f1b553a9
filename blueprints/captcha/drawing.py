"""The picture of a challenge: the captcha package paints it with letters, overlap and lines of ours, in one plane."""

from functools import cache
from io import BytesIO
from math import cos, sin
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

WIDTH, HEIGHT = 144, 48
DRAWN = (2 * WIDTH, 2 * HEIGHT)
INK, PAPER = (40, 41, 44), (244, 244, 241)
COLOURS = 4
FONTS = {"B612-Bold": 76, "ComicNeue-Bold": 86, "RobotoSlab-Bold": 76}  # at these sizes letters are equally tall
SCALE = (0.84, 1.04)
TURN = 0.33  # radians, to each side
BEND = 0.18  # how far a corner of a letter is pulled, in letters
OVERLAP = (0.1, 0.2)  # in letters
CUT, LINE = (3, 3), (6, 7)  # how thick the lines of paper and of ink are
DOTS, DOT = 14, 7

_SHADES = [round(value * (COLOURS - 1) / 255) for value in range(256)]
_PALETTE = [
    round(paper + (ink - paper) * shade / (COLOURS - 1))
    for shade in range(COLOURS)
    for ink, paper in zip(INK, PAPER, strict=True)
]


def picture_of(answer: str, look: bytes) -> bytes:
    """Return a PNG of 144 × 48 pixels (drawn at twice that) that shows the answer; the same `look` looks the same."""
    painter = _painter()()
    painter.chance = Random(look)
    image = painter.generate_image(answer, bg_color=1, fg_color=255).point(_SHADES)
    image.putpalette(_PALETTE)
    file = BytesIO()
    image.save(file, "PNG", compress_type=_pillow().RLE)  # as small as the slowest compression, in a fifth of its time
    return file.getvalue()


def _letters(painter: Any, answer: str, ink: int, paper: int) -> Any:
    """Put the letters on the empty plane, each a little over the one before."""
    chance = painter.chance
    plane = _pillow().new("L", DRAWN)
    letters = [_bent(_glyph(chance.choice(list(FONTS)), character), chance) for character in answer]
    steps = [letter.width * (1 - chance.uniform(*OVERLAP)) for letter in letters]
    left = (DRAWN[0] - sum(steps[:-1]) - letters[-1].width) * chance.uniform(0.2, 0.8)
    for letter, step in zip(letters, steps, strict=True):
        plane.paste(ink, (int(left), int((DRAWN[1] - letter.height) * chance.uniform(0.25, 0.75))), letter)
        left += step
    return plane


def _bent(glyph: Any, chance: Random) -> Any:
    """Return the letter turned, scaled and bent, all in one step: each corner of the new one is fetched from the old."""
    width, height = glyph.size
    turn, scale = chance.uniform(-TURN, TURN), chance.uniform(*SCALE)
    wide = width * cos(turn) + height * abs(sin(turn))
    tall = height * cos(turn) + width * abs(sin(turn))
    corners = []
    for across, down in ((-wide, -tall), (-wide, tall), (wide, tall), (wide, -tall)):
        corners.append((width + across * cos(turn) - down * sin(turn)) / 2 + width * chance.uniform(-BEND, BEND))
        corners.append((height + across * sin(turn) + down * cos(turn)) / 2 + height * chance.uniform(-BEND, BEND))
    return glyph.transform((int(wide * scale), int(tall * scale)), _pillow().QUAD, corners, _pillow().BILINEAR)


@cache
def _glyph(font: str, character: str) -> Any:
    """Return one letter of one font, white on black: three fonts of our alphabet take 200 kB."""
    letters = _pillow().truetype(Path(__file__).parent / "fonts" / f"{font}.otf", FONTS[font])
    left, top, right, bottom = letters.getbbox(character)
    glyph = _pillow().new("L", (right - left, bottom - top))
    _pillow().Draw(glyph).text((-left, -top), character, fill=255, font=letters)
    return glyph


def _dots(painter: Any, image: Any, ink: int) -> None:
    """Strew short strokes over everything."""
    chance = painter.chance
    for _number in range(DOTS):
        left, top = chance.randrange(DRAWN[0]), chance.randrange(DRAWN[1])
        _pillow().Draw(image).line((left, top, left - 1, top - 1), fill=ink, width=DOT)


def _lines(painter: Any, image: Any, ink: int) -> None:
    """Draw a line of paper, then one of ink, through the middle of the letters."""
    chance, (width, height) = painter.chance, DRAWN
    for colour, thickness in ((0, CUT), (ink, LINE)):
        left, middle = chance.uniform(-0.3, 0) * width, chance.uniform(0.4, 0.6) * height
        tall = chance.uniform(0.6, 1) * height
        top, start = chance.choice(((middle - tall, 0), (middle, 180)))
        box = (left, top, left + chance.uniform(1.1, 1.4) * width, top + tall)
        _pillow().Draw(image).arc(box, start, start + 180, fill=colour, width=chance.randint(*thickness))


@cache
def _painter() -> Any:
    """The captcha package is heavy: it is imported with the first picture."""
    from captcha.image import ImageCaptcha

    ours = {"create_captcha_image": _letters, "create_noise_dots": _dots, "create_noise_curve": _lines}
    return type("Painter", (ImageCaptcha,), ours)


@cache
def _pillow() -> Any:
    """Pillow is heavy: it is imported with the first picture."""
    from PIL.Image import Resampling, Transform, new
    from PIL.ImageDraw import Draw
    from PIL.ImageFont import truetype

    return SimpleNamespace(
        new=new, Draw=Draw, truetype=truetype, QUAD=Transform.QUAD, BILINEAR=Resampling.BILINEAR, RLE=3
    )
