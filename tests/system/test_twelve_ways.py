"""The twelve ways a reply can fail, in a real browser, scripts on and off."""

import threading
from contextlib import contextmanager

import pytest
from werkzeug.serving import make_server

from app import create_app
from tests import builders, stage
from tests.twelve_ways import EMAIL, NAME, TEXT, WAYS, set_stage

pytestmark = [pytest.mark.system, pytest.mark.browser]


class Front:
    """Hands each request to the application of the moment, so that a process can begin anew under an open page."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        return self.app(environ, start_response)


@contextmanager
def serving(folder):
    """Serve a site from a thread of this process, where what happens meanwhile can be done to it."""
    front = Front(stage.site(folder))
    server = make_server("127.0.0.1", 0, front, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield front, f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        stage.close(front.app)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_nothing_is_lost_in_a_browser_either(chromium, tmp_path, scripts):
    with serving(tmp_path) as (front, address):
        for name, way in WAYS.items():
            with front.app.app_context():
                stage.empty()
                builders.user("梅子", "mei@example.com")
                target = set_stage(builders.article())
            context = chromium.new_context(java_script_enabled=scripts, locale="zh-CN")
            walk(name, way, front, address, context.new_page(), target)
            context.close()


def walk(name, way, front, address, page, target):
    if name == "too fast":
        page.goto(f"{address}/articles/hello")
        fill(page, way, {"body": "先发的一条。"})
        page.get_by_role("button", name="发表回复").click()
    if way.is_member:
        log_in(page, address)
    page.goto(f"{address}/articles/hello?to={target}#write")
    fill(page, way, way.filled)
    if name == "server restarted":
        stage.close(front.app)
        front.app = create_app(front.app.config["ZHISHANG"], testing=True)
    if name == "logged out in another tab":
        log_out(page.context.new_page(), address)
    with way.meanwhile(front.app):
        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.get_by_role("button", name="发表回复").click()
        if way.again:
            page.locator("input[name=captcha]").fill(way.again["captcha"])
            with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
                page.get_by_role("button", name="发表回复").click()
    assert sent.value.status == way.status, name
    check(name, way, page)


def fill(page, way, other):
    if not way.is_member:
        page.locator("input[name=nickname]").fill(NAME)
        page.get_by_label("E-Mail").fill(other.get("email", EMAIL))
    page.get_by_label("回复内容").fill(other.get("body", TEXT))


def check(name, way, page):
    text = way.filled.get("body", TEXT)
    if way.status == 303:
        assert page.locator(".comment__body").first.is_visible() and "已发表。" in page.inner_text("main")
        return
    assert way.words in page.inner_text("main"), name
    assert page.locator("textarea").first.input_value() == text, name
    assert "回复 1 楼 周默" in page.locator(".strip").inner_text(), name
    if way.copied:
        assert page.locator("button.button").count() == 0, name
    else:
        assert page.locator("button.button:not(.button--second)").count() == 1, name
        assert page.locator("input[name=parent]").first.input_value(), name
    if not way.is_member:
        shown = page.inner_text("main") + " ".join(
            one.input_value() for one in page.locator("input.field__control").all()
        )
        assert NAME in shown and way.filled.get("email", EMAIL) in shown, name


def log_in(page, address):
    page.goto(f"{address}/login")
    page.get_by_label("用户名或邮箱").fill("梅子")
    page.locator("input[name=password]").fill(builders.PASSWORD)
    page.get_by_role("button", name="登录").click()


def log_out(page, address):
    page.goto(address)
    page.get_by_role("button", name="退出").click()
