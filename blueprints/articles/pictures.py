"""Keeping pictures: their files, whole, in instance/uploads/, and a row for each, both or neither."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from blueprints.articles.developing import KIND, Developed
from blueprints.articles.models import Picture
from blueprints.auth.models import User
from core.config import settings
from core.database import db
from core.errors import Busy, DomainError
from core.i18n import _, _l


class TooManyPictures(DomainError):
    """The person has no more room for pictures."""


class NoRoom(Busy):
    """The disk takes nothing more (RFC 4918, section 11.5)."""

    status = 507
    title = _l("磁盘满了")


@contextmanager
def kept_pictures(made: Sequence[Developed], user: User) -> Iterator[list[Picture]]:
    """Keep pictures for the block, which commits; where anything fails, neither file nor row stays.

    What was kept before, by whomever, is that picture again. Raises TooManyPictures, NoRoom.
    """
    db.session.refresh(
        user, with_for_update=True
    )  # one form of a person after the other: all count against the same room
    laid: list[Path] = []
    try:
        yield [_keep(one, user, laid) for one in made]
    except BaseException as problem:
        for path in laid:
            path.unlink(missing_ok=True)
        if isinstance(problem, OSError):
            raise NoRoom(_("图片没有保存：网站的磁盘写不进去了。请过一会儿再试，或者告诉管理员。")) from problem
        raise


def _keep(made: Developed, user: User, laid: list[Path]) -> Picture:
    picture = _named(made.name) or _added(made, user)
    for width, content in made.files.items():
        path = settings().uploads / f"{made.name}-{width}.{KIND}"
        if width in picture.widths and not path.exists():
            _lay_whole(path, content)
            laid.append(path)
    return picture


def _named(name: str) -> Picture | None:
    return db.session.scalar(select(Picture).where(Picture.name == name))


def _added(made: Developed, user: User) -> Picture:
    size = sum(map(len, made.files.values()))
    if _bytes_of(user) + size > settings().pictures_bytes_per_author:
        raise TooManyPictures(
            _("你的图片一共最多 %(mb)s MB，这一张放不下了。", mb=settings().pictures_bytes_per_author // 1_000_000)
        )
    picture = Picture(
        name=made.name,
        kind=KIND,
        width=made.width,
        height=made.height,
        widths=list(made.files),
        bytes=size,
        uploaded_by_id=user.id,
    )
    try:
        with db.session.begin_nested():
            db.session.add(picture)
    except IntegrityError:  # somebody else put the same file up at the same moment
        return db.session.scalars(select(Picture).where(Picture.name == made.name)).one()
    return picture


def _bytes_of(user: User) -> int:
    return db.session.scalar(select(func.sum(Picture.bytes)).where(Picture.uploaded_by_id == user.id)) or 0


def _lay_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever finds a part of it under its name, not even after the power went."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
