"""Logging in by a mailed link, and by the digits of its letter."""

import re
from functools import partial

import pytest
from sqlalchemy import select

from blueprints.auth.account_log import Origin
from blueprints.auth.authentication import try_password
from blueprints.auth.models import MailedLink
from core import clock
from core.database import db
from core.jobs import Job
from tests.builders import PASSWORD, hidden, link_in, log_in, send_letters
from tests.moments import at_once, later


def ask(browser, email="mei@example.com", path="/login/by-mail", **environ):
    form = {"email": email, "csrf_token": hidden(browser.get(path), "csrf_token")}
    return browser.post(path, data=form, environ_base=environ)


def push(browser, path, **form):
    return browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token")} | form)


def digits_in(letter):
    return re.findall(r"：(\d{6})\b", letter.get_body(("plain",)).get_content())[0]


def is_in(browser):
    return browser.get("/account").status_code == 200


def test_the_link_logs_in_where_it_was_asked_for(client, mei):
    asked = ask(client)
    assert (asked.status_code, asked.location) == (303, "/login/by-mail/sent")
    assert client.get("/login/by-mail/sent").status_code == 200
    (letter,) = send_letters()
    assert (letter["To"], letter["Subject"]) == ("mei@example.com", "登录 · 纸上")
    link = link_in(letter)
    assert {client.get(link).status_code, client.head(link).status_code, client.get(link).status_code} == {200}
    assert not is_in(client), "opening the link changes nothing"

    entered = push(client, link, remember="y")

    assert (entered.status_code, entered.location) == (303, "/")
    assert is_in(client)
    again = client.get(link)
    assert again.status_code == 410 and "这个链接已经用过了。" in again.text and 'href="/login/by-mail"' in again.text


def test_the_link_is_no_use_in_another_browser_and_the_digits_are_no_use_there_either(client, other, mei):
    """T64."""
    ask(client)
    (letter,) = send_letters()

    elsewhere = other.get(link_in(letter))

    assert elsewhere.status_code == 403 and "把信里的六位数字填到那里" in elsewhere.text
    assert other.post(link_in(letter), data={}).status_code == 403
    assert push(other, "/login/by-mail/sent", code=digits_in(letter)).status_code == 422
    assert not is_in(other)
    entered = push(client, "/login/by-mail/sent", code=digits_in(letter))
    assert (entered.status_code, entered.location) == (303, "/")
    assert is_in(client)
    assert client.get(link_in(letter)).status_code == 410, "link and digits are one thing, good once"


@pytest.mark.parametrize("kind", ["login", "reset"])
def test_the_digits_may_be_tried_five_times(client, mei, kind):
    path = {"login": "/login/by-mail", "reset": "/forgot-password"}[kind]
    ask(client, path=path)
    digits = digits_in(send_letters()[-1])
    wrong = f"{(int(digits) + 1) % 10**6:06}"

    statuses = [push(client, path + "/sent", code=wrong).status_code for _ in range(5)]
    last = push(client, path + "/sent", code=digits)

    assert statuses == [422] * 5
    assert last.status_code == 429 and int(last.headers["Retry-After"]) > 0
    assert client.get(link_in(send_letters()[-1])).status_code == 200, "the link goes on working"


def test_two_hundred_tries_at_once_are_five(app, client, mei):
    ask(client)
    send_letters()
    page = client.get("/login/by-mail/sent")
    token, cookie = hidden(page, "csrf_token"), client.get_cookie("form").value

    def guess(number):
        browser = app.test_client()
        browser.set_cookie("form", cookie)
        return browser.post("/login/by-mail/sent", data={"code": f"{number:06}", "csrf_token": token}).status_code

    statuses = at_once([partial(guess, number) for number in range(20)])

    assert statuses.count(422) <= 5 and set(statuses) <= {422, 429}


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "1" * 100_000, "\x00", "123 456", "'; --"])
def test_odd_digits_are_simply_wrong(client, mei, code):
    ask(client)
    send_letters()

    answer = push(client, "/login/by-mail/sent", code=code)

    assert answer.status_code == 422 and 'id="code-error"' in answer.text


def test_blanks_and_full_width_digits_are_digits(client, mei):
    ask(client)
    digits = digits_in(send_letters()[-1])

    wide = "".join(chr(ord(one) + 0xFEE0) for one in digits)
    assert push(client, "/login/by-mail/sent", code=f" {wide[:3]} {wide[3:]} ").status_code == 303


def test_the_digits_of_a_reset_set_a_password_on_the_other_device(client, other, mei):
    ask(client, path="/forgot-password")
    (letter,) = send_letters()

    found = push(client, "/forgot-password/sent", code=digits_in(letter))

    assert found.status_code == 303 and found.location.startswith("/reset-password/")
    new = "换成另外一把更旧的伞"
    assert push(client, found.location, password=new, password_confirm=new).location == "/login"
    assert other.get(link_in(letter)).status_code == 410
    assert log_in(client, "梅子", new).status_code == 303


def test_the_answer_is_the_same_for_an_unknown_address(client, other, mei):
    known, unknown = ask(client), ask(other, "nobody@example.com")

    assert (known.status_code, known.location, known.text) == (unknown.status_code, unknown.location, unknown.text)
    assert [name for name, _value in known.headers] == [name for name, _value in unknown.headers]
    assert [letter["To"] for letter in send_letters()] == ["mei@example.com"]
    wrong = [push(browser, "/login/by-mail/sent", code="000000").text for browser in (client, other)]
    assert wrong[0].partition("csrf_token")[0] == wrong[1].partition("csrf_token")[0]


def test_an_address_gets_three_letters_an_hour_and_a_block_twenty_and_nobody_is_told(app, mei):
    answers = [ask(app.test_client(), REMOTE_ADDR=f"203.0.{number}.9") for number in range(5)]
    answers += [ask(app.test_client(), f"x{number}@example.com", REMOTE_ADDR="192.0.2.1") for number in range(25)]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/login/by-mail/sent")}
    wishes = db.session.scalars(select(Job)).all()
    assert len(wishes) == 25
    assert sum(wish.payload["may"] for wish in wishes if wish.payload["email_key"] == "mei@example.com") == 3


def test_the_newest_letter_replaces_the_older(client, mei):
    ask(client)
    old = send_letters()[-1]
    ask(client)
    new = send_letters()[-1]

    assert client.get(link_in(old)).status_code == 410
    assert push(client, "/login/by-mail/sent", code=digits_in(old)).status_code == 422
    assert push(client, "/login/by-mail/sent", code=digits_in(new)).status_code == 303


def test_after_thirty_minutes_both_are_dead(client, mei):
    ask(client)
    (letter,) = send_letters()

    with later(minutes=31):
        late = client.get(link_in(letter))
        assert late.status_code == 410 and "链接超过 30 分钟，失效了。" in late.text
        assert push(client, "/login/by-mail/sent", code=digits_in(letter)).status_code == 422


def test_a_link_of_one_kind_is_none_of_the_other(client, mei):
    ask(client)
    login = link_in(send_letters()[-1]).rpartition("/")[2]
    ask(client, path="/forgot-password")
    reset = link_in(send_letters()[-1]).rpartition("/")[2]

    assert client.get(f"/login/by-mail/{reset}").status_code == 410
    assert client.get(f"/reset-password/{login}").status_code == 410


def test_a_paused_account_is_told_and_not_let_in(client, mei):
    mei.paused_at, mei.pause_reason = clock.now(), "广告"
    db.session.commit()
    ask(client)
    link = link_in(send_letters()[-1])

    answer = push(client, link)

    assert answer.status_code == 403 and "理由：广告。" in answer.text
    assert not is_in(client)
    assert db.session.scalars(select(MailedLink)).one().used_at is None


def test_ten_uses_at_once_make_one_session(app, client, mei):
    ask(client)
    link = link_in(send_letters()[-1])
    token, cookie = hidden(client.get(link), "csrf_token"), client.get_cookie("form").value

    def use():
        browser = app.test_client()
        browser.set_cookie("form", cookie)
        return browser.post(link, data={"csrf_token": token}).status_code

    assert sorted(at_once([use] * 10)) == [303] + [410] * 9


def fail_often(name, count, first_network=0):
    """Fail from a dozen networks, as somebody who guesses would."""
    for number in range(count):
        network = Origin(f"203.0.{first_network + number // 9}.0/24")
        assert not try_password(name, "错的密码错的密码", network).is_right


def enter(browser, name, address):
    form = {"username": name, "password": PASSWORD, "csrf_token": hidden(browser.get("/login"), "csrf_token")}
    return browser.post("/login", data=form, environ_base={"REMOTE_ADDR": address})


def test_after_a_hundred_failures_in_a_row_a_password_counts_only_where_it_was_right_before(app, client, mei):
    """S48."""
    log_in(client, "梅子")
    fail_often("梅子", 99)
    assert enter(app.test_client(), "梅子", "192.0.2.7").status_code == 303, "a right one begins the count anew"
    fail_often("梅子", 100, first_network=100)

    stranger = app.test_client()
    refused = enter(stranger, "梅子", "198.51.100.7")

    assert refused.status_code == 429 and "请用邮件登录" in refused.text and 'href="/login/by-mail"' in refused.text
    assert "Retry-After" not in refused.headers
    ask(stranger, REMOTE_ADDR="198.51.100.7")
    assert push(stranger, link_in(send_letters()[-1])).status_code == 303, "a letter lets in"
    assert log_in(app.test_client(), "梅子").status_code == 303, "the owner, where they were before"


def test_a_hundred_failures_for_a_name_that_is_nobodys_look_the_same(app):
    fail_often("没有这个人", 100)

    answer = enter(app.test_client(), "没有这个人", "198.51.100.7")

    assert answer.status_code == 429 and "请用邮件登录" in answer.text
