"""The cast: one site on each database, its visitors, and what they meet. Every test using `app` runs on SQLite and on PostgreSQL."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app import create_app
from blueprints.articles.models import Article
from blueprints.auth.models import Role, User
from core.config import Settings
from core.database import db
from tests import builders, postgres, stage, states


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("system") is None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as address:
        yield address


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on one of the two databases, with empty tables."""
    instance = tmp_path_factory.mktemp(request.param)
    address = ""
    if request.param == "postgresql":
        address = postgres.new_database(request.getfixturevalue("postgres_server"), "fast")
    app = create_app(
        Settings(instance=instance, database_uri=address, demo=False, comments_flood_per_minute=1_000_000), testing=True
    )
    app.test_client_class = states.Browser
    with app.app_context():
        stage.make_tables()
    yield app
    stage.close(app)


@pytest.fixture
def app(site: Flask) -> Iterator[Flask]:
    """The site, emptied after the test, and inside its context."""
    chosen = site.config["ZHISHANG"]
    with site.app_context():
        yield site
        states.empty()
    site.config["ZHISHANG"] = chosen


@pytest.fixture
def choose(app: Flask) -> Callable[..., None]:
    """Change settings for the rest of the test."""

    def change(**values: Any) -> None:
        app.config["ZHISHANG"] = dataclasses.replace(app.config["ZHISHANG"], **values)

    return change


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody's browser."""
    return app.test_client()


@pytest.fixture
def other(app: Flask) -> FlaskClient:
    """Somebody else's browser."""
    return app.test_client()


@pytest.fixture
def article(app: Flask) -> Article:
    return builders.article()


@pytest.fixture
def mei(app: Flask) -> User:
    """梅, a reader with an account."""
    return builders.user("梅子", "mei@example.com")


@pytest.fixture
def lin(app: Flask) -> User:
    """林, a moderator."""
    return builders.user("林舟", "lin@example.com", role=Role.MODERATOR)


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL statements sent so far, without BEGIN and the like."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)
