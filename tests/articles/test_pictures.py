"""Pictures: what may be put up and what becomes of it, what is refused and leaves nothing, and how readers get them."""

import io
import re
import resource
import struct
import subprocess
import sys
import zlib
from typing import Any

import pytest
from flask import current_app
from PIL import Image, ImageChops, ImageCms, ImageDraw, PngImagePlugin
from sqlalchemy import func, select

from blueprints.articles.developing import PIXELS_MAX, WrongPicture, developed
from blueprints.articles.models import Article, Picture
from blueprints.articles.pictures import NoRoom, TooManyPictures, kept_pictures
from blueprints.articles.rendering import sizes_in
from blueprints.auth.models import Role, User
from core.database import db, writing
from core.errors import DomainError
from core.picture_markup import pictures_in
from tests import builders
from tests.builders import hidden, log_in
from tests.moments import at_once

MAX = 10_000_000


@pytest.fixture
def shen(app):
    """沈未, an author."""
    return builders.user("沈未", "shen@example.com", role=Role.AUTHOR)


@pytest.fixture(autouse=True)
def no_pictures_left(request):
    if "app" in request.fixturenames:
        app = request.getfixturevalue("app")
        yield
        for path in app.config["ZHISHANG"].uploads.glob("*"):
            path.unlink()
    else:
        yield


def drawing(width=1000, height=600, mode="RGB"):
    """Return a picture whose corners have colours of their own: red, green, blue and white from the upper left."""
    image = Image.new(mode, (width, height), "white")
    painter = ImageDraw.Draw(image)
    for colour, left, top in (("red", 0, 0), ("lime", width // 2, 0), ("blue", 0, height // 2)):
        painter.rectangle((left, top, left + width // 2, top + height // 2), fill=colour)
    return image


def file(image=None, kind="PNG", **how):
    made = io.BytesIO()
    (image or drawing()).save(made, kind, **how)
    made.seek(0)
    return made


def opened(made, width=None):
    return Image.open(io.BytesIO(made.files[width or made.width])).convert("RGBA")


def stored():
    folder = current_app.config["ZHISHANG"].uploads
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def send(browser, *files, **more):
    """Send files by the form, each as (content, name)."""
    token = hidden(browser.get("/write/pictures"), "csrf_token")
    data = {"csrf_token": token, "pictures": [(io.BytesIO(content), name) for content, name in files]} | more
    return browser.post("/write/pictures", data=data, content_type="multipart/form-data")


def send_one_of(browser, size, folder):
    """Send one file of this size, from the disk and not from memory."""
    token = hidden(browser.get("/write/pictures"), "csrf_token")
    kind = "multipart/form-data; boundary=x"
    with (folder / "body").open("w+b") as body:
        body.write(f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'.encode())
        body.write(b'--x\r\nContent-Disposition: form-data; name="pictures"; filename="a.png"\r\n\r\n')
        body.seek(size)
        end = body.write(b"\r\n--x--\r\n") + size
        body.seek(0)
        return browser.post("/write/pictures", input_stream=body, content_type=kind, content_length=end)


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height, *chunks, pixels=b""):
    """Return a PNG that says it is of this size, whatever it holds."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *chunks, chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def gif_of_many_frames():
    frames = [Image.new("P", (600, 600), number) for number in range(200)]
    return file(frames[0], "GIF", save_all=True, append_images=frames[1:]).getvalue()


def jpeg_of(scans):
    """Return a progressive JPEG whose last scan, of ten, is there again and again."""
    head, begin, last = file(drawing(400, 300), "JPEG", progressive=True).getvalue()[:-2].rpartition(b"\xff\xda")
    return head + (begin + last) * (scans - 9) + b"\xff\xd9"


def webp_that_says(width, height):
    content = file(drawing(40, 30), "WEBP", lossless=True).getvalue()
    return content[:21] + struct.pack("<I", width - 1 | (height - 1) << 14) + content[25:]


ZEROS = zlib.compress(bytes(200_000_000), 9)
PLAIN = file(drawing(40, 30)).getvalue()
JPEG = file(drawing(400, 300), "JPEG").getvalue()
HUGE = {
    "PNG of 65535²": png(65535, 65535),
    "PNG of 41 million pixels": png(8200, 5000),
    "PNG of 40 million pixels in one row": png(40_000_000, 1),
    "PNG of 16 million pixels in one column": png(1, 16_000_000),
    "GIF of 65535²": b"GIF89a\xff\xff\xff\xff\x80\x00\x00" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;",
    "JPEG of 65535²": re.sub(
        rb"(\xff\xc0..\x08)....", lambda size: size[1] + b"\xff\xff\xff\xff", JPEG, flags=re.DOTALL
    ),
    "JPEG of 21 million pixels in ten scans": re.sub(
        rb"(\xff\xc2..\x08)....", lambda size: size[1] + b"\x10\x00\x14\x00", jpeg_of(10), flags=re.DOTALL
    ),
    "WebP of 21 million pixels": webp_that_says(5120, 4096),
    "WebP of 16384²": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0",
}
WRONG = {
    "empty": b"",
    "text": "一段文字".encode(),
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "SVG that says it is XML": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    "PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
    "PDF before a JPEG": b"%PDF-1.7\n" + JPEG,
    "HTML before a PNG": b"<script>alert(1)</script>" + PLAIN,
    "GIF that is JavaScript": b"GIF89a/*" + bytes(20) + b"*/=1;alert(1);",
    "ZIP": b"PK\x03\x04" + bytes(100),
    "gzip": b"\x1f\x8b\x08" + bytes(100),
    "BMP": file(drawing(), "BMP").getvalue(),
    "TIFF": file(drawing(), "TIFF").getvalue(),
    "ICO": file(drawing(64, 64), "ICO").getvalue(),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "half a JPEG": JPEG[: len(JPEG) // 2],
    "half a PNG": file().getvalue()[:400],
    "PNG whose pixels are missing": png(400, 400),
    "PNG whose profile unpacks to 200 MB": png(40, 30, chunk(b"iCCP", b"x\0\0" + ZEROS), pixels=b""),
    "PNG whose text unpacks to 200 MB": png(40, 30, *(chunk(b"zTXt", b"x\0\0" + ZEROS) for _ in range(3)), pixels=b""),
    "JPEG of a hundred and one scans": jpeg_of(101),
    "header of a WebP": b"RIFF\x10\0\0\0WEBPVP8 ",
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_kind_of_picture_is_drawn_anew_in_its_widths(app, kind):
    made = developed(file(drawing(1700, 1000), kind), bytes_max=MAX)

    assert (made.width, made.height) == (1700, 1000) and list(made.files) == [480, 960, 1440, 1700]
    for width, content in made.files.items():
        assert Image.open(io.BytesIO(content)).size == (width, round(width / 1.7)) and content[8:12] == b"WEBP"


@pytest.mark.parametrize(
    ("width", "widths"), [(300, [300]), (500, [500]), (1000, [480, 1000]), (4000, [480, 960, 1440, 1920])]
)
def test_a_picture_is_never_made_larger_and_never_wider_than_shown(app, width, widths):
    assert list(developed(file(drawing(width, 200)), bytes_max=MAX).files) == widths


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_stands_as_the_camera_was_held(app, turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that lays it as this camera stored it
    upright = drawing(800, 400)
    lying = upright.transpose(Image.Transpose(back[turn])) if turn > 1 else upright

    made = developed(file(lying, "JPEG", exif=exif, quality=95), bytes_max=MAX)

    assert (made.width, made.height) == (800, 400)
    corners = [opened(made).getpixel(place)[:3] for place in ((50, 50), (750, 50), (50, 350), (750, 350))]
    wanted = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    assert all(abs(a - b) < 30 for pair in zip(corners, wanted, strict=True) for a, b in zip(*pair, strict=True))


def test_nothing_of_the_file_but_its_pixels_is_kept(app):
    """T09, T36, T56: what hides beside the pixels is left behind."""
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"
    exif[0x8825] = {1: "N", 2: (31.0, 13.0, 0.0)}
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "<?php alert(1) ?>")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    files = [
        file(kind="JPEG", exif=exif, comment=b"alert(1)", icc_profile=profile),
        file(kind="PNG", exif=exif, pnginfo=text, icc_profile=profile),
        file(kind="WEBP", exif=exif, xmp=b"<x>alert(1)</x>", icc_profile=profile),
        file(kind="GIF", comment=b"*/=1;alert(1)//"),
        io.BytesIO(file(kind="PNG").getvalue() + b"<script>alert(1)</script>"),
        io.BytesIO(file(kind="JPEG").getvalue() + b"PK\x03\x04alert(1)%PDF"),
    ]

    for one in files:
        for content in developed(one, bytes_max=MAX).files.values():
            assert not re.search(rb"alert|EXIF|ICCP|XMP |script", content)


def test_colours_are_converted_by_the_profile_they_came_with(app):
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    plain = drawing(100, 100)
    made = developed(file(plain.convert("CMYK"), "JPEG"), bytes_max=MAX)
    broken = developed(file(plain, "PNG", icc_profile=b"no profile"), bytes_max=MAX)
    foreign = developed(file(plain, "PNG", icc_profile=swapped.tobytes()), bytes_max=MAX)

    assert opened(made).getpixel((10, 10))[0] > 200
    assert opened(broken).getpixel((10, 10))[:3] == opened(foreign).getpixel((10, 10))[:3] == (255, 0, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_each_way_a_png_keeps_colours_is_read(app, mode):
    image = Image.new("I;16", (100, 80), 40000) if mode == "I;16" else drawing(100, 80, "RGBA").convert(mode)

    made = developed(file(image, "PNG"), bytes_max=MAX)

    assert opened(made).getpixel((90, 70))[0] == (156 if mode == "I;16" else 255)


def test_what_is_transparent_stays_so(app):
    image = Image.new("RGBA", (600, 400), (255, 0, 0, 0))

    assert opened(developed(file(image), bytes_max=MAX)).getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("kind", HUGE)
def test_a_picture_that_says_it_is_huge_is_refused_by_its_header(app, kind):
    """T10, S75, F29."""
    with pytest.raises(WrongPicture, match=r"像素太多|不是图片|百万像素|一边太长"):
        developed(io.BytesIO(HUGE[kind]), bytes_max=MAX)


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_whole_picture_is_refused(app, kind):
    """S75, T09, T36, T67."""
    with pytest.raises(WrongPicture, match="不是图片"):
        developed(io.BytesIO(WRONG[kind]), bytes_max=MAX)


def test_a_picture_in_a_hundred_scans_is_taken(app):
    made = developed(io.BytesIO(jpeg_of(100)), bytes_max=MAX)

    assert (made.width, made.height) == (400, 300) and opened(made).getpixel((10, 10))[0] > 200


def test_what_is_drawn_in_strips_is_drawn_as_a_whole(app):
    image = Image.effect_noise((2400, 1000), 90)
    whole = image.resize((1920, 800), Image.Resampling.LANCZOS)
    made = opened(developed(file(image), bytes_max=MAX)).convert("L")

    assert max(ImageChops.difference(made, whole).tobytes()) <= 1


def test_a_long_picture_is_drawn_smaller_as_a_whole(app):
    made = developed(file(Image.new("1", (1920, 16_000))), bytes_max=MAX)

    assert (made.width, made.height) == (1200, 10_000)


def test_a_moving_picture_becomes_its_first_frame(app):
    made = developed(io.BytesIO(gif_of_many_frames()), bytes_max=MAX)

    assert not getattr(Image.open(io.BytesIO(made.files[600])), "is_animated", False)


def test_refusals_take_no_memory(app):
    """T10, F29: the most this process ever had grows by less than 100 MB."""
    developed(file(), bytes_max=MAX)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    for content in [*HUGE.values(), *WRONG.values()]:
        with pytest.raises(WrongPicture):
            developed(io.BytesIO(content), bytes_max=MAX)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_the_most_pixels_there_may_be_are_taken(app):
    assert PIXELS_MAX == 8000 * 5000
    made = developed(file(Image.new("1", (8000, 5000))), bytes_max=MAX)

    assert (made.width, made.height) == (1920, 1200)


COSTLIEST: dict[str, tuple[str, tuple[int, int], str, dict[str, Any]]] = {
    "PNG": ("RGBA", (8000, 5000), "PNG", {}),
    "PNG that is long": ("RGBA", (1920, 16_000), "PNG", {}),
    "WebP": ("RGBA", (5000, 4000), "WEBP", {"lossless": True, "method": 0}),
    "JPEG in ten scans": ("CMYK", (5000, 4000), "JPEG", {"progressive": True}),
}
GROWTH = """
import sys
from blueprints.articles.developing import developed
def most(): return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
before = most()
developed(open(sys.argv[1], "rb"), bytes_max=10_000_000)
print((most() - before) // 1024)
"""


@pytest.mark.parametrize("kind", COSTLIEST)
def test_the_largest_pictures_take_no_more_than_350_megabytes(kind, tmp_path):
    """T10, S75, F29."""
    mode, size, format_, how = COSTLIEST[kind]
    (tmp_path / "picture").write_bytes(file(Image.new(mode, size), format_, **how).getvalue())

    grown = subprocess.run(
        [sys.executable, "-c", GROWTH, str(tmp_path / "picture")], capture_output=True, text=True, check=True
    )

    assert int(grown.stdout) < 350


def test_a_picture_and_its_files_are_kept_together(app, shen):
    made = developed(file(), bytes_max=MAX)

    with writing(), kept_pictures([made], shen) as kept:
        db.session.commit()
        assert kept[0].widths == [480, 1000]

    assert stored() == [f"{made.name}-1000.webp", f"{made.name}-480.webp"]
    assert db.session.scalars(select(Picture)).one().bytes == sum(map(len, made.files.values()))


def test_the_same_file_is_the_same_picture(app, shen):
    made = developed(file(), bytes_max=MAX)
    for _turn in range(2):
        with writing(), kept_pictures([made], shen):
            db.session.commit()

    assert db.session.scalar(select(func.count(Picture.id))) == 1 and len(stored()) == 2


def kept_by(app, user_id, made):
    """Return what keeps a picture as a process of its own does, and says how it went."""

    def keep():
        with app.app_context():
            try:
                with writing(), kept_pictures([made], db.session.get_one(User, user_id)):
                    db.session.commit()
                return "kept"
            except DomainError as refusal:
                return type(refusal).__name__
            finally:
                db.session.remove()

    return keep


def test_a_file_that_two_put_up_at_the_same_moment_is_one_picture(app, shen, mei):
    both = (shen.id, mei.id)
    db.session.rollback()
    for number in range(8):
        made = developed(file(drawing(400 + number, 300)), bytes_max=MAX)

        assert at_once([kept_by(app, one, made) for one in both]) == ["kept", "kept"]

    assert db.session.scalar(select(func.count(Picture.id))) == 8 == len(stored())


def test_nobody_fills_the_disk_by_many_forms_at_the_same_moment(app, shen, choose):
    made = [developed(file(drawing(900 + number, 500)), bytes_max=MAX) for number in range(4)]
    user_id = shen.id
    choose(pictures_bytes_per_author=max(sum(map(len, one.files.values())) for one in made))

    told = at_once([kept_by(app, user_id, one) for one in made])

    assert sorted(told) == ["TooManyPictures"] * 3 + ["kept"]


def test_where_the_row_is_not_kept_neither_are_the_files(app, shen):
    made = developed(file(), bytes_max=MAX)

    with pytest.raises(ZeroDivisionError), writing(), kept_pictures([made], shen):
        assert len(stored()) == 2
        raise ZeroDivisionError

    assert stored() == [] and db.session.scalar(select(func.count(Picture.id))) == 0


def test_a_disk_that_takes_no_more_leaves_nothing(app, shen):
    """F7: the second of two files does not fit any more."""
    made = developed(file(drawing(1900, 1900)), bytes_max=MAX)
    sizes = [len(content) for content in made.files.values()]
    least = sizes[0] + 1
    assert least < sizes[-1]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    with pytest.raises(NoRoom), writing():
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, limits[1]))
        try:
            with kept_pictures([made], shen):
                raise AssertionError("it was kept")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert stored() == [] and db.session.scalar(select(func.count(Picture.id))) == 0


def test_nobody_fills_the_disk_alone(app, shen, choose):
    choose(pictures_bytes_per_author=10)

    with pytest.raises(TooManyPictures), writing(), kept_pictures([developed(file(), bytes_max=MAX)], shen):
        raise AssertionError("it was kept")

    assert stored() == []


def test_an_author_puts_up_pictures_and_gets_the_line_for_the_article(app, client, shen):
    log_in(client, "沈未")
    page = send(client, (file().getvalue(), "窗.png"), (JPEG, "../../树.jpg"))

    assert page.status_code == 200 and "给每张写一句说明" in page.text
    names = re.findall(r'name="picture" value="(\w+)"', page.text)
    assert (
        len(names) == 2 and len(stored()) == 3 and all(re.fullmatch(r"[0-9a-f]{32}-\d+\.webp", one) for one in stored())
    )

    words = {"picture": names, "alt": ["窗 [外]", "树"], "caption": ['图一，"窗"', ""]}
    done = send(client, **words)

    lines = [line.replace("&#34;", '"') for line in re.findall(r"readonly>([^<]+)</textarea>", done.text)]
    assert done.status_code == 200 and len(lines) == 2
    assert [(one.name, one.alt) for one in pictures_in("\n\n".join(lines))] == [(names[0], "窗 [外]"), (names[1], "树")]
    builders.article(body="\n\n".join(lines))
    html = db.session.scalars(select(Article)).one().body_html
    assert html.count("<figure") == 2 and '<figcaption>图一，"窗"</figcaption>' in html and "1000w" in html


def test_a_picture_without_words_is_told_and_kept(client, shen):
    log_in(client, "沈未")
    name = re.findall(r'name="picture" value="(\w+)"', send(client, (PLAIN, "a.png")).text)[0]

    page = send(client, picture=[name], alt=["  "], caption=["图一"])

    assert page.status_code == 422 and f'href="#alt-{name}">给图片写一句说明。' in page.text
    assert 'value="图一"' in page.text and "readonly" not in page.text
    assert send(client, picture=[name], alt=["字" * 301], caption=[""]).status_code == 422
    assert send(client, picture=[name], alt=["左\u202e右"], caption=[""]).status_code == 422


def test_what_is_refused_is_told_by_name_and_the_rest_is_kept(client, shen):
    """T09, T10, T36, T67, S75."""
    log_in(client, "沈未")

    page = send(client, (PLAIN, "a.png"), (HUGE["PNG of 65535²"], "b.png"), (WRONG["SVG"], "c<b>.png"))

    assert page.status_code == 422
    assert "b.png：这张图片的像素太多了" in page.text and "c&lt;b&gt;.png：这不是图片" in page.text
    assert len(stored()) == 1 and page.text.count('name="picture"') == 1


def test_a_file_larger_than_the_limit_is_refused(client, shen, choose):
    choose(pictures_bytes_max=10_000)
    log_in(client, "沈未")

    page = send(client, (bytes(10_001), "a.png"))

    assert page.status_code == 422 and "文件太大了" in page.text and stored() == []


def test_more_than_ten_at_once_are_not_taken(client, shen):
    log_in(client, "沈未")
    files = [(file(drawing(20 + number, 20)).getvalue(), f"{number}.png") for number in range(11)]

    page = send(client, *files)

    assert page.status_code == 422 and "10.png：一次最多 10 张" in page.text and len(stored()) == 10


def test_a_form_that_is_too_large_is_refused_with_words(client, shen, choose, tmp_path):
    choose(pictures_bytes_max=10_000)
    log_in(client, "沈未")

    page = send_one_of(client, 1_200_000, tmp_path)

    assert page.status_code == 413 and "一次放得太多了" in page.text


def test_100_megabytes_do_not_go_through_memory(client, shen, tmp_path):
    """T70."""
    log_in(client, "沈未")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    page = send_one_of(client, 99_000_000, tmp_path)

    assert page.status_code == 422 and "文件太大了" in page.text
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000 and stored() == []


def test_a_form_that_is_too_old_keeps_what_was_typed_and_takes_no_file(client, shen):
    log_in(client, "沈未")
    name = re.findall(r'name="picture" value="(\w+)"', send(client, (PLAIN, "a.png")).text)[0]

    page = send(client, (JPEG, "b.jpg"), csrf_token="old", picture=[name], alt=["窗外"], caption=[""])

    assert page.status_code == 422 and 'value="窗外"' in page.text and len(stored()) == 1


def test_readers_load_a_picture_once(client, shen):
    log_in(client, "沈未")
    send(client, (PLAIN, "a.png"))

    answer = client.get(f"/pictures/{stored()[0]}")

    assert answer.status_code == 200 and answer.data[8:12] == b"WEBP"
    assert answer.headers["Content-Type"] == "image/webp" and answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers
    assert client.get(f"/pictures/{stored()[0]}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "name",
    [
        "../site.db",
        "..%2fsite.db",
        "%2e%2e/site.db",
        "..%5csite.db",
        "%00",
        "a" * 32 + "-480.webp",
        "a" * 32 + "-480.webp%00.png",
        "a" * 32 + "-480.webp/",
        "a" * 32 + "-४८०.webp",
        "a" * 32 + "-480.svg",
        ".",
        "secret_key",
        "a" * 50_000,
    ],
)
def test_what_is_no_name_of_a_picture_is_not_found(client, name):
    """T11."""
    answer = client.get("/pictures/" + name)

    assert answer.status_code in (404, 400) and str(current_app.config["ZHISHANG"].instance) not in answer.text


def test_only_authors_put_up_pictures(client, mei):
    assert client.get("/write/pictures").status_code == 303
    assert client.post("/write/pictures").status_code == 403
    log_in(client, "梅子")
    assert client.get("/write/pictures").status_code == client.post("/write/pictures").status_code == 403


def test_an_author_goes_through_pictures_20_at_a_time(client, shen):
    db.session.add_all(
        Picture(name=f"{number:032x}", kind="webp", width=40, height=30, widths=[40], bytes=9, uploaded_by_id=shen.id)
        for number in range(21)
    )
    db.session.commit()
    log_in(client, "沈未")

    first = client.get("/write/pictures").text
    more = re.findall(r'href="(/write/pictures\?before=\d+)"', first)[0]

    assert first.count("pictures__again") == 20 and client.get(more).text.count("pictures__again") == 1
    assert client.get("/write/pictures?before=nonsense").status_code == 200
    assert client.get(f"/write/pictures?picture={20:032x}&picture=nobody").text.count('name="alt"') == 1


def test_a_text_knows_the_sizes_of_the_pictures_there_are(app, shen):
    made = developed(file(), bytes_max=MAX)
    with writing(), kept_pictures([made], shen):
        db.session.commit()

    found = sizes_in(f"![a](/pictures/{made.name}-480.webp) ![b](/pictures/{'a' * 32}-480.webp)")

    assert {name: tuple(sizes) for name, sizes in found.items()} == {made.name: (1000, 600, [480, 1000])}
