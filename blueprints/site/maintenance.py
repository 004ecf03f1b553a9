"""Maintenance: while a file in the instance folder names a moment ahead, every page says when the site is back."""

import functools
import logging
import math
import os
from datetime import datetime, timedelta
from pathlib import Path

from core import clock
from core.config import settings
from core.errors import Busy
from core.i18n import _, time_of_day

FILE = "maintenance"
LONGEST = timedelta(hours=24)  # whatever the file says: nobody is kept out by one that was forgotten or spoilt
READ_MAX = 100  # bytes; a moment has fewer

log = logging.getLogger("zhishang")


class UnderMaintenance(Busy):
    """The site is closed for a while; it opens by itself in `wait_seconds`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(_("正在维护，预计 %(time)s 恢复。文章暂时打不开。", time=time_of_day(until)))
        self.wait_seconds = math.ceil((until - clock.now()).total_seconds())


def close_until(moment: datetime) -> None:
    """Close the site until a moment; said again, the later word counts."""
    draft = _path().with_name(f"{FILE}.{os.getpid()}")
    draft.write_text(moment.isoformat(timespec="seconds") + "\n", encoding="ascii")
    draft.replace(_path())


def open_again() -> bool:
    """Open the site. Returns whether there was anything to take away."""
    was_there = _path().exists()
    _path().unlink(missing_ok=True)
    return was_there


def closed_until() -> datetime | None:
    """Return when the site opens, None when it is open: no file, one that is over, or one that says nothing sensible."""
    try:
        with _path().open("rb") as file:
            moment, written_at = _moment(file.read(READ_MAX)), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        return None
    except OSError as problem:
        _tell(f"the file {FILE} cannot be read, the site is open: {problem.strerror}", 0)
        return None
    if moment is not None and clock.now() < moment <= clock.now() + LONGEST:
        return moment
    _tell(f"the file {FILE} names no moment within a day ahead, the site is open", written_at)
    return None


def _path() -> Path:
    return settings().instance / FILE


def _moment(written: bytes) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written.decode("ascii").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=settings().timezone)


@functools.lru_cache(maxsize=4)
def _tell(words: str, _written_at: int) -> None:
    """Say it once in each process for each writing of the file."""
    log.warning(words)
