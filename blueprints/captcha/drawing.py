"""The picture of a challenge."""

from functools import cache
from io import BytesIO
from typing import Any

WIDTH, HEIGHT = 144, 48
INK, PAPER = (40, 41, 44), (244, 244, 241)
COLOURS = 8


def picture_of(answer: str) -> bytes:
    """Return a PNG of 144 × 48 pixels (drawn at twice that) that shows the answer."""
    image = _painter().generate_image(answer, bg_color=PAPER, fg_color=INK).quantize(COLOURS)
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


@cache
def _painter() -> Any:
    """Pillow is a heavy package: it is imported with the first picture."""
    from captcha.image import ImageCaptcha

    return ImageCaptcha(width=2 * WIDTH, height=2 * HEIGHT, font_sizes=(64, 70, 76))
