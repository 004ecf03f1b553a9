"""What nearly every page needs and what changes seldom: a copy in each process, a second old at most."""

import logging
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast
from urllib.parse import quote

from flask import current_app
from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from core import clock
from core.database import db, engine_options

SECONDS = 1

Value = TypeVar("Value")

log = logging.getLogger("zhishang.copies")


@dataclass(frozen=True)
class _Kept(Generic[Value]):
    value: Value
    read_at: float


class Copy(Generic[Value]):
    """Something read from the database and kept for a second in each process. What cannot be read stays what it was."""

    def __init__(self, name: str, read: Callable[[Connection], Value], nothing: Value) -> None:
        self._name, self._read, self._nothing = f"copy of {name}", read, nothing
        self._reading = threading.Lock()

    def now(self) -> Value:
        """Return the copy. One thread reads it anew when it is old; others wait for it only where there is none yet."""
        kept = self._kept()
        if not _is_fresh(kept) and self._reading.acquire(blocking=kept is None):
            try:
                if not _is_fresh(self._kept()):
                    self.read_anew()
            finally:
                self._reading.release()
        kept = self._kept()
        return self._nothing if kept is None else kept.value

    def read_anew(self) -> None:
        """Read it now: called by whoever has just changed it."""
        kept = self._kept()
        value = self._nothing if kept is None else kept.value
        try:
            with _engine().connect() as connection:
                value = self._read(connection)
        except SQLAlchemyError as problem:
            log.info("no new %s: %s", self._name, type(problem).__name__)
        current_app.extensions[self._name] = _Kept(value, clock.timestamp())

    def _kept(self) -> _Kept[Value] | None:
        return cast("_Kept[Value] | None", current_app.extensions.get(self._name))


def forget_copies() -> None:
    """Have everything read anew when it is next asked for."""
    for name in [name for name in current_app.extensions if name.startswith("copy of ")]:
        del current_app.extensions[name]


def _is_fresh(kept: _Kept[Value] | None) -> bool:
    return kept is not None and 0 <= clock.timestamp() - kept.read_at < SECONDS


def _engine() -> Engine:
    """Connections of their own, closed after use: whoever holds one of the requests' pool never waits there for a second."""
    engine = current_app.extensions.get("copies_engine")
    if engine is None:
        if db.engine.dialect.name == "sqlite":
            engine = create_engine("sqlite://", creator=_open_file, poolclass=NullPool)
        else:
            url = db.engine.url
            limits = engine_options(url.drivername, threads=1)["connect_args"]
            engine = create_engine(url, connect_args=limits, poolclass=NullPool)
        current_app.extensions["copies_engine"] = engine
    return cast(Engine, engine)


def _open_file() -> sqlite3.Connection:
    """Open the site's file to read, and make none where there is none."""
    return sqlite3.connect(f"file:{quote(str(db.engine.url.database))}?mode=ro", uri=True)
