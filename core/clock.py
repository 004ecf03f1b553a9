"""The only source of time, so that a test can say when it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_standing: datetime | None = None


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return _standing or datetime.now(UTC)


def timestamp() -> float:
    """Return this moment in seconds since 1970."""
    return now().timestamp()


def at(timestamp: float) -> datetime:
    """Return the moment so many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(timestamp, UTC)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let `now()` be `moment` for the length of the block, in every thread."""
    global _standing  # noqa: PLW0603  (one clock for every thread is the point)
    before, _standing = _standing, moment
    try:
        yield
    finally:
        _standing = before
