"""From an uploaded file to the picture that is shown: known by its content, decoded, turned upright, drawn anew in several widths.

Nothing of the file itself is kept: what is stored was drawn from its pixels, without metadata, in sRGB.
"""

import hashlib
import os
from collections.abc import Iterator
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
COLOURS_MAX = 65_536  # what has more is a photograph, and drawn with losses nobody sees
QUALITY = 80
_NEARLY = 0.85  # a width so near to the widest is not worth a file
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
    name = _name_of(stream)
    try:
        with _opened(stream) as image, _one_at_a_time:
            shown = _in_srgb(_upright(image))
            return Developed(name, shown.width, shown.height, dict(_drawn(shown)))
    except WrongPicture:
        raise
    except Exception:  # a broken file breaks a decoder in many ways; whatever it was, it is the file's fault
        raise WrongPicture(str(_NO_PICTURE)) from None


def _name_of(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    stream.seek(0)
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()[:32]


def _opened(stream: IO[bytes]) -> Any:
    """Return the picture with its header read and nothing decoded. Raises WrongPicture for one that says it is huge."""
    pillow = _pillow()
    too_many = WrongPicture(_("这张图片的像素太多了，最多 %(mp)s 百万像素。", mp=PIXELS_MAX // 1_000_000))
    stream.seek(0)
    try:
        image = pillow.Image.open(stream, formats=KINDS)
    except (pillow.Image.DecompressionBombError, pillow.Image.DecompressionBombWarning):
        raise too_many from None
    if image.width * image.height > PIXELS_MAX:
        raise too_many
    return image


def _upright(image: Any) -> Any:
    """Decode, no larger than it is shown, and turn as the camera was held."""
    pillow = _pillow()
    turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    lies = turn in _LYING
    width, height = (image.height, image.width) if lies else image.size
    scale = min(1.0, WIDTHS[-1] / width, HEIGHT_MAX / height)
    wanted = max(1, round(width * scale)), max(1, round(height * scale))
    stored = wanted[::-1] if lies else wanted
    image.draft("RGB", stored)
    profile, plain = image.info.get("icc_profile"), _plain(image)
    if plain.size != stored:
        plain = plain.resize(stored, pillow.Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = plain.transpose(pillow.Image.Transpose[turn]) if turn else plain
    upright.info = {"icc_profile": profile} if profile else {}
    return upright


def _plain(image: Any) -> Any:
    """Return the first picture of the file in one of three kinds of colour: CMYK, RGB, RGB with transparency."""
    image.load()
    if image.mode.startswith(("I", "F")):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    wanted = "CMYK" if image.mode == "CMYK" else "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _in_srgb(image: Any) -> Any:
    """Convert the colours by the profile they came with; a broken profile is none."""
    pillow = _pillow()
    profile, alpha = image.info.pop("icc_profile", None), None
    if image.mode == "RGBA":
        alpha, image = image.getchannel("A"), image.convert("RGB")
    if profile:
        try:
            of_file = pillow.ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = pillow.ImageCms.createProfile("sRGB")
            image = pillow.ImageCms.profileToProfile(image, of_file, srgb, outputMode="RGB")
        except (pillow.ImageCms.PyCMSError, OSError, TypeError, ValueError):
            pass
    image = image if image.mode == "RGB" else image.convert("RGB")
    if alpha is not None:
        image.putalpha(alpha)
    image.info = {}
    return image


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
