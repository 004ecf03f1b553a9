"""Registering an account."""

import itertools
import socket
import unicodedata

import pytest
from sqlalchemy import func, select

from blueprints.auth.models import LoginSession, Registration, Role, User
from blueprints.comments.word_rules import add_rule
from core.config import settings
from core.database import db
from core.jobs import tidy
from tests import builders
from tests.builders import PASSWORD, hidden, link_in, log_in, registration_form, send_letters
from tests.moments import at_once, later


def confirm(browser, link):
    """Press the button behind a link; another browser than the one that registered is asked for the password."""
    return browser.post(link, data={"csrf_token": hidden(browser.get(link), "csrf_token"), "password": PASSWORD})


def test_a_reader_registers_confirms_and_logs_in(client):
    """S13."""
    answer = client.post("/register", data=registration_form(client))

    assert (answer.status_code, answer.location) == (303, "/register/sent")
    assert client.get("/register/sent").status_code == 200
    (letter,) = send_letters()
    assert letter["To"] == "reader@example.com" and letter["Subject"] == "完成注册 · 纸上"
    page = client.get(link_in(letter))
    assert page.status_code == 200 and "山中客" in page.text
    assert db.session.scalar(select(User)) is None
    confirmed = confirm(client, link_in(letter))
    assert (confirmed.status_code, confirmed.location) == (303, "/login")
    assert "邮箱已确认，请登录。" in client.get("/login").text
    logged_in = log_in(client, "山中客")
    assert (logged_in.status_code, logged_in.location) == (303, "/")
    assert "山中客" in client.get("/").text and "退出" in client.get("/").text


def test_opening_the_link_changes_nothing_and_using_it_works_once(client, other):
    client.post("/register", data=registration_form(client))
    (letter,) = send_letters()
    link = link_in(letter)

    assert {other.get(link).status_code, other.head(link).status_code} == {200}
    assert confirm(other, link).status_code == 303
    again = other.get(link)

    assert again.status_code == 410 and "这个链接已经用过了。" in again.text
    assert other.post(link, data={}).status_code == 410
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_ten_uses_of_one_link_at_once_make_one_account(app, client):
    client.post("/register", data=registration_form(client))
    link = link_in(send_letters()[0])

    token, cookie = hidden(client.get(link), "csrf_token"), client.get_cookie("form").value

    def use():
        browser = app.test_client()
        browser.set_cookie("form", cookie)
        return browser.post(link, data={"csrf_token": token}).status_code

    statuses = at_once([use] * 10)

    db.session.rollback()
    assert sorted(statuses) == [303] + [410] * 9
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_a_link_dies_after_three_days(client):
    client.post("/register", data=registration_form(client))
    (letter,) = send_letters()

    with later(days=3, minutes=1):
        assert client.get(link_in(letter)).status_code == 410


def test_a_known_address_gets_the_same_answer_and_its_owner_a_letter(client, other, mei):
    """S49."""
    known = client.post("/register", data=registration_form(client, username="新名字", email="MEI@example.com"))
    unknown = other.post("/register", data=registration_form(other, username="别的名字", email="nobody@example.com"))

    assert (known.status_code, known.location, known.text) == (unknown.status_code, unknown.location, unknown.text)
    assert [name for name, _value in known.headers] == [name for name, _value in unknown.headers]
    letters = {letter["To"]: letter for letter in send_letters()}
    assert letters["mei@example.com"]["Subject"].startswith("有人用你的邮箱注册")
    assert link_in(letters["mei@example.com"]) == "/forgot-password"
    assert letters["nobody@example.com"]["Subject"].startswith("完成注册")


def test_a_registration_holds_its_name_for_a_known_address_just_the_same(client, other, mei):
    client.post("/register", data=registration_form(client, username="新名字", email="mei@example.com"))

    taken = other.post("/register", data=registration_form(other, username="新名字", email="nobody@example.com"))

    assert taken.status_code == 422 and "已有人用" in taken.text
    with later(days=3, minutes=1):
        free = other.post("/register", data=registration_form(other, username="新名字", email="nobody@example.com"))
    assert free.status_code == 303


def test_a_newer_registration_of_an_address_replaces_the_older(client, other):
    client.post("/register", data=registration_form(client, username="旧名字"))
    (old,) = send_letters()

    client.post("/register", data=registration_form(client, username="新名字", email="Reader@example.com"))

    _old, new = send_letters()
    assert client.get(link_in(old)).status_code == 410
    assert "新名字" in client.get(link_in(new)).text
    assert (
        other.post("/register", data=registration_form(other, username="旧名字", email="b@example.com")).status_code
        == 303
    )


def test_an_address_gets_three_letters_and_the_last_link_goes_on_working(app):
    for number in range(6):
        browser = app.test_client()
        answer = browser.post("/register", data=registration_form(browser, username=f"第{number}个名字"))
        assert answer.status_code == 303
        send_letters()

    letters = send_letters()

    assert len(letters) == 3
    assert "第2个名字" in app.test_client().get(link_in(letters[-1])).text


def test_nobody_registers_the_name_an_article_is_signed_with(app, client):
    builders.article(author="沈未")

    answer = client.post("/register", data=registration_form(client, username="沈 未"))
    made = app.test_cli_runner().invoke(args=["users", "create", "沈未", "shen@example.com", "--role", "author"])

    assert answer.status_code == 422 and "已有人用" in answer.text
    assert made.exit_code == 0


@pytest.mark.parametrize("name", ["加微信abc123领红包", "代 开 发 票", "梅Щzi"])
def test_a_name_that_would_be_refused_over_a_reply_is_no_accounts(client, name):
    add_rule("代开发票", refuses=False, by=None)
    db.session.commit()

    answer = client.post("/register", data=registration_form(client, username=name))

    assert answer.status_code == 422 and 'id="username-error"' in answer.text and f'value="{name}"' in answer.text
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 0 and send_letters() == []


def test_a_mistyped_captcha_costs_no_letter(client):
    for _ in range(4):
        client.post("/register", data=registration_form(client, captcha="WRONG"))

    client.post("/register", data=registration_form(client))

    assert len(send_letters()) == 1


@pytest.mark.parametrize("name", ["梅子", " 梅 子 ", "管理员", "Admin", "аdmin", "ａdmin"])
def test_a_name_of_somebody_or_one_that_looks_like_it_is_taken(client, mei, name):
    """S62."""
    answer = client.post("/register", data=registration_form(client, username=name))

    assert answer.status_code == 422
    words = "已有人用" if "梅" in name else "留给网站自己用"
    assert 'id="username-error"' in answer.text and words in answer.text


WRONG = {
    "username": ["", "一", "长" * 31, "a\u202eb", "a\u200bb", "a\x00bc", "有@的", "a\ufffdb"],
    "email": [
        "",
        "no-at",
        "a@b",
        "a" * 300 + "@example.com",
        "中@example.com",
        "a\x00@example.com",
        "a,b@example.com",
        "<a@example.com>",
    ],
    "password": [
        "",
        "short",
        "1234567890",
        "woaini1314",
        "5201314520",
        "aaaaaaaaaaaa",
        "qwertyuiop",
        "19900101123",
        "x" * 257,
        "我是山中客本人没错",
        "纸上纸上纸上纸上纸上啊",
    ],
    "password_confirm": ["", "另一个密码另一个密码"],
    "captcha": ["", "WRONG", "x" * 1000, "\x00"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_wrong_field_is_shown_with_words_and_what_was_typed(client, field, value):
    """S42, T30."""
    form = registration_form(client) | {field: value}

    answer = client.post("/register", data=form)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text and f'href="#{field}"' in answer.text
    assert "<title>错误：注册" in answer.text
    for name in {"username", "email"} - {field}:
        assert f'value="{form[name]}"' in answer.text
    assert PASSWORD not in answer.text
    assert db.session.scalar(select(Registration)) is None
    assert send_letters() == []


def test_two_wrong_things_are_told_at_once(client, mei):
    form = registration_form(client, username="梅子", captcha="WRONG")

    answer = client.post("/register", data=form)

    assert "验证码不对" in answer.text
    assert "“梅子”已有人用" in answer.text
    assert "有两处需要修改" in answer.text


def test_a_captcha_works_once_right_or_wrong(client):
    """T20."""
    wrong = registration_form(client)
    client.post("/register", data=wrong | {"captcha": "WRONG"})

    again = client.post("/register", data=wrong)
    used = registration_form(client)
    first, second = (
        client.post("/register", data=used),
        client.post("/register", data=used | {"email": "b@example.com", "username": "又一个"}),
    )

    assert (again.status_code, first.status_code, second.status_code) == (422, 303, 422)
    assert "验证码过期了" in again.text and "验证码过期了" in second.text


def test_a_captcha_is_read_kindly(client):
    form = registration_form(client)
    kindly = " ".join(form["captcha"].lower())

    assert client.post("/register", data=form | {"captcha": kindly}).status_code == 303


def test_a_captcha_expires_after_ten_minutes(client):
    form = registration_form(client)

    with later(minutes=11):
        answer = client.post("/register", data=form)

    assert answer.status_code == 422 and "验证码过期了" in answer.text


def test_a_captcha_belongs_to_its_browser_and_form(client, other):
    mine, theirs = registration_form(client), registration_form(other)
    stolen = theirs | {"captcha_id": mine["captcha_id"], "captcha": mine["captcha"]}
    relabelled = mine | {"captcha_id": mine["captcha_id"].replace("register", "comment")}

    assert other.post("/register", data=stolen).status_code == 422
    assert client.post("/register", data=relabelled).status_code == 422


@pytest.mark.parametrize(
    "challenge", ["", "x", "a.b.c.d", "a.1.register.x", "\x00", "é.1.register.é", "a.zz.register.00", "9" * 5000]
)
def test_a_made_up_captcha_id_is_an_expired_one(client, challenge):
    answer = client.post("/register", data=registration_form(client) | {"captcha_id": challenge})

    assert answer.status_code == 422 and "验证码过期了" in answer.text


def test_twenty_uses_of_one_captcha_at_once_make_one_account(app, choose):
    choose(threads=1024)  # all may wait for their hash
    browser = app.test_client()
    form = registration_form(browser)
    cookie = browser.get_cookie("form").value

    def send():
        copy = app.test_client()
        copy.set_cookie("form", cookie)
        return copy.post("/register", data=form).status_code

    results = at_once([send] * 20)

    db.session.rollback()
    assert sorted(results) == [303] + [422] * 19
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1


def test_a_new_picture_without_scripts_keeps_what_was_typed(client):
    form = registration_form(client)

    answer = client.post("/register", data=form | {"refresh": "1", "captcha": ""})

    assert answer.status_code == 200
    assert 'value="山中客"' in answer.text and 'value="reader@example.com"' in answer.text
    assert hidden(answer, "captcha_id") != form["captcha_id"]
    assert "problems" not in answer.text


def test_the_form_is_guarded(client, other):
    form = registration_form(client)

    for broken in ({"csrf_token": ""}, {"csrf_token": "x.y.z"}, {"csrf_token": registration_form(other)["csrf_token"]}):
        answer = client.post("/register", data=form | broken)
        assert answer.status_code == 422 and "页面放得太久了" in answer.text
    login_token = hidden(client.get("/login"), "csrf_token")
    assert client.post("/register", data=form | {"csrf_token": login_token}).status_code == 422


def test_registration_can_be_closed(client, choose):
    form = registration_form(client)
    choose(registration="closed")

    assert "暂时不开放注册" in client.get("/register").text
    answer = client.post("/register", data=form)
    assert answer.status_code == 200 and "暂时不开放注册" in answer.text
    assert db.session.scalar(select(Registration)) is None


def test_reading_forms_stores_nothing(app):
    """T98, T99."""
    for _ in range(20):
        app.test_client().get("/register")

    assert db.session.scalar(select(func.count()).select_from(Registration)) == 0
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_the_page_says_where_letters_lie_and_when_they_are_late(client, choose):
    assert str(settings().outbox) in client.get("/register/sent").text
    choose(mail_server="mail.example.com")
    assert str(settings().outbox) not in client.get("/register/sent").text
    client.post("/register", data=registration_form(client))

    with later(minutes=6):
        assert "邮件现在发得慢" in client.get("/register/sent").text
        assert "邮件现在发得慢" in client.get("/forgot-password/sent").text


def test_dead_registrations_are_forgotten_after_a_month(client):
    client.post("/register", data=registration_form(client))

    with later(days=40):
        tidy()

    assert db.session.scalar(select(Registration)) is None


def test_an_account_is_made_at_the_command_line_and_its_password_by_letter(app, client):
    run = app.test_cli_runner().invoke

    made = run(args=["users", "create", "林舟", "lin@example.com", "--role", "administrator"])
    taken = run(args=["users", "create", "林 舟", "else@example.com"])
    wrong = run(args=["users", "create", "x", "no-address"])

    assert (made.exit_code, taken.exit_code, wrong.exit_code) == (0, 1, 2)
    (letter,) = send_letters()
    assert link_in(letter).startswith("/reset-password/")
    user = db.session.scalars(select(User)).one()
    assert (user.role, user.password_hash) == (Role.ADMINISTRATOR, None)
    assert log_in(client, "林舟", "").status_code == 422


def test_a_password_may_come_from_standard_input(app, client):
    run = app.test_cli_runner().invoke

    weak = run(args=["users", "create", "甲乙", "a@example.com", "--password-stdin"], input="1234567890\n")
    made = run(args=["users", "create", "甲乙", "a@example.com", "--password-stdin"], input=PASSWORD + "\n")

    assert (weak.exit_code, made.exit_code) == (1, 0)
    assert log_in(client, "甲乙").status_code == 303


LONG_PASSWORDS = [
    "".join(chr(0x4E00 + number) for number in range(256)),
    "correct horse battery staple",
    "  两头有空格的密码  ",
    "".join(letter + "\u0301" for letter in "aeiouycnszrgk"),
    "🙂🎈🌂📮🎐🧭🪁🎏🧶🪴🕯🔭",
]


@pytest.mark.parametrize("password", LONG_PASSWORDS, ids=range(len(LONG_PASSWORDS)))
def test_spaces_chinese_and_256_characters_are_a_password_and_nothing_is_cut(client, password):
    """S43, S44: NFC first, every character counts."""
    client.post("/register", data=registration_form(client, password=password, password_confirm=password))
    confirm(client, link_in(send_letters()[0]))

    assert log_in(client, "山中客", password[:-1]).status_code == 422
    assert log_in(client, "山中客", unicodedata.normalize("NFD", password)).status_code == 303


@pytest.mark.parametrize("path", ["/register", "/login"])
def test_a_password_of_a_megabyte_is_refused_without_hashing_it(client, path):
    """T76."""
    form = registration_form(client) if path == "/register" else {"username": "梅子"}
    form |= {
        "csrf_token": hidden(client.get(path), "csrf_token"),
        "password": "x" * 1_000_000,
        "password_confirm": "x",
    }

    assert client.post(path, data=form).status_code == 422


ORDERS = list(itertools.permutations(["log in", "confirm", "look"]))


@pytest.mark.parametrize("order", ORDERS, ids=map(str, ORDERS))
def test_nothing_is_an_account_before_its_link_was_used_in_whatever_order(client, order):
    """S13, T61."""
    client.post("/register", data=registration_form(client))
    link = link_in(send_letters()[0])
    confirmed = False

    for deed in order:
        if deed == "confirm":
            confirmed = confirm(client, link).status_code == 303
        elif deed == "look":
            assert client.get("/account").status_code in ((200, 303) if confirmed else (303,))
        else:
            assert log_in(client, "山中客").status_code == (303 if confirmed else 422)


def test_no_address_of_ours_but_those_of_letters_holds_a_token(app):
    """T24, T81."""
    rules = {rule.rule for rule in app.url_map.iter_rules() if "token" in rule.rule}

    assert rules == {
        "/confirm/<token>",
        "/reset-password/<token>",
        "/login/by-mail/<token>",
        "/account/email/<token>",
        "/account/email/undo/<token>",
        "/first-run/<token>",
        "/mine/open/<token>",
        "/letters/stop/<token>",
        "/moderation/by-mail/<token>",
    }


def test_forms_that_write_letters_write_few_whoever_asks_from_wherever(app, mei):
    """T60, T97: one address, thirty networks, every form that mails."""
    for number in range(30):
        browser, environ = app.test_client(), {"REMOTE_ADDR": f"203.0.{number}.9"}
        for path in ("/forgot-password", "/login/by-mail"):
            form = {"email": "mei@example.com", "csrf_token": hidden(browser.get(path), "csrf_token")}
            browser.post(path, data=form, environ_base=environ)
        browser.post(
            "/register",
            data=registration_form(browser, email="mei@example.com", username=f"读者{number}"),
            environ_base=environ,
        )
        send_letters()

    subjects = [letter["Subject"].partition(" ")[0] for letter in send_letters()]
    assert {subject: subjects.count(subject) for subject in subjects} == {
        "重置密码": 3,
        "登录": 3,
        "有人用你的邮箱注册": 3,
    }


@pytest.mark.parametrize("answers", ["refuse", "hang"])
def test_the_answer_is_the_same_while_the_mail_server_is_away(app, choose, mei, answers):
    """T21, T73, T74: the request writes a row and talks to no server."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if answers == "hang":
            silent.listen()
        choose(mail_server="127.0.0.1", mail_port=silent.getsockname()[1], mail_security="none")
        pages = []
        for email in ("mei@example.com", "nobody@example.com"):
            browser = app.test_client()
            form = {"email": email, "csrf_token": hidden(browser.get("/forgot-password"), "csrf_token")}
            pages.append(browser.post("/forgot-password", data=form, follow_redirects=True))

    assert [page.status_code for page in pages] == [200, 200]
    assert pages[0].text.partition("csrf_token")[0] == pages[1].text.partition("csrf_token")[0]


def test_a_link_opened_elsewhere_asks_for_the_password_of_the_registration(client, other):
    """A stranger who registers my address shall not have me confirm their account."""
    client.post("/register", data=registration_form(client))
    link = link_in(send_letters()[0])
    page = other.get(link)
    assert page.status_code == 200 and 'name="password"' in page.text
    form = {"csrf_token": hidden(page, "csrf_token")}

    assert other.post(link, data=form).status_code == 422
    wrong = other.post(link, data=form | {"password": "别人的密码别人的密码"})
    assert wrong.status_code == 422 and "密码不对。" in wrong.text
    assert db.session.scalar(select(User)) is None
    assert other.post(link, data=form | {"password": PASSWORD}).status_code == 303
    assert 'name="password"' not in client.get(link).text


def test_the_password_of_a_registration_is_not_guessed_for_long(client, other):
    client.post("/register", data=registration_form(client))
    link = link_in(send_letters()[0])
    form = {"csrf_token": hidden(other.get(link), "csrf_token"), "password": "别人的密码别人的密码"}

    assert [other.post(link, data=form).status_code for _ in range(11)] == [422] * 10 + [429]
