"""The doors to pictures: what readers load, and the page where authors put them up."""

import re

from flask import Blueprint, request, send_from_directory
from werkzeug.exceptions import RequestEntityTooLarge

from blueprints.articles.developing import Developed, WrongPicture, developed
from blueprints.articles.picture_forms import PictureForm
from blueprints.articles.picture_queries import pictures_named, pictures_of
from blueprints.articles.pictures import NoRoom, kept_pictures
from blueprints.auth.doors import for_authors
from core.config import settings
from core.database import db, writing
from core.errors import Busy, NotFound
from core.forms import row_id
from core.i18n import _, _l

bp = Blueprint("pictures", __name__)

AT_ONCE = 10
WORDS_BYTES = 1_000_000  # what the rest of the form may take
_FILE = re.compile(r"[0-9a-f]{32}-[0-9]{1,4}\.webp", re.ASCII)


class TooMuchAtOnce(Busy):
    """The files of one form are too large together; nothing of the form was read, and the page about it needs nothing of it."""

    status = 413
    wait_seconds = 0
    title = _l("太大了")


@bp.get("/pictures/<file>")
def show(file):
    """Send a picture in one of its widths; its name follows from its content, so it never changes."""
    if not _FILE.fullmatch(file) or not (settings().uploads / file).is_file():
        raise NotFound(_("没有这张图片。"))
    answer = send_from_directory(settings().uploads, file, mimetype="image/webp", max_age=None)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Disposition"] = "inline"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # readers of feeds show it on pages of theirs
    return answer


@bp.get("/write/pictures")
@for_authors
def index(author):
    """Show an author's pictures, those named in the address with fields for their words."""
    form = PictureForm()
    form.ask_for_words(pictures_named(request.args.getlist("picture")[:AT_ONCE]))
    return _page(form, author)


@bp.post("/write/pictures")
@for_authors
def create(author):
    """Keep the pictures sent, and show all that were named with the Markdown to copy, or with what is missing."""
    files = _files_sent()
    form = PictureForm()
    form.describe(pictures_named(request.form.getlist("picture")), _typed("alt"), _typed("caption"))
    if files and form.validate():
        with form.showing_errors():
            made = _all_developed(form, files)
            with writing(), kept_pictures(made, author) as kept:
                db.session.commit()
                form.ask_for_words(kept)
    return _page(form, author)


def _files_sent():
    """Return the files of the form, which lie on the disk by now. Raises TooMuchAtOnce, NoRoom."""
    most = AT_ONCE * settings().pictures_bytes_max
    request.max_content_length = most + WORDS_BYTES
    try:
        return [file for file in request.files.getlist("pictures") if file.filename]
    except RequestEntityTooLarge:
        raise TooMuchAtOnce(_("一次放得太多了，加起来最多 %(mb)s MB。请分几次。", mb=most // 1_000_000)) from None
    except OSError as problem:
        raise NoRoom(_("图片没有保存：网站的磁盘写不进去了。请过一会儿再试，或者告诉管理员。")) from problem


def _all_developed(form, files) -> list[Developed]:
    """Return what the files hold; those that are no pictures are told in the form."""
    made: dict[str, Developed] = {}
    for place, file in enumerate(files):
        try:
            if place >= AT_ONCE:
                raise WrongPicture(_("一次最多 %(count)s 张，这一张没有收下。", count=AT_ONCE))
            one = developed(file.stream, bytes_max=settings().pictures_bytes_max)
            made[one.name] = one
        except WrongPicture as refusal:
            form.refuse(file.filename, refusal)
    return list(made.values())


def _typed(field):
    """Return what was typed in a field, by the name of its picture."""
    return dict(zip(request.form.getlist("picture"), request.form.getlist(field), strict=False))


def _page(form, author):
    before = row_id(request.args.get("before"))
    return form.page(
        "write/pictures.html", pictures=pictures_of(author, before), mb=settings().pictures_bytes_max // 1_000_000
    )
