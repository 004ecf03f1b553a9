"""The stage that states of pages are played on: a real site, emptied before each, and a browser."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from blueprints.articles.models import Article
from blueprints.auth.models import Role
from blueprints.comments.models import Comment
from core import throttle
from core.config import Settings, settings
from core.copies import forget_copies
from core.database import Base, db
from core.server import MIGRATIONS
from tests import builders
from tests.builders import log_in


class Browser(FlaskClient):
    """A client whose requests share nothing with the caller: neither `g` nor the database session."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)  # read to the end and closed, as a server does
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        if has_app_context():
            db.session.rollback()  # the caller reads anew
        return answer


@dataclass(frozen=True)
class State:
    """One state: its HTTP status, and how to get there."""

    status: int
    play: Callable[[FlaskClient], TestResponse]


STATES: dict[str, State] = {}


def state(name: str, status: int = 200) -> Callable[[Callable[[FlaskClient], TestResponse]], None]:
    def register(play: Callable[[FlaskClient], TestResponse]) -> None:
        STATES[name] = State(status, play)

    return register


def play(app: Flask, name: str, language: str = "zh") -> TestResponse:
    """Play a state out on the emptied site and return the application's answer."""
    chosen = app.config["ZHISHANG"]
    with app.app_context():
        empty()
        browser = app.test_client()
        browser.set_cookie("lang", language)
        try:
            answer = STATES[name].play(browser)
        finally:
            app.config["ZHISHANG"] = chosen
        for name in ("form", "session", "writer"):  # what the browser holds by now, for whoever looks at the page
            if cookie := browser.get_cookie(name):
                answer.headers.add("Set-Cookie", f"{name}={cookie.value}; Path=/; HttpOnly; SameSite=Lax")
    return answer


def empty() -> None:
    """Empty every table, what the limits counted, and the outbox."""
    db.session.rollback()
    tables = list(reversed(Base.metadata.sorted_tables))
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            begun = [f"ALTER SEQUENCE {table.name}_id_seq RESTART" for table in tables if "id" in table.c]
            connection.exec_driver_sql(";".join([f'DELETE FROM "{table.name}"' for table in tables] + begun))
        else:
            for table in tables:
                connection.execute(table.delete())
    throttle.forget_everything()
    forget_copies()
    for letter in settings().outbox.glob("*"):
        letter.unlink()
    db.session.remove()


@contextmanager
def chosen(browser: FlaskClient, **values: Any) -> Iterator[None]:
    app = browser.application
    app.config["ZHISHANG"] = dataclasses.replace(app.config["ZHISHANG"], **values)
    yield


def an_article(**more: Any) -> Article:
    body = "一本书读到一半，停下来，看一会儿窗外。\n\n## 停顿\n\n停顿也是*阅读*的一部分。\n\n> 慢一点。\n\n写在纸上的字，**不会**催人。"
    return builders.article("hello", "慢慢读", summary="关于停顿的几句话。", **({"body": body} | more))


def replies(on: Article) -> list[Comment]:
    one = builders.comment(on, "这问题本身就有毛病，两种读法怎么比较？", nickname="周默", email="zhou@example.com")
    two = builders.comment(on, "总觉得静下心来，还是有希望把它读完的。", nickname="半夏", email="ban@example.com")
    three = builders.comment(on, "同意，先放下手机。", one, nickname="老秦", email="qin@example.com")
    builders.comment(on, "放下了，又拿起来了。", three, nickname="半夏", email="ban@example.com")
    return [one, two, three]


def member(browser: FlaskClient, role: Role = Role.READER) -> None:
    builders.user("山中客", "reader@example.com", role)
    log_in(browser, "山中客")


def post(browser: FlaskClient, **form: str) -> TestResponse:
    return browser.post("/articles/hello/comments", data=form)


def site(folder: Path) -> Flask:
    """Return a site of its own in this folder, on SQLite."""
    app = create_app(Settings(instance=folder, demo=False, comments_flood_per_minute=1_000_000), testing=True)
    app.test_client_class = Browser
    with app.app_context():
        make_tables()
    return app


def make_tables() -> None:
    """Make every table, and mark the schema as the one the migrations lead to."""
    db.create_all()
    with db.engine.begin() as connection:
        script = ScriptDirectory(str(MIGRATIONS))
        MigrationContext.configure(connection).stamp(script, "head")


def close(app: Flask) -> None:
    """Close every connection of a site that is not needed any more."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    if "throttle_engine" in app.extensions:
        app.extensions["throttle_engine"].dispose()
