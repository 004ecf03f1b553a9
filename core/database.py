"""The database: one Base, the transaction modes, and the types that mean the same on SQLite and PostgreSQL."""

import enum
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Enum, Executable, MetaData, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from core import clock
from core.config import Settings
from core.errors import Busy
from core.i18n import _

log = logging.getLogger("zhishang.database")

LOCK_WAIT_SECONDS = 5
LARGEST_ID = 2**31 - 1


class UTCDateTime(TypeDecorator[datetime]):
    """A moment, aware, kept in UTC. SQLite drops the zone, so a naive moment is refused here instead of guessed at."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


def choice(kind: type[enum.Enum], length: int = 16) -> Enum:
    """Return the column type for an enumeration, stored as its value."""
    return Enum(
        kind, native_enum=False, length=length, values_callable=lambda members: [member.value for member in members]
    )


_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    registry = registry(metadata=MetaData(naming_convention=_NAMES), type_annotation_map={datetime: UTCDateTime})


class Timestamped:
    """A row that knows when it was made."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now)


db = SQLAlchemy(model_class=Base)
migrate = Migrate()


def open_database(app: Flask, chosen: Settings) -> None:
    """Tie the database to the application; nothing is connected yet."""
    address = chosen.database_address
    app.config["SQLALCHEMY_DATABASE_URI"] = address
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(address, chosen.threads)
    db.init_app(app)
    migrate.init_app(app, db, render_as_batch=True, transaction_per_migration=True, compare_type=True)
    if address.startswith("sqlite"):
        with app.app_context():
            event.listen(db.engine, "connect", _prepare_sqlite)
            event.listen(db.engine, "begin", _begin_sqlite)


def engine_options(address: str, threads: int) -> dict[str, Any]:
    """Return how an engine is made: as many connections as threads and a few, time limits for locks and statements."""
    pool = {
        "pool_size": threads + 2,
        "max_overflow": 8,
        "hide_parameters": True,
    }  # what people wrote stays out of the log
    if address.startswith("sqlite"):
        return pool
    options = f"-c lock_timeout={LOCK_WAIT_SECONDS}s -c statement_timeout=30s -c timezone=UTC"
    return pool | {"pool_pre_ping": True, "connect_args": {"connect_timeout": LOCK_WAIT_SECONDS, "options": options}}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own transactions lose updates; ours are begun below
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={LOCK_WAIT_SECONDS * 1000}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN")


@contextmanager
def writing() -> Iterator[None]:
    """End the read and begin the writing part of a request; what it relies on is read again inside.

    The caller commits; what is not committed is rolled back at the end. Raises Busy when the database
    cannot take the change now (locked, full, away).
    """
    try:
        db.session.rollback()
        db.session.connection(execution_options={"writing": True})
        yield
    except DBAPIError as problem:
        db.session.rollback()
        if is_passing(problem):
            raise Busy(_("网站现在写不进去，请过几秒再试。内容已保留。")) from problem
        raise
    finally:
        db.session.rollback()


def write_after(response: Response, *statements: Executable) -> None:
    """Note something once the answer was sent, in a transaction of its own; a note that fails is no fault of the visit."""
    if not statements:
        return
    engine = db.engine

    def write() -> None:
        try:
            with engine.connect().execution_options(writing=True) as connection, connection.begin():
                for statement in statements:
                    connection.execute(statement)
        except SQLAlchemyError as problem:
            log.info("a visit was not noted: %s", type(problem).__name__)

    response.call_on_close(write)


def is_passing(problem: BaseException) -> bool:
    """Tell whether a database error is one that trying again may mend: locked, full, away, ended for another's sake."""
    if not isinstance(problem, DBAPIError):
        return False
    if problem.connection_invalidated or type(problem.orig).__name__ in ("OperationalError", "InterfaceError"):
        words = str(problem.orig)
        return not any(fault in words for fault in ("no such table", "no such column", "syntax error"))
    return type(problem.orig).__name__ in (
        "LockNotAvailable",
        "DeadlockDetected",
        "SerializationFailure",
        "QueryCanceled",
        "AdminShutdown",
        "DiskFull",
    )
