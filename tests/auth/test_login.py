"""Logging in and out."""

import hashlib
import threading
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import func, inspect, select

from blueprints.auth.account_log import Origin
from blueprints.auth.authentication import WrongPassword, accept, try_password
from blueprints.auth.models import LoginSession, User
from blueprints.auth.passwords import hash_password, in_turn
from blueprints.auth.recovery import set_password
from core import clock
from core.clock import standing_at
from core.database import db
from tests.builders import PASSWORD, hidden, log_in, user
from tests.moments import at_once, later


def logged_in(browser):
    return browser.get("/account").status_code == 200


def log_out(browser):
    return browser.post("/logout", data={"csrf_token": hidden(browser.get("/"), "csrf_token")})


@pytest.mark.parametrize("name", ["梅子", " 梅子 ", "mei@example.com", "MEI@Example.com"])
def test_by_name_or_address(client, mei, name):
    answer = log_in(client, name)

    assert (answer.status_code, answer.location) == (303, "/")
    assert logged_in(client)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("梅子", "不是这个密码不是"),
        ("没有这个人", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("梅子", "0"),
        ("梅子", "x" * 5000),
    ],
)
def test_one_message_for_every_cause(client, mei, name, password):
    """S49, T42."""
    answer = log_in(client, name, password)

    assert answer.status_code == 422
    assert "用户名或密码不对。" in answer.text
    assert not logged_in(client)


def test_a_paused_account_is_told_why_and_until_when_once_the_password_is_right(client, other, mei):
    log_in(client, "梅子")
    mei.paused_at, mei.pause_reason = clock.now(), "广告"
    mei.paused_until = datetime(2031, 8, 1, 4, tzinfo=UTC)
    db.session.commit()

    answer = log_in(other, "梅子")

    assert answer.status_code == 403
    assert "账号停用到 2031年8月1日。理由：广告。有疑问请联系 " in answer.text
    assert not logged_in(client) and not logged_in(other)
    assert "广告" not in log_in(other, "梅子", "不是这个密码").text
    with standing_at(datetime(2031, 8, 2, tzinfo=UTC)):
        assert log_in(other, "梅子").status_code == 303


def test_a_name_with_invisible_characters_is_told(client, mei):
    answer = log_in(client, "梅\x00子")

    assert answer.status_code == 422 and 'id="username-error"' in answer.text
    assert not logged_in(client)


@pytest.mark.parametrize("field", ["username", "password"])
def test_an_empty_field_is_told(client, field):
    form = {"username": "梅子", "password": "x", "csrf_token": hidden(client.get("/login"), "csrf_token")} | {field: ""}

    answer = client.post("/login", data=form)

    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text


def test_what_was_typed_stays_but_the_password(client, mei):
    """S44."""
    answer = log_in(client, "梅子", "错的密码错的密码", remember="y", next="/account")

    assert 'value="梅子"' in answer.text and "错的密码" not in answer.text
    assert "checked" in answer.text and hidden(answer, "next") == "/account"


def test_a_copied_cookie_is_dead_after_logging_out(client, other, mei):
    """S54, T84."""
    log_in(client, "梅子")
    copied = client.get_cookie("session").value
    other.set_cookie("session", copied)
    assert logged_in(other)

    answer = log_out(client)

    assert (answer.status_code, answer.location) == (303, "/")
    assert not logged_in(client)
    other.set_cookie("session", copied)
    assert not logged_in(other)
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_logging_out_needs_the_form(client, mei):
    log_in(client, "梅子")

    assert client.get("/logout").status_code == 405
    refused = client.post("/logout", data={})
    assert refused.status_code == 422 and 'action="/logout"' in refused.text
    assert logged_in(client)
    assert client.post("/logout", data={"csrf_token": hidden(refused, "csrf_token")}).status_code == 303


def test_every_log_in_has_a_token_of_its_own_stored_as_a_hash(app, client, mei):
    """S53, S58."""
    log_in(client, "梅子")
    first = client.get_cookie("session").value
    log_in(client, "梅子")

    rows = db.session.scalars(select(LoginSession)).all()
    assert client.get_cookie("session").value != first
    assert len(rows) == 1, "the session that was replaced is over"
    cookie = app.session_interface.get_signing_serializer(app).loads(client.get_cookie("session").value)
    assert hashlib.sha256(cookie["_user_id"].encode()).hexdigest() == rows[0].token_hash
    assert rows[0].token_hash not in str(cookie)


def test_the_cookies_are_httponly_and_lax(client, mei):
    """S33, T84."""
    client.get("/login")
    cookies = log_in(client, "梅子").headers.getlist("Set-Cookie")

    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
        assert "Expires" not in cookie, "it ends with the browser"


def test_remember_me_lasts_30_days_and_no_longer(client, mei):
    """S56."""
    cookies = log_in(client, "梅子", remember="y").headers.getlist("Set-Cookie")

    assert any(cookie.startswith("session=") and "Expires=" in cookie for cookie in cookies)
    for days in (10, 20, 29):
        with later(days=days):
            assert logged_in(client)
    with later(days=30, minutes=1):
        assert not logged_in(client)


def test_a_reader_may_be_idle_14_days_a_moderator_12_hours(client, other, mei, lin):
    """S56."""
    log_in(client, "梅子", remember="y")
    log_in(other, "林舟", remember="y")

    with later(hours=13):
        assert logged_in(client) and not logged_in(other)
    with later(hours=13, days=15):
        assert not logged_in(client)


NEXT = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/%5cevil.example/../\\", "javascript:alert(1)",
    " https://evil.example", "\t//evil.example", "/\t/evil.example", "/\n/evil.example", "http:evil.example", "https:/evil.example", "////evil.example",
    "/\x00/evil.example", "．／／evil.example", "data:text/html,x", "evil.example",
]  # fmt: skip


@pytest.mark.parametrize("address", NEXT)
def test_logging_in_leads_nowhere_else(client, mei, address):
    """S31, T13, T46, T80, T82."""
    answer = log_in(client, "梅子", next=address)

    assert answer.status_code == 303
    assert answer.location == "/" or (answer.location.startswith("/%5c") and "\\" not in answer.location)


def test_logging_in_leads_back(client, mei):
    assert client.get("/account").location == "/login?next=/account"
    assert hidden(client.get("/login?next=/account"), "next") == "/account"

    assert log_in(client, "梅子", next="/articles/hello?from=51").location == "/articles/hello?from=51"


@pytest.mark.parametrize("name", ["梅子", "没有这个人"])
def test_many_failures_make_one_wait_whether_or_not_the_name_exists(app, mei, name):
    """S48, S49, T66."""
    for _ in range(10):
        assert log_in(app.test_client(), name, "错的密码错的密码").status_code == 422

    answer = log_in(app.test_client(), name)

    assert answer.status_code == 429
    assert "1 分钟后再试" in answer.text and 0 < int(answer.headers["Retry-After"]) <= 60
    assert f'value="{name}"' in answer.text


SPELLINGS = [
    ("梅子", "梅 子"),
    ("mei@example.com", "MEI@Example.COM"),
    ("没有的人", "没有 的人"),
    ("nobody@example.com", "NOBODY@example.com"),
]


@pytest.mark.parametrize("spellings", SPELLINGS, ids=["name", "address", "no name", "no address"])
def test_one_name_has_one_count_however_it_is_spelt_and_whoever_has_it(app, mei, spellings):
    """S49."""
    statuses = [
        log_in(app.test_client(), spellings[number % 2], "错的密码错的密码").status_code for number in range(12)
    ]

    assert statuses == [422] * 10 + [429] * 2


def test_a_name_and_an_address_do_not_tell_that_they_belong_together(app, mei):
    """S49, promise 6: whoever knows the name cannot find the address by guessing."""
    for _ in range(10):
        log_in(app.test_client(), "梅子", "错的密码错的密码")

    guesses = ("mei@example.com", "nobody@example.com")
    assert {log_in(app.test_client(), guess, "错的密码错的密码").status_code for guess in guesses} == {422}


def test_sixty_wrong_passwords_at_once_are_ten_and_begin_one_wait(app, choose, mei):
    choose(threads=1024)  # all may wait for their hash
    browsers = [app.test_client() for _ in range(30)]
    forms = [hidden(browser.get("/login"), "csrf_token") for browser in browsers]

    def wrong(browser, token):
        form = {"username": "梅子", "password": "错的密码错的密码", "csrf_token": token}
        return browser.post("/login", data=form).status_code

    statuses = at_once([partial(wrong, *pair) for pair in zip(browsers, forms, strict=True)])

    assert sorted(statuses) == [422] * 10 + [429] * 20
    with later(seconds=61):
        assert log_in(app.test_client(), "梅子").status_code == 303


def test_a_right_password_is_no_failure(app, mei):
    assert {log_in(app.test_client(), "梅子").status_code for _ in range(15)} == {303}


def test_a_name_no_account_can_have_is_simply_wrong(client):
    assert log_in(client, "长" * 60_000).status_code == 422


def test_a_stranger_never_makes_the_owner_wait(app, mei):
    """S48."""
    token = hidden(app.test_client().get("/login"), "csrf_token")
    for _ in range(12):
        stranger = app.test_client()
        token = hidden(stranger.get("/login"), "csrf_token")
        form = {"username": "梅子", "password": "错的密码错的密码", "csrf_token": token}
        stranger.post("/login", data=form, environ_base={"REMOTE_ADDR": "203.0.113.9"})

    assert log_in(app.test_client(), "梅子").status_code == 303


def test_the_wait_ends_and_the_next_is_longer(app, mei):
    def fail_ten_times():
        for _ in range(10):
            log_in(app.test_client(), "梅子", "错的密码错的密码")

    fail_ten_times()
    with later(seconds=61):
        fail_ten_times()
        with later(seconds=61):
            again = log_in(app.test_client(), "梅子")
        assert again.status_code == 429 and "1 分钟后" in again.text
        with later(seconds=121):
            assert log_in(app.test_client(), "梅子").status_code == 303


def test_one_block_trying_many_names_waits(app, choose):
    for number in range(50):
        log_in(app.test_client(), f"没有的人{number}", "错的密码错的密码")

    assert log_in(app.test_client(), "又一个人", "错的密码错的密码").status_code == 429


def test_an_account_is_its_owners(client, other, mei):
    user("半夏", "ban@example.com")
    log_in(other, "半夏")
    log_in(client, "梅子")

    page = client.get("/account")

    assert "mei@example.com" in page.text and "ban@example.com" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_masthead_of_a_guest_does_not_offer_logging_out(client, article):
    assert "退出" not in client.get("/").text
    assert "Log out" not in client.get("/?lang=en").text


def test_a_password_checked_before_it_was_changed_lets_nobody_in(app, mei):
    """S55: hashing takes its time, and the answer is looked at again when it is used."""
    with app.test_request_context():
        attempt = try_password("梅子", PASSWORD, Origin())
        set_password(mei, hash_password("换成另外一把更旧的伞"), Origin())
        db.session.commit()

        with pytest.raises(WrongPassword):
            accept(attempt)


def test_logging_in_as_somebody_else_is_not_passed_over(client, other, mei, lin):
    log_in(other, "林舟")
    lin.totp_seed, lin.has_second_factor = "a seed", True
    db.session.commit()
    log_in(client, "梅子")

    assert log_in(client, "林舟").location == "/login/second-step"


def test_a_password_does_not_age(client, mei):
    """S46."""
    with later(days=3000):
        assert log_in(client, "梅子").status_code == 303


def test_a_password_is_hashed_as_owasp_says(app):
    """S47: Argon2id, 19 MiB, two passes."""
    app.testing = False
    try:
        assert hash_password("十个字符的密码足够了").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    finally:
        app.testing = True


def test_whoever_finds_the_pool_full_is_told_to_come_back(app, choose, client, mei):
    """S47: one hash at a time, a quarter of the threads may wait for it, so that log-ins cannot starve pages."""
    choose(threads=4)
    form = {"username": "梅子", "password": PASSWORD, "csrf_token": hidden(client.get("/login"), "csrf_token")}
    is_held, may_go = threading.Event(), threading.Event()

    def hold():
        is_held.set()
        return may_go.wait(10)

    def hash_something():
        with app.app_context():
            in_turn(hold)

    other = threading.Thread(target=hash_something)
    other.start()
    is_held.wait()
    answers = [client.post("/login", data=form) for _ in range(12)]
    may_go.set()
    other.join()

    assert {answer.status_code for answer in answers} == {503} and int(answers[0].headers["Retry-After"]) > 0
    assert 'value="梅子"' in answers[0].text and "现在登录和注册的人太多" in answers[0].text
    assert log_in(client, "梅子").status_code == 303, "a try that was not looked at is none"


def test_no_question_and_no_hint_is_kept():
    """S52."""
    columns = {column.name for column in inspect(User).columns}
    assert not [name for name in columns if "hint" in name or "question" in name]
