"""The first run: a link that makes the first administrator, once."""

from functools import partial

import pytest
from sqlalchemy import func, select

from blueprints.auth.account_log import Origin
from blueprints.auth.first_administrator import check_first_run, first_run_link, make_first_administrator
from blueprints.auth.models import Deed, LogEntry, Role, User
from core import clock
from core.database import db
from core.errors import DomainError, LinkDead
from core.tokens import sign
from tests.builders import hidden, log_in, user
from tests.moments import at_once, later
from tests.states_of_admin import first_run_path, owner

LONG_PASSWORD = owner()["password"]


def form(browser, path, **more):
    return owner(csrf_token=hidden(browser.get(path), "csrf_token")) | more


def everybody():
    return db.session.scalars(select(User)).all()


def test_the_link_shows_three_steps_and_changes_nothing(client):
    page = client.get(first_run_path())

    assert page.status_code == 200 and page.headers["Cache-Control"] == "private, no-store"
    for words in ("站长", "网站的名字", "信", "网站设置", "至少 15 个字符", "/outbox", "MAIL_SERVER"):
        assert words in page.text, words
    assert everybody() == []


def test_a_mail_server_that_is_set_is_named(client, choose):
    choose(mail_server="smtp.example.org", mail_from="site@example.org")

    page = client.get(first_run_path())

    assert "信由 smtp.example.org 寄出，寄信人是 site@example.org。" in page.text
    assert "现在叫“纸上”" in page.text and "/outbox" not in page.text


def test_the_button_makes_the_administrator_and_logs_in(client, other):
    """S50."""
    path = first_run_path()

    answer = client.post(path, data=form(client, path))

    assert (answer.status_code, answer.location) == (303, "/account")
    [made] = everybody()
    assert (made.username, made.email, made.role) == ("山中客", "owner@example.com", Role.ADMINISTRATOR)
    assert db.session.scalars(select(LogEntry.deed).order_by(LogEntry.id)).all() == [Deed.REGISTERED, Deed.LOGGED_IN]
    assert "你是这个网站的管理员。" in client.get("/account").text
    assert client.get("/admin/people").status_code == 200
    assert log_in(other, "owner@example.com", LONG_PASSWORD).status_code == 303


def test_whoever_was_logged_in_as_somebody_else_is_the_administrator_then(client, mei):
    log_in(client, "梅子")
    path = first_run_path()

    assert client.post(path, data=form(client, path)).status_code == 303
    assert client.get("/admin/people").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "山"}, "username"),
        ({"username": "a@b"}, "username"),
        ({"username": "管理员"}, "username"),
        ({"username": "梅\u200b子"}, "username"),
        ({"email": "owner.example.com"}, "email"),
        ({"email": "mei@example.com"}, "email"),
        ({"password": "不到十五个字符的密码", "password_confirm": "不到十五个字符的密码"}, "password"),
        ({"password": "123456789012345678", "password_confirm": "123456789012345678"}, "password"),
        ({"password": "山中客和一张很旧很旧的旧船票", "password_confirm": "山中客和一张很旧很旧的旧船票"}, "password"),
        ({"password_confirm": "别的"}, "password_confirm"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(client, mei, wrong, field):
    path = first_run_path()

    answer = client.post(path, data=form(client, path, **wrong))

    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert "owner@example.com" in answer.text or "email" in wrong
    assert LONG_PASSWORD not in answer.text
    assert [person.role for person in everybody()] == [Role.READER]


def test_an_address_that_has_an_account_and_a_name_taken_are_refused_by_the_action(app, mei):
    token, here = first_run_path().rpartition("/")[2], Origin()

    for name, email in (("山中客", "MEI@example.com"), ("梅子", "owner@example.com")):
        with pytest.raises(DomainError):
            make_first_administrator(token, name, email, "hash", here)


def test_it_needs_its_form(client):
    path = first_run_path()

    assert client.post(path, data=owner()).status_code == 422
    assert client.post(path, data=form(client, path), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert everybody() == []


def test_once_used_it_is_dead_for_everyone(client, other):
    path = first_run_path()
    filled = form(other, path, username="另一人", email="other@example.com")
    client.post(path, data=form(client, path))

    for answer in (other.get(path), client.get(path), other.post(path, data=filled)):
        assert answer.status_code == 410 and "已经用过了" in answer.text and 'href="/login"' in answer.text
    assert len(everybody()) == 1 and first_run_link() is None


def test_an_administrator_made_at_the_command_line_ends_it_too(app, client):
    path = first_run_path()
    app.test_cli_runner().invoke(
        args=["users", "create", "林舟", "lin@example.com", "--role", "administrator", "--password-stdin"],
        input=LONG_PASSWORD + "\n",
    )

    assert client.get(path).status_code == 410
    assert first_run_link() is None


def test_readers_and_moderators_do_not_end_it(client, mei, lin):
    assert client.get(first_run_path()).status_code == 200


@pytest.mark.parametrize(
    "token", ["x", "0" * 64, "admin", "..%2f..", "%00", "first-run", "a.b.c"], ids=lambda text: text[:12]
)
def test_a_made_up_link_is_dead_and_tells_nothing(client, token):
    before = client.get(f"/first-run/{token}")
    user("林舟", "lin@example.com", Role.ADMINISTRATOR)
    after = client.get(f"/first-run/{token}")

    assert before.status_code == after.status_code and before.status_code in (404, 410)
    assert before.text == after.text


def test_a_token_signed_for_something_else_is_none(app):
    for purpose in ("first_run", "form:FirstRunForm", "totp-setup"):
        with pytest.raises(LinkDead):
            check_first_run(sign(purpose, int(clock.timestamp())))
    for value in ("administrator", None, "", ["x"]):
        with pytest.raises(LinkDead):
            check_first_run(sign("first-run", value))
    with pytest.raises(LinkDead):
        check_first_run(first_run_path().rpartition("/")[2][:-1])


def test_after_a_day_it_is_dead_and_the_next_start_has_another(client):
    path = first_run_path()
    filled = form(client, path)

    with later(hours=23, minutes=59):
        assert client.get(path).status_code == 200
    with later(hours=24, seconds=2):
        for answer in (client.get(path), client.post(path, data=filled)):
            assert answer.status_code == 410 and "再启动一次网站" in answer.text
        assert client.get(first_run_path()).status_code == 200
    assert everybody() == []


def test_at_the_same_moment_only_one_is_made(app):
    path = first_run_path()
    browsers = [app.test_client() for _ in range(4)]
    forms = [form(browser, path, username=f"站长{n}", email=f"{n}@example.com") for n, browser in enumerate(browsers)]
    db.session.rollback()

    answers = at_once(
        [partial(browser.post, path, data=filled) for browser, filled in zip(browsers, forms, strict=True)]
    )

    assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410]
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_the_link_is_of_the_configured_address(app, choose):
    choose(site_url="https://paper.example.org")

    assert str(first_run_link()).startswith("https://paper.example.org/first-run/")
