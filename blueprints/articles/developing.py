"""From an uploaded file to the picture that is shown: known by its content, decoded, turned upright, drawn anew in several widths.

Nothing of the file itself is kept: what is stored was drawn from its pixels, without metadata, in sRGB.
"""

import hashlib
import math
import os
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import IO, Any

from core.errors import DomainError
from core.i18n import _, _l

KINDS = ("JPEG", "PNG", "WEBP", "GIF")
KIND = "webp"
WIDTHS = (480, 960, 1440, 1920)
HEIGHT_MAX = 16_000  # WebP ends at 16,383
PIXELS_MAX = 40_000_000
SIDE_MAX = 30_000  # pixels: scaling a row takes memory for each of them, and longer ones are no photographs
COSTLY_PIXELS_MAX = 20_000_000  # of a WebP and of a JPEG in several scans: their decoders take up to 15 bytes a pixel
SHOWN_PIXELS_MAX = 12_000_000  # drawing a WebP without loss takes about 20 bytes a pixel
SCANS_MAX = 100  # of a JPEG: each goes over all its pixels; programs make about ten
STRIP = 256  # rows that are drawn at once
COLOURS_MAX = 65_536  # what has more is a photograph, and drawn with losses nobody sees
QUALITY = 80
_NEARLY = 0.85  # a width so near to the widest is not worth a file
_REACH = 3  # pixels beside one that Lanczos looks at, in the smaller of both sizes
_SCAN = re.compile(rb"\xff\xda\0[\x06\x08\x0a\x0c][\0-\4]")  # its head has no other beginning
_ORIENTATION = 0x0112  # EXIF: how the camera was held
_TURNS = {
    **{2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM"},
    **{5: "TRANSPOSE", 6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"},
}
_LYING = {"TRANSPOSE", "ROTATE_270", "TRANSVERSE", "ROTATE_90"}

_one_at_a_time = Lock()  # a decoded picture is large, and threads are many


class WrongPicture(DomainError):
    """What was sent is no picture, or none that can be shown."""


_NO_PICTURE = _l("这不是图片，或者文件坏了。可以用 JPEG、PNG、WebP 和 GIF。")


@dataclass(frozen=True)
class Developed:
    """A picture drawn anew: its name follows from the file it came from; `files` are its widths in ascending order."""

    name: str
    width: int
    height: int
    files: dict[int, bytes]


def developed(stream: IO[bytes], *, bytes_max: int) -> Developed:
    """Return the picture a file holds. Raises WrongPicture."""
    size = stream.seek(0, os.SEEK_END)
    if size > bytes_max:
        raise WrongPicture(_("文件太大了，一张最多 %(mb)s MB。", mb=round(bytes_max / 1_000_000, 1)))
    try:
        with _one_at_a_time:
            stream.seek(0)
            content = stream.read()
            with closing(_opened(content)) as image:
                upright = _upright(image)
            name = hashlib.sha256(content).hexdigest()[:32]
            return Developed(name, upright.width, upright.height, dict(_drawn(upright)))
    except WrongPicture:
        raise
    except Exception:  # a broken file breaks a decoder in many ways; whatever it was, it is the file's fault
        raise WrongPicture(str(_NO_PICTURE)) from None


def _opened(content: bytes) -> Any:
    """Return the picture with its header read and nothing decoded. Raises WrongPicture for one that would cost too much."""
    pillow = _pillow()
    too_many = WrongPicture(_("这张图片的像素太多了，最多 %(mp)s 百万像素。", mp=PIXELS_MAX // 1_000_000))
    scans = sum(1 for _scan in _SCAN.finditer(content))
    try:
        image = pillow.Image.open(BytesIO(content), formats=KINDS)
    except (pillow.Image.DecompressionBombError, pillow.Image.DecompressionBombWarning):
        raise too_many from None
    if image.width * image.height > PIXELS_MAX:
        raise too_many
    if max(image.size) > SIDE_MAX:
        raise WrongPicture(_("这张图片的一边太长了，最多 %(side)s 像素。", side=SIDE_MAX))
    if scans > SCANS_MAX:
        raise WrongPicture(str(_NO_PICTURE))
    if image.width * image.height > COSTLY_PIXELS_MAX and (image.format == "WEBP" or scans > 1):
        raise WrongPicture(
            _(
                "WebP 和渐进式的 JPEG 最多 %(mp)s 百万像素，请把它改小，或者存成普通的 JPEG。",
                mp=COSTLY_PIXELS_MAX // 1_000_000,
            )
        )
    return image


def _upright(image: Any) -> Any:
    """Decode, draw no larger than it is shown, and turn as the camera was held."""
    pillow = _pillow()
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    lies = turn in _LYING
    width, height = (image.height, image.width) if lies else image.size
    scale = min(1.0, WIDTHS[-1] / width, HEIGHT_MAX / height, math.sqrt(SHOWN_PIXELS_MAX / (width * height)))
    wanted = max(1, round(width * scale)), max(1, round(height * scale))
    stored = wanted[::-1] if lies else wanted
    image.draft("RGB", stored)
    image.load()
    drawn = _drawn_in_strips(image, stored)
    return drawn.transpose(pillow.Image.Transpose[turn]) if turn else drawn


def _drawn_in_strips(image: Any, size: tuple[int, int]) -> Any:
    """Return the picture in this size and in sRGB; converted and scaled as a whole it would take its memory several times."""
    pillow = _pillow()
    mode = "CMYK" if image.mode == "CMYK" else "RGBA" if image.has_transparency_data else "RGB"
    drawn = pillow.Image.new("RGBA" if mode == "RGBA" else "RGB", size)
    colours, scale = _colours_of(image, mode), image.height / size[1]
    around = math.ceil(_REACH * scale) + 1 if image.size != size else 0
    for top in range(0, size[1], STRIP):
        bottom = min(size[1], top + STRIP)
        first, last = max(0, math.floor(top * scale) - around), min(image.height, math.ceil(bottom * scale) + around)
        strip = _plain(image.crop((0, first, image.width, last)), mode)
        box = (0, top * scale - first, image.width, min(bottom * scale, image.height) - first)
        strip = strip.resize((size[0], bottom - top), pillow.Image.Resampling.LANCZOS, box)
        drawn.paste(_in_srgb(strip, colours), (0, top))
    return drawn


def _plain(strip: Any, mode: str) -> Any:
    if strip.mode.startswith(("I", "F")):
        strip = strip.convert("I").point(lambda value: value / 256).convert("L")
    return strip if strip.mode == mode else strip.convert(mode)


def _colours_of(image: Any, mode: str) -> Any:
    """Return how the colours of the profile the picture came with become sRGB, None for none and for a broken one."""
    pillow, profile = _pillow(), image.info.get("icc_profile", b"")
    try:
        of_file = pillow.ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = pillow.ImageCms.createProfile("sRGB")
        return pillow.ImageCms.buildTransform(of_file, srgb, mode.removesuffix("A"), "RGB")
    except (pillow.ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None


def _in_srgb(strip: Any, colours: Any) -> Any:
    alpha = strip.getchannel("A") if strip.mode == "RGBA" else None
    strip = strip.convert("RGB") if alpha is not None or not colours else strip
    strip = colours.apply(strip) if colours else strip
    if alpha is not None:
        strip.putalpha(alpha)
    return strip


def _drawn(image: Any) -> Iterator[tuple[int, bytes]]:
    """Yield each width with its file, narrow ones first."""
    pillow = _pillow()
    is_graphic = image.getcolors(COLOURS_MAX) is not None
    how = {"lossless": True, "quality": 60} if is_graphic else {"quality": QUALITY}
    for width in [*(one for one in WIDTHS if one < image.width * _NEARLY), image.width]:
        height = max(1, round(image.height * width / image.width))
        drawn = image if width == image.width else image.resize((width, height), pillow.Image.Resampling.LANCZOS)
        file = BytesIO()
        drawn.save(file, "WEBP", method=4, **how)
        yield width, file.getvalue()


def _pillow() -> Any:
    import PIL
    from PIL import Image, ImageCms, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    assert Image and ImageCms and ImageOps
    return PIL
