"""The twelve ways a reply can fail: the page that comes back holds the text, the names, the target, and one next step."""

import html5lib
import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app import create_app
from tests.builders import hidden, log_in
from tests.stage import Browser, close
from tests.twelve_ways import EMAIL, NAME, TEXT, WAYS, set_stage

HTML = "{http://www.w3.org/1999/xhtml}"


def prepare(way, name, app, browser, article):
    """Return the filled form of a visitor who answers the first floor."""
    target = set_stage(article)
    if name == "too fast":
        first = browser.get("/articles/hello")
        form = {"nickname": "半夏", "email": "ban@example.com", "body": "先发的一条。", "stamp": hidden(first, "stamp")}
        assert browser.post("/articles/hello/comments", data=form).status_code == 303
    if way.is_member:
        log_in(browser, "梅子")
    page = browser.get(f"/articles/hello?to={target}")
    guards = ("parent", "quote", "csrf_token") if way.is_member else ("parent", "quote", "stamp")
    form = {guard: hidden(page, guard) for guard in guards} | {"body": TEXT}
    return form | ({} if way.is_member else {"nickname": NAME, "email": EMAIL}) | way.filled


def send(name, way, app, browser, form):
    if name == "server restarted":
        return sent_to_another_process(app, form)
    if name == "logged out in another tab":
        browser.post("/logout", data={"csrf_token": hidden(browser.get("/logout"), "csrf_token")})
    with way.meanwhile(app):
        answer = browser.post("/articles/hello/comments", data=form)
        if way.again:
            fresh = {"captcha_id": hidden(answer, "captcha_id"), "stamp": hidden(answer, "stamp")}
            answer = browser.post("/articles/hello/comments", data=form | fresh | way.again)
    return answer


def sent_to_another_process(app: Flask, form):
    """The same site, its process begun anew."""
    again = create_app(app.config["ZHISHANG"], testing=True)
    again.test_client_class = Browser
    answer = again.test_client().post("/articles/hello/comments", data=form)
    close(again)
    return answer


@pytest.mark.parametrize("name", WAYS)
def test_nothing_is_lost_whichever_way_it_fails(app, client, article, mei, name):
    """F14: and T21, the mail server has no part in it."""
    way = WAYS[name]
    form = prepare(way, name, app, client, article)

    answer = send(name, way, app, client, form)

    assert answer.status_code == way.status
    if way.status == 303:
        return
    page = html5lib.parse(answer.text)
    assert way.words in answer.text
    (area,) = [one for one in page.iter(f"{HTML}textarea") if one.get("name", "body") == "body"]
    assert "".join(area.itertext()).replace("\r\n", "\n") == form["body"]
    assert "回复 1 楼 周默" in " ".join("".join(page.itertext()).split())
    buttons = [one for one in page.iter(f"{HTML}button") if one.get("class") == "button"]
    assert len(buttons) == (0 if way.copied else 1)
    for field in ("nickname", "email"):
        assert way.is_member or form[field] in answer.text
    if not way.copied:
        assert hidden(answer, "parent") == form["parent"]
    if way.status in (429, 503):
        assert int(answer.headers["Retry-After"]) > 0


def test_when_not_even_the_article_can_be_read_the_form_is_sent_again_from_the_error_page(app, client, article):
    """F11: everything typed and every hidden field comes back, the target among them; one press is enough."""
    target = set_stage(article)
    page = client.get(f"/articles/hello?to={target}")
    form = {"nickname": NAME, "email": EMAIL, "body": TEXT, "stamp": hidden(page, "stamp"), "parent": str(target)}
    view = app.view_functions["comments.create"]
    app.view_functions["comments.create"] = is_away
    try:
        answer = client.post("/articles/hello/comments", data=form)
    finally:
        app.view_functions["comments.create"] = view

    assert answer.status_code == 503 and "再发一次" in answer.text
    root = html5lib.parse(answer.text)
    again = {one.get("name"): one.get("value") for one in root.iter(f"{HTML}input")}
    again |= {one.get("name"): "".join(one.itertext()) for one in root.iter(f"{HTML}textarea")}
    assert {name: again[name] for name in form} == form
    assert client.post("/articles/hello/comments", data=again).status_code == 303


def is_away(slug):
    raise OperationalError("SELECT", {}, psycopg.OperationalError("server closed the connection"))
