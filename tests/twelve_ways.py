"""The twelve ways a reply can fail, each as what happens between the form and the press of its button."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace

from flask import Flask
from sqlalchemy import create_engine, delete, event, update

from blueprints.articles.models import Article
from blueprints.auth.models import LoginSession
from core.database import db
from tests.builders import comment
from tests.moments import later

TEXT = "写了很久的一段。\n\n　　第二段，“引号”、<b>尖括号</b> &amp; 👨‍👩‍👧。"
NAME, EMAIL = "南山", "nanshan@example.com"
Meanwhile = Callable[[Flask], AbstractContextManager[object]]


@dataclass(frozen=True)
class Way:
    """What happens meanwhile, the status and the words of the answer, and how the form was filled.

    `again` is what is done on the page that comes back first; `copied` says that there the text can only be copied.
    """

    status: int
    words: str
    meanwhile: Meanwhile = lambda _app: nullcontext()
    is_member: bool = False
    filled: dict[str, str] = field(default_factory=dict)
    again: dict[str, str] = field(default_factory=dict)
    copied: bool = False


@contextmanager
def _changed(app: Flask, **values: object) -> Iterator[None]:
    with app.app_context():
        db.session.execute(update(Article).values(**values))
        db.session.commit()
    yield


@contextmanager
def _settings(app: Flask, **values: object) -> Iterator[None]:
    before = app.config["ZHISHANG"]
    app.config["ZHISHANG"] = replace(before, **values)
    yield
    app.config["ZHISHANG"] = before


@contextmanager
def _without_sessions(app: Flask) -> Iterator[None]:
    with app.app_context():
        db.session.execute(delete(LoginSession))
        db.session.commit()
    yield


@contextmanager
def _another_key(app: Flask) -> Iterator[None]:
    before, app.secret_key = app.secret_key, "another key of thirty-two bytes or more"
    yield
    app.secret_key = before


@contextmanager
def _busy(app: Flask) -> Iterator[None]:
    """Another process writes and does not stop; ours are told to wait a tenth of a second instead of five."""
    with app.app_context():
        engine = db.engine
    is_sqlite = engine.dialect.name == "sqlite"
    impatient = "PRAGMA busy_timeout = 100" if is_sqlite else "SET LOCAL lock_timeout = '100ms'"

    def wait_little(connection):
        connection.connection.driver_connection.execute(impatient)

    event.listen(engine, "begin", wait_little, insert=True)
    holder = create_engine(engine.url)
    with holder.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_sqlite else "LOCK TABLE article IN EXCLUSIVE MODE")
        yield
        connection.rollback()
    holder.dispose()
    event.remove(engine, "begin", wait_little)


WAYS: dict[str, Way] = {
    "validation": Way(422, "邮箱少了 @", filled={"email": "nanshan"}),
    "wrong captcha": Way(
        422, "验证码不对", lambda app: _settings(app, comments_flood_per_minute=1), again={"captcha": "WRONG"}
    ),
    "form too old": Way(422, "页面放得太久了", lambda _app: later(hours=72)),
    "session gone": Way(403, "登录过期了", _without_sessions, is_member=True),
    "token gone": Way(422, "页面放得太久了", _another_key),
    "too fast": Way(429, "秒后再发", lambda app: _settings(app, comments_per_minute=1)),
    "too long": Way(422, "超出 320 字", filled={"body": "长" * 20_320}),
    "article closed": Way(409, "刚刚关闭了回复", lambda app: _changed(app, comments_open=False), copied=True),
    "article withdrawn": Way(
        410, "刚刚撤下了", lambda app: _changed(app, withdrawn_at=Article.created_at), copied=True
    ),
    "database busy": Way(503, "过几秒再试", _busy),
    "server restarted": Way(303, ""),
    "logged out in another tab": Way(403, "登录过期了", is_member=True),
}


def set_stage(article: Article) -> int:
    """Store the reply that is answered, and one from this very network; return the first one's id."""
    first = comment(article, "这问题本身就有毛病。", nickname="周默", email="zhou@example.com").id
    comment(article, "刚刚发的。", nickname="半夏", email="ban@example.com", address_block="127.0.0.0/24")
    return first
