"""Every state of every page, played out on a real site: `python -m tests.states` serves each at /states/<name>.

A state is the answer of the application itself, with its status, headers and cookies, so what is looked at here is
what people get. Not part of the site.
"""

import dataclasses
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.serving import run_simple
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from app import create_app
from blueprints.articles.models import Article
from blueprints.auth.models import Role
from blueprints.comments.models import Comment, Status
from blueprints.site.commands import fill_empty_site
from core import clock, throttle
from core.config import Settings, settings
from core.database import Base, db
from tests import builders
from tests.builders import hidden, link_in, log_in, registration_form, reply_form, send_letters
from tests.moments import later


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


# Reading


@state("front")
def _(browser):
    fill_empty_site()
    return browser.get("/")


@state("front-empty")
def _(browser):
    return browser.get("/")


@state("front-page-2")
def _(browser):
    for number in range(45):
        builders.article(f"a-{number}", f"第 {number} 篇")
    return browser.get("/?before=a-24")


@state("article")
def _(browser):
    replies(an_article())
    return browser.get("/articles/hello")


@state("article-long")
def _(browser):
    fill_empty_site()
    return browser.get("/articles/slow-reading")


@state("article-english")
def _(browser):
    fill_empty_site()
    return browser.get("/articles/margins")


@state("article-code")
def _(browser):
    table = "\n\n| 项 | 值 |\n|---|---|\n" + "| 很长的一格 | " + "https://example.org/" * 9 + " |\n"
    an_article(body="先看代码：\n\n```css\n.prose { line-height: 1.85; " + "/* 很长 */ " * 20 + "}\n```" + table)
    return browser.get("/articles/hello")


@state("article-no-replies")
def _(browser):
    an_article()
    return browser.get("/articles/hello")


@state("article-closed")
def _(browser):
    replies(an_article())
    an_article(comments_open=False)
    return browser.get("/articles/hello")


@state("thread-page-2")
def _(browser):
    builders.many_comments(an_article(), 120)
    return browser.get("/articles/hello?from=51")


@state("thread-newest")
def _(browser):
    replies(an_article())
    return browser.get("/articles/hello?sort=newest")


@state("thread-author")
def _(browser):
    fill_empty_site()
    return browser.get("/articles/slow-reading?sort=author")


@state("thread-author-none")
def _(browser):
    replies(an_article())
    return browser.get("/articles/hello?sort=author")


@state("thread-continued")
def _(browser):
    replies(an_article())
    return browser.get("/articles/hello?from=3")


@state("thread-tombstone")
def _(browser):
    replies(an_article())[0].status = Status.DELETED
    db.session.commit()
    return browser.get("/articles/hello")


@state("not-found", 404)
def _(browser):
    return browser.get("/nowhere")


@state("gone", 410)
def _(browser):
    an_article().withdrawn_at = clock.now()
    db.session.commit()
    return browser.get("/articles/hello")


@state("refused", 403)
def _(browser):
    an_article()
    return browser.post(
        "/articles/hello/comments", data={"body": "从别处来"}, headers={"Origin": "https://elsewhere.example"}
    )


@state("wrong-method", 405)
def _(browser):
    return browser.post("/privacy")


@state("too-large", 413)
def _(browser):
    return browser.post("/login", data={"username": "a" * 3_000_000})


@state("fault", 500)
def _(browser):
    app = browser.application
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["site.security_txt"] = lambda: 1 // 0
    return browser.get("/.well-known/security.txt")


@state("privacy")
def _(browser):
    return browser.get("/privacy")


# Replying


@state("reply-to")
def _(browser):
    target = replies(an_article())[0]
    return browser.get(f"/articles/hello?to={target.id}")


@state("reply-member")
def _(browser):
    replies(an_article())
    member(browser)
    return browser.get("/articles/hello")


@state("reply-preview")
def _(browser):
    an_article()
    return post(browser, **reply_form(browser, body="**先看看**样子\n\n再发。", preview="1"))


@state("reply-errors", 422)
def _(browser):
    replies(an_article())
    return post(browser, **reply_form(browser, nickname="", email="nanshan.example.com", body="写了很久的一段话。"))


@state("reply-name-taken", 422)
def _(browser):
    an_article(author="沈未")
    return post(browser, **reply_form(browser, nickname="沈未"))


@state("reply-too-long", 422)
def _(browser):
    an_article()
    return post(browser, **reply_form(browser, body="长" * 20_320))


@state("reply-too-old", 422)
def _(browser):
    an_article()
    with later(hours=-72):
        form = reply_form(browser)
    return post(browser, **form)


@state("reply-target-gone", 422)
def _(browser):
    an_article()
    return post(browser, **reply_form(browser, parent="99"))


@state("reply-too-fast", 429)
def _(browser):
    an_article()
    for number in range(5):
        post(browser, **reply_form(browser, body=f"第 {number} 条"))
    return post(browser, **reply_form(browser, body="第六条"))


@state("reply-closed-meanwhile", 409)
def _(browser):
    replies(an_article())
    form = reply_form(browser, body="写了一半，关门了。")
    an_article(comments_open=False)
    return post(browser, **form)


@state("reply-gone-meanwhile", 410)
def _(browser):
    made = an_article()
    form = reply_form(browser, body="写了一半，文章没了。")
    made.withdrawn_at = clock.now()
    db.session.commit()
    return post(browser, **form)


@state("reply-session-ended", 403)
def _(browser):
    an_article()
    member(browser)
    page = browser.get("/articles/hello")
    browser.delete_cookie("session")
    return post(browser, body="登录过期时写的。", csrf_token=hidden(page, "csrf_token"))


@state("reply-published")
def _(browser):
    replies(an_article())
    return browser.get(post(browser, **reply_form(browser)).location, follow_redirects=True)


@state("reply-sent-twice")
def _(browser):
    replies(an_article())
    form = reply_form(browser)
    browser.get(post(browser, **form).location, follow_redirects=True)
    return browser.get(post(browser, **form).location, follow_redirects=True)


@state("reply-pending")
def _(browser):
    replies(an_article())
    with chosen(browser, comments_hold="all"):
        return browser.get(post(browser, **reply_form(browser)).location, follow_redirects=True)


# Accounts


@state("register")
def _(browser):
    return browser.get("/register")


@state("register-errors", 422)
def _(browser):
    builders.user("山中客", "someone@example.com")
    return browser.post("/register", data=registration_form(browser, captcha="WRONG"))


@state("register-closed")
def _(browser):
    with chosen(browser, registration="closed"):
        return browser.get("/register")


@state("register-sent")
def _(browser):
    return browser.get("/register/sent")


@state("register-sent-late")
def _(browser):
    with chosen(browser, mail_server="mail.example.com"):
        browser.post("/register", data=registration_form(browser))
        with later(minutes=6):
            return browser.get("/register/sent")


@state("confirm")
def _(browser):
    browser.post("/register", data=registration_form(browser))
    return browser.get(link_in(send_letters()[-1]))


@state("confirm-used", 410)
def _(browser):
    browser.post("/register", data=registration_form(browser))
    link = link_in(send_letters()[-1])
    browser.post(link, data={"csrf_token": hidden(browser.get(link), "csrf_token")})
    return browser.get(link)


@state("confirmed")
def _(browser):
    browser.post("/register", data=registration_form(browser))
    link = link_in(send_letters()[-1])
    return browser.post(link, data={"csrf_token": hidden(browser.get(link), "csrf_token")}, follow_redirects=True)


@state("login")
def _(browser):
    return browser.get("/login")


@state("login-wrong", 422)
def _(browser):
    return log_in(browser, "山中客", "不是这个密码")


@state("login-too-many", 429)
def _(browser):
    for _number in range(10):
        log_in(browser, "山中客", "不是这个密码")
    return log_in(browser, "山中客", "不是这个密码")


@state("logout-again", 422)
def _(browser):
    member(browser)
    return browser.post("/logout")


@state("forgot-password")
def _(browser):
    return browser.get("/forgot-password")


@state("forgot-password-error", 422)
def _(browser):
    token = hidden(browser.get("/forgot-password"), "csrf_token")
    return browser.post("/forgot-password", data={"email": "reader.example.com", "csrf_token": token})


@state("forgot-password-sent")
def _(browser):
    return browser.get("/forgot-password/sent")


def _reset_link(browser: FlaskClient) -> str:
    builders.user("山中客", "reader@example.com")
    token = hidden(browser.get("/forgot-password"), "csrf_token")
    browser.post("/forgot-password", data={"email": "reader@example.com", "csrf_token": token})
    return link_in(send_letters()[-1])


@state("reset-password")
def _(browser):
    return browser.get(_reset_link(browser))


@state("reset-password-errors", 422)
def _(browser):
    link = _reset_link(browser)
    token = hidden(browser.get(link), "csrf_token")
    return browser.post(link, data={"password": "1234567890", "password_confirm": "12345", "csrf_token": token})


@state("reset-password-expired", 410)
def _(browser):
    link = _reset_link(browser)
    with later(minutes=31):
        return browser.get(link)


@state("reset-password-saved")
def _(browser):
    link = _reset_link(browser)
    form = {"password": builders.PASSWORD, "password_confirm": builders.PASSWORD}
    token = hidden(browser.get(link), "csrf_token")
    return browser.post(link, data=form | {"csrf_token": token}, follow_redirects=True)


@state("account")
def _(browser):
    an_article()
    member(browser)
    post(browser, body="我写的一条。", csrf_token=hidden(browser.get("/articles/hello"), "csrf_token"))
    return browser.get("/account")


@state("account-empty")
def _(browser):
    member(browser)
    return browser.get("/account")


def site(folder: Path) -> Flask:
    """Return a site of its own in this folder, on SQLite."""
    app = create_app(Settings(instance=folder, demo=False), testing=True)
    app.test_client_class = Browser
    with app.app_context():
        db.create_all()
    return app


class Server:
    """The site, with its states at /states/<name> (`?lang=en` for English)."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        request = Request(environ)
        name = request.path.removeprefix("/states/")
        if request.path.startswith("/states/") and name in STATES:
            answer = play(self._app, name, request.args.get("lang", "zh"))
            headers = [
                header for header in answer.headers if header[0] not in ("Content-Length", "ETag", "Content-Encoding")
            ]
            return Response(answer.data, answer.status_code, headers)(environ, start_response)
        with self._app.app_context():
            return self._app(environ, start_response)


if __name__ == "__main__":
    if sys.argv[1:] == ["list"]:
        print(" ".join(f"/states/{name}@{one.status}" for name, one in STATES.items()))
    else:
        with tempfile.TemporaryDirectory() as place:
            run_simple("127.0.0.1", int((sys.argv[1:] or ["8100"])[0]), Server(site(Path(place))))
