"""The picture of a challenge."""

from functools import cache
from io import BytesIO
from typing import Any

WIDTH, HEIGHT = 144, 48
INK, PAPER = (40, 41, 44), (244, 244, 241)
COLOURS = 8


def picture_of(answer: str) -> bytes:
    """Return a PNG of 144 × 48 pixels (drawn at twice that) that shows the answer."""
    painter, colorize = _painter()
    drawn = painter.generate_image(answer, bg_color=(0, 0, 0), fg_color=(255, 255, 255)).convert("L")
    image = colorize(drawn, black=PAPER, white=INK).quantize(COLOURS)  # drawn dark at once, the package makes ink faint
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


@cache
def _painter() -> Any:
    """Pillow is a heavy package: it is imported with the first picture."""
    from captcha.image import ImageCaptcha
    from PIL.ImageOps import colorize

    painter = ImageCaptcha(width=2 * WIDTH, height=2 * HEIGHT, font_sizes=(64, 70, 76))
    return painter, colorize
