"""How often something may be done. Every deed is a row until its longest window is over, so a wait can be told to the second.

With SQLite the rows lie in a file of their own, so that counting never waits for the site's writers; with PostgreSQL
in a table, in a transaction of its own. A deed repeated under the same mark counts once.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any, cast

from flask import current_app
from sqlalchemy import BigInteger, Engine, Float, Index, Integer, String, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.config import settings
from core.database import Base, db, engine_options, is_passing
from core.errors import Busy, TooManyRequests
from core.i18n import _
from core.tokens import new_token, short_mac


@dataclass(frozen=True)
class Limit:
    """At most `count` deeds in any `seconds`."""

    count: int
    seconds: int


class ThrottleHit(Base):
    """One deed that a limit counts, on PostgreSQL; SQLite keeps the same rows in limits.db."""

    __tablename__ = "throttle_hit"
    __table_args__ = (
        Index("ux_throttle_hit_key_mark", "key", "mark", unique=True),
        Index("ix_throttle_hit_ends_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    mark: Mapped[str] = mapped_column(String(64))
    at: Mapped[float] = mapped_column(Float)
    ends_at: Mapped[float] = mapped_column(Float)


def take(key: str, limits: Sequence[Limit], mark: str | None = None) -> int:
    """Count one deed under `key` and return 0, or count nothing and return the seconds to wait.

    A deed whose `mark` was counted before is allowed and not counted again.
    """
    now = clock.timestamp()
    longest = max(limit.seconds for limit in limits)
    hidden, mark = short_mac("throttle", key), mark and short_mac("throttle", mark)
    with _counting(hidden) as rows:
        if mark is not None and rows.one(
            "SELECT 1 FROM throttle_hit WHERE key = :key AND mark = :mark AND ends_at > :now",
            key=hidden,
            mark=mark,
            now=now,
        ):
            return 0
        wait = _wait(rows, hidden, limits, now)
        if wait == 0:
            rows.do(
                "DELETE FROM throttle_hit WHERE key = :key AND (ends_at <= :now OR at > :future)",
                key=hidden,
                now=now,
                future=now + 60,
            )
            rows.do(
                "INSERT INTO throttle_hit (key, mark, at, ends_at) VALUES (:key, :mark, :at, :ends_at)",
                key=hidden, mark=mark or new_token()[:32], at=now, ends_at=now + longest,
            )  # fmt: skip
        return wait


def demand(key: str, limits: Sequence[Limit], words: Callable[[int], str], mark: str | None = None) -> None:
    """Count one deed. Raises TooManyRequests with what `words` makes of the seconds to wait when the limits do not allow it."""
    wait = take(key, limits, mark)
    if wait:
        raise TooManyRequests(words(wait), wait_seconds=wait)


def wait_seconds(key: str, limits: Sequence[Limit]) -> int:
    """Return how long to wait before `take` would allow a deed, 0 when it would now. Counts nothing."""
    hidden = short_mac("throttle", key)
    with _counting(hidden) as rows:
        return _wait(rows, hidden, limits, clock.timestamp())


def count(key: str, seconds: int) -> int:
    """Return how many deeds were counted under `key` in the last `seconds`."""
    now = clock.timestamp()
    hidden = short_mac("throttle", key)
    with _counting(hidden) as rows:
        found = rows.one(
            "SELECT count(*) FROM throttle_hit WHERE key = :key AND at > :since AND at <= :now",
            key=hidden,
            since=now - seconds,
            now=now,
        )
        return int(found[0]) if found else 0


def forget(key: str) -> None:
    """Drop what was counted under `key`."""
    hidden = short_mac("throttle", key)
    with _counting(hidden) as rows:
        rows.do("DELETE FROM throttle_hit WHERE key = :key", key=hidden)


def _wait(rows: "_Rows", key: str, limits: Sequence[Limit], now: float) -> int:
    """The deed that must leave the window before the next fits in is the `count`-th latest."""
    wait = 0
    for limit in limits:
        found = rows.one(
            "SELECT at FROM throttle_hit WHERE key = :key AND at > :since AND at <= :now ORDER BY at DESC LIMIT 1 OFFSET :skip",
            key=key, since=now - limit.seconds, now=now + 60, skip=limit.count - 1,
        )  # fmt: skip
        if found:
            wait = max(wait, min(limit.seconds, ceil(found[0] + limit.seconds - now)), 1)
    return wait


def _counting_engine() -> Engine:
    """A small pool of its own: a request that holds a connection must never wait for a second one of the same pool."""
    engine = current_app.extensions.get("throttle_engine")
    if engine is None:
        engine = current_app.extensions["throttle_engine"] = create_engine(
            db.engine.url, **engine_options("postgresql", threads=2)
        )
    return cast(Engine, engine)


class _Rows:
    """The little that counting needs of a connection, the same on both databases."""

    def __init__(self, run: Any) -> None:
        self._run = run

    def one(self, statement: str, **values: Any) -> Any:
        return self._run(statement, values).fetchone()

    def do(self, statement: str, **values: Any) -> None:
        self._run(statement, values)


@contextmanager
def _counting(key: str) -> Iterator[_Rows]:
    try:
        with _on_sqlite() if db.engine.dialect.name == "sqlite" else _on_postgresql(key) as rows:
            yield rows
    except (sqlite3.OperationalError, DBAPIError) as problem:
        if isinstance(problem, DBAPIError) and not is_passing(problem):
            raise
        raise Busy(_("网站现在很忙，请过几秒再试。内容已保留。")) from problem


@contextmanager
def _on_sqlite() -> Iterator[_Rows]:
    path = settings().limits_path
    is_new = not path.exists()
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    try:
        if is_new:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
            for statement in _SCHEMA:
                connection.execute(statement)
        yield _Rows(connection.execute)
        connection.execute("COMMIT")
    finally:
        connection.close()


_SCHEMA = (
    "CREATE TABLE throttle_hit (key TEXT NOT NULL, mark TEXT NOT NULL, at REAL NOT NULL, ends_at REAL NOT NULL)",
    "CREATE UNIQUE INDEX throttle_hit_key ON throttle_hit (key, mark)",
    "CREATE INDEX throttle_hit_end ON throttle_hit (ends_at)",
)


@contextmanager
def _on_postgresql(key: str) -> Iterator[_Rows]:
    with _counting_engine().begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
        yield _Rows(lambda statement, values: connection.execute(text(statement), values))


def take_back(key: str, mark: str) -> None:
    """Uncount one deed."""
    hidden = short_mac("throttle", key)
    with _counting(hidden) as rows:
        rows.do(
            "DELETE FROM throttle_hit WHERE key = :key AND mark = :mark", key=hidden, mark=short_mac("throttle", mark)
        )


def tidy() -> None:
    """Drop deeds no limit counts any more."""
    with _counting("") as rows:
        rows.do("DELETE FROM throttle_hit WHERE ends_at <= :now", now=clock.timestamp())


def forget_everything() -> None:
    """Drop everything counted: every limit begins anew."""
    with _counting("") as rows:
        rows.do("DELETE FROM throttle_hit")
