"""Passkeys as the second step of logging in."""

import html
import json
import re

import pytest
from sqlalchemy import select

from blueprints.auth.models import Deed, LogEntry, Passkey, User
from core.database import db
from tests.authenticator import Authenticator
from tests.builders import PASSWORD, hidden, send_letters
from tests.moments import later

ADD, SITE = "/account/second-factor/passkey", "http://localhost"


@pytest.fixture(autouse=True)
def called_by_name(app, choose):
    """A site that is called by a name: an IP address takes no passkeys."""
    choose(host="localhost", port=80)


def browse(browser, path, **form):
    page = browser.get(path, base_url=SITE)
    return browser.post(path, base_url=SITE, data={"csrf_token": hidden(page, "csrf_token")} | form) if form else page


def enter(browser, username="梅子"):
    return browse(browser, "/login", username=username, password=PASSWORD)


def options_on(page):
    return html.unescape(re.findall(r'data-options="([^"]*)"', page.text)[0])


def add(browser, key, name="手机", **more):
    page = browser.get(ADD, base_url=SITE)
    fields = {field: hidden(page, field) for field in ("csrf_token", "ceremony")}
    form = fields | {"name": name, "present": PASSWORD, "passkey": key.create(options_on(page))} | more
    return browser.post(ADD, base_url=SITE, data=form)


def step(browser, answer, page=None):
    page = page or browser.get("/login/second-step", base_url=SITE)
    form = {field: hidden(page, field) for field in ("csrf_token", "ceremony")} | {"passkey": answer}
    return browser.post("/login/second-step", base_url=SITE, data=form)


def is_in(browser):
    return browser.get("/account", base_url=SITE).status_code == 200


@pytest.fixture
def key(client, mei):
    enter(client)
    made = Authenticator(SITE)
    added = add(client, made)
    assert added.status_code == 200 and "recovery-codes" in added.text
    return made


def test_a_passkey_finishes_the_log_in(other, key):
    assert enter(other).location == "/login/second-step"
    page = browse(other, "/login/second-step")
    assert "用通行密钥登录" in page.text

    answer = step(other, key.get(options_on(page)), page)

    assert (answer.status_code, answer.location) == (303, "/") and is_in(other)
    row = db.session.scalars(select(Passkey)).one()
    assert (row.sign_count, row.name) == (1, "手机") and row.used_at is not None
    assert "上次使用" in browse(other, "/account/second-factor").text


def test_an_answer_is_good_for_its_own_page_only(app, other, key):
    enter(other)
    page = browse(other, "/login/second-step")
    answer = key.get(options_on(page))
    fresh = browse(other, "/login/second-step")

    assert step(other, answer, fresh).status_code == 422
    assert not is_in(other)
    with later(minutes=9, seconds=59):
        assert step(other, key.get(options_on(page)), page).status_code in (303, 422)


def test_another_key_or_another_site_is_refused_and_noted(other, key):
    enter(other)
    page = browse(other, "/login/second-step")

    stranger = Authenticator(SITE)
    stranger.id = key.id
    assert step(other, stranger.get(options_on(page)), page).status_code == 422
    elsewhere = Authenticator("https://evil.example")
    elsewhere.key, elsewhere.id = key.key, key.id
    assert step(other, elsewhere.get(options_on(page)), page).status_code == 422
    assert step(other, Authenticator(SITE).get(options_on(page)), page).status_code == 422
    assert db.session.scalars(select(LogEntry.deed)).all().count(Deed.LOGIN_FAILED) == 3
    assert not is_in(other)


def test_a_copied_key_is_noticed_by_its_counter(other, app, key):
    enter(other)
    page = browse(other, "/login/second-step")
    key.uses = 7
    assert step(other, key.get(options_on(page)), page).status_code == 303
    again = app.test_client()
    enter(again)
    key.uses = 3
    page = browse(again, "/login/second-step")

    assert step(again, key.get(options_on(page)), page).status_code == 422


GARBAGE = [
    "{}",
    "[]",
    "null",
    "x",
    "{",
    '{"id": "\\u0000"}',
    '{"id": []}',
    "[" * 50_000,
    '{"id": "' + "a" * 100_000 + '"}',
    "\x00",
    "é",
]


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_rubbish_for_an_answer_is_told_and_breaks_nothing(client, other, key, answer):
    enter(other)

    assert step(other, answer).status_code == 422
    page = browse(client, ADD)
    form = {field: hidden(page, field) for field in ("csrf_token", "ceremony")}
    more = {"name": "x", "present": PASSWORD, "passkey": answer}
    assert client.post(ADD, base_url=SITE, data=form | more).status_code == 422
    assert client.post(ADD, base_url=SITE, data=form | more | {"ceremony": answer}).status_code == 422


def test_without_scripts_the_page_says_what_else_there_is(client, mei):
    enter(client)

    answer = browse(client, ADD, name="手机", present=PASSWORD)

    assert answer.status_code == 422 and "没有脚本时请用验证器" in answer.text
    assert 'value="手机"' in answer.text


def test_adding_one_asks_for_the_password(client, mei):
    enter(client)

    assert add(client, Authenticator(SITE), present="不是这个").status_code == 422
    assert db.session.scalars(select(Passkey)).all() == []


def test_a_ceremony_of_somebody_else_is_none_of_mine(client, other, key, lin):
    enter(other, "林舟")
    theirs = other.get(ADD, base_url=SITE)
    mine = client.get(ADD, base_url=SITE)
    made = Authenticator(SITE)
    form = {"csrf_token": hidden(mine, "csrf_token"), "ceremony": hidden(theirs, "ceremony")}
    more = {"name": "x", "present": PASSWORD, "passkey": made.create(options_on(theirs))}

    assert client.post(ADD, base_url=SITE, data=form | more).status_code == 422


def test_one_passkey_belongs_to_one_account(client, other, key, lin):
    enter(other, "林舟")

    assert add(other, key).status_code == 422
    assert json.loads(options_on(browse(client, ADD)))["excludeCredentials"], "a browser is told which it has"


def test_removing_the_last_one_ends_the_second_step(client, other, key):
    row = db.session.scalars(select(Passkey)).one()
    path = f"/account/second-factor/remove?which={row.id}"
    enter(other, "梅子")
    assert browse(client, path, which=str(row.id), present=PASSWORD).status_code == 303

    assert enter(other).location == "/"
    assert not db.session.scalars(select(User)).one().has_second_factor
    assert [letter["Subject"] for letter in send_letters()] == ["两步验证有变动 · 纸上"] * 2


def test_anothers_passkey_is_not_there_to_be_removed(client, other, key, lin):
    enter(other, "林舟")
    row = db.session.scalars(select(Passkey)).one()

    answer = browse(other, f"/account/second-factor/remove?which={row.id}", which=str(row.id), present=PASSWORD)

    assert answer.status_code == 404
    assert db.session.scalars(select(Passkey)).one()


def test_an_ip_address_takes_no_passkeys_and_says_so(client, mei):
    address = "http://127.0.0.1"
    form = {"username": "梅子", "password": PASSWORD}
    token = hidden(client.get("/login", base_url=address), "csrf_token")
    client.post("/login", base_url=address, data=form | {"csrf_token": token})

    assert "这个地址用不了通行密钥" in client.get(ADD, base_url=address).text
