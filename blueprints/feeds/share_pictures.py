"""Share pictures are drawn once and kept: a file in the instance folder, named by what is drawn. They can all be deleted at any time."""

import hashlib
import os
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Lock

from blueprints.articles.models import Article
from blueprints.feeds.drawing import Card, picture_of
from core import throttle
from core.config import settings
from core.errors import Busy
from core.i18n import _
from core.throttle import Limit
from core.tokens import new_token

KEPT_MAX = 1000
DRAWN = Limit(30, 60)  # pictures, seconds; for each network that asks
ONCE = Limit(1, 10)
PATIENCE_SECONDS = 3
LOOK = "1"  # to be raised when pictures are drawn differently

_drawing = Lock()


def card_of(article: Article) -> Card:
    return Card(article.title, article.author, settings().site_name)


def name_of(card: Card) -> str:
    """Return what the picture of this card is kept under: another title or author is another name."""
    told = "\n".join((LOOK, card.title, card.author, card.site_name))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]


def share_picture(card: Card, address_block: str) -> bytes:
    """Return the picture of a card, drawn at most once whoever asks and however many. Raises TooManyRequests, Busy.

    A quarter of the threads may draw and wait here; the others serve pages.
    """
    path = settings().instance / "share" / f"{name_of(card)}.png"
    if (kept := _kept(path)) is not None:
        return kept
    throttle.demand(
        f"share pictures {address_block}",
        [DRAWN],
        lambda wait: _("现在要画的图太多了，请 %(seconds)s 秒后再来。", seconds=wait),
        mark=path.name,
    )
    places = _places(settings().threads)
    if not places.acquire(blocking=False):
        raise _busy()
    try:
        return _drawn(card, path)
    finally:
        places.release()


@cache
def _places(thread_count: int) -> BoundedSemaphore:
    return BoundedSemaphore(max(1, thread_count // 4))


def _busy() -> Busy:
    return Busy(_("网站现在很忙，请过几秒再试。"))


def _kept(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _drawn(card: Card, path: Path) -> bytes:
    """Of all who ask for a picture one draws it, one picture at a time in each process; the others wait for its file."""
    if throttle.take(f"share picture {path.name}", [ONCE]):
        return _awaited(path)
    with _drawing:
        picture = picture_of(card)
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(f".{new_token()[:12]}")
    unfinished.write_bytes(picture)
    unfinished.replace(path)
    _drop_oldest(path.parent)
    return picture


def _awaited(path: Path) -> bytes:
    for _turn in range(PATIENCE_SECONDS * 20):
        if (kept := _kept(path)) is not None:
            return kept
        time.sleep(0.05)
    raise _busy()


def _drop_oldest(folder: Path) -> None:
    """Keep the newest; another process may be dropping the same ones."""
    with suppress(FileNotFoundError):
        files = [entry for entry in os.scandir(folder) if entry.is_file()]
        if len(files) > KEPT_MAX:
            files.sort(key=lambda entry: entry.stat().st_mtime_ns)
            for entry in files[: len(files) - KEPT_MAX]:
                Path(entry.path).unlink(missing_ok=True)
