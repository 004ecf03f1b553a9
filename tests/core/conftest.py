"""Sites of their own, for tests of what happens before a site has tables or with settings read at start only."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from core.config import Settings
from core.mail import open_mail
from tests import postgres, stage
from tests.post_office import post_office


@pytest.fixture
def new_site(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """A function that makes a site with these settings; without more on SQLite, and without tables."""
    made: list[Flask] = []

    def make(**chosen: Any) -> Flask:
        values: dict[str, Any] = {"instance": tmp_path / "instance", "demo": False, "threads": 4} | chosen
        app = create_app(Settings(**values), testing=True)
        made.append(app)
        return app

    yield make
    for app in made:
        stage.close(app)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_site(request: pytest.FixtureRequest, new_site: Callable[..., Flask]) -> Flask:
    """A site of its own on each database, which has no table yet."""
    address = ""
    if request.param == "postgresql":
        address = postgres.new_database(request.getfixturevalue("postgres_server"), "empty")
    return new_site(database_uri=address)


@pytest.fixture
def office(app, choose):
    """A post office, and the site handing its letters to it."""
    usual = app.config["ZHISHANG"]
    with post_office() as opened:
        choose(mail_server="127.0.0.1", mail_port=opened.port, mail_security="none")
        open_mail(app, app.config["ZHISHANG"])
        yield opened
    open_mail(app, usual)
