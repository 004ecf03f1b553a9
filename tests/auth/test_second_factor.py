"""The second step of logging in: one-time codes, recovery codes, and what demands them."""

import re
from functools import partial

import pyotp
import pytest
from sqlalchemy import select

from blueprints.auth.models import Deed, LogEntry, LoginSession, RecoveryCode, Role, User
from core import clock
from core.database import db
from tests.builders import PASSWORD, hidden, link_in, log_in, send_letters, user
from tests.moments import at_once, later

APP = "/account/second-factor/app"
LONG = "一把旧伞和三封没寄的信，一共二十个字"


def send(browser, path, **form):
    return browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token")} | form)


def key_on(page):
    letters = re.findall(r'class="app-key__letters">(.*?)</code>', page.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s", "", letters[0])


def set_up(browser):
    """Set up an app and return its key and the recovery codes."""
    page = browser.get(APP)
    key = key_on(page)
    form = {name: hidden(page, name) for name in ("csrf_token", "setup")}
    answer = browser.post(APP, data=form | {"code": code_of(key), "present": PASSWORD})
    assert answer.status_code == 200, answer.text
    return key, re.findall(r"<code>([\w-]{14})</code>", answer.text)


def code_of(key):
    return pyotp.TOTP(key).at(clock.now())


def is_in(browser):
    return browser.get("/account").status_code == 200


@pytest.fixture
def key_and_codes(client, mei):
    log_in(client, "梅子")
    with later(seconds=-120):
        return set_up(client)


def test_without_one_nothing_is_asked(client, mei):
    assert log_in(client, "梅子").location == "/"
    page = client.get("/account/second-factor")
    assert page.status_code == 200 and "现在没有开启。" in page.text


def test_once_set_it_is_asked_for(other, key_and_codes):
    key, codes = key_and_codes
    assert len(set(codes)) == 10

    begun = log_in(other, "梅子", next="/articles/hello")

    assert (begun.status_code, begun.location) == (303, "/login/second-step?next=/articles/hello")
    assert not is_in(other), "a right password alone lets nobody in"
    answer = send(other, "/login/second-step?next=/articles/hello", code=code_of(key), next="/articles/hello")
    assert (answer.status_code, answer.location) == (303, "/articles/hello")
    assert is_in(other)


def test_the_session_id_is_a_new_one_after_the_second_step(app, other, key_and_codes):
    """S53."""
    log_in(other, "梅子")
    halfway = other.get_cookie("session").value
    send(other, "/login/second-step", code=code_of(key_and_codes[0]))

    thief = app.test_client()
    thief.set_cookie("session", halfway)

    assert not is_in(thief) and is_in(other)
    assert thief.get("/login/second-step").location == "/login"


def test_a_code_is_good_once_even_for_two_at_the_same_moment(app, key_and_codes):
    key, _codes = key_and_codes
    browsers = [app.test_client() for _ in range(4)]
    forms = []
    for browser in browsers:
        log_in(browser, "梅子")
        forms.append({"csrf_token": hidden(browser.get("/login/second-step"), "csrf_token"), "code": code_of(key)})

    def finish(browser, form):
        return browser.post("/login/second-step", data=form).status_code

    statuses = at_once([partial(finish, *pair) for pair in zip(browsers, forms, strict=True)])

    assert sorted(statuses) == [303, 422, 422, 422]


def test_a_code_of_half_a_minute_ago_is_taken_and_an_older_one_is_not(app, key_and_codes):
    key, _codes = key_and_codes
    code = code_of(key)
    with later(seconds=90):
        late = app.test_client()
        log_in(late, "梅子")
        assert send(late, "/login/second-step", code=code).status_code == 422
    with later(seconds=30):
        soon = app.test_client()
        log_in(soon, "梅子")
        assert send(soon, "/login/second-step", code=f"{code[:3]} {code[3:]}").status_code == 303


def test_a_recovery_code_is_good_once_however_it_is_written(app, other, key_and_codes):
    _key, codes = key_and_codes
    log_in(other, "梅子")
    assert send(other, "/login/second-step", code=codes[3].upper().replace("-", " ")).status_code == 303

    again = app.test_client()
    log_in(again, "梅子")
    assert send(again, "/login/second-step", code=codes[3]).status_code == 422
    assert "还剩 9 个没用过" in other.get("/account/second-factor").text
    assert Deed.RECOVERY_CODE_USED in db.session.scalars(select(LogEntry.deed)).all()


@pytest.mark.parametrize("code", ["", "000000", "abc", "\x00", "９９９９９９", "x" * 100_000, "٠١٢٣٤٥", "-" * 14])
def test_a_wrong_code_is_told_and_noted(other, key_and_codes, code):
    log_in(other, "梅子")

    answer = send(other, "/login/second-step", code=code)

    assert answer.status_code == 422 and 'id="code-error"' in answer.text
    assert not is_in(other)


def test_ten_wrong_codes_make_a_wait(app, other, key_and_codes):
    log_in(other, "梅子")
    statuses = [send(other, "/login/second-step", code="000000").status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]


def test_the_second_step_waits_ten_minutes(other, key_and_codes):
    log_in(other, "梅子")
    token = hidden(other.get("/login/second-step"), "csrf_token")

    with later(minutes=11):
        late = other.post("/login/second-step", data={"code": code_of(key_and_codes[0]), "csrf_token": token})
        assert (late.status_code, late.location) == (303, "/login")
        assert "请再登录一次" in other.get("/login").text
    assert other.post("/login/second-step", data={}, follow_redirects=False).status_code == 422


def test_nobody_finishes_what_they_did_not_begin(client):
    assert client.get("/login/second-step").location == "/login"
    assert client.post("/login/second-step", data={"code": "123456"}).location == "/login"


def test_a_mailed_link_asks_for_the_second_step_too(other, key_and_codes):
    other.post(
        "/login/by-mail",
        data={"email": "mei@example.com", "csrf_token": hidden(other.get("/login/by-mail"), "csrf_token")},
    )
    link = link_in(send_letters()[-1])

    entered = send(other, link)

    assert entered.location == "/login/second-step" and not is_in(other)
    assert send(other, "/login/second-step", code=code_of(key_and_codes[0])).status_code == 303


def test_a_new_password_leaves_the_second_factor(client, other, key_and_codes):
    new = "换成另外一把更旧的伞"
    send(client, "/account/password", present=PASSWORD, password=new, password_confirm=new)

    assert log_in(other, "梅子", new).location == "/login/second-step"


def test_setting_up_asks_for_the_password_and_the_right_code_and_keeps_the_key(client, mei):
    log_in(client, "梅子")
    page = client.get(APP)
    key, form = key_on(page), {name: hidden(page, name) for name in ("csrf_token", "setup")}

    wrong = client.post(APP, data=form | {"code": "000000", "present": PASSWORD})
    assert wrong.status_code == 422 and key_on(wrong) == key
    stolen = client.post(APP, data=form | {"code": code_of(key), "present": "不是这个"})
    assert stolen.status_code == 422 and key_on(stolen) == key
    assert db.session.scalars(select(User.totp_seed)).one() is None
    assert (
        client.post(APP, data=form | {"code": code_of(key), "present": PASSWORD, "setup": "made-up"}).status_code == 422
    )


def test_anothers_key_is_not_taken(client, other, mei, lin):
    log_in(client, "梅子")
    log_in(other, "林舟")
    theirs = other.get(APP)
    mine = client.get(APP)

    form = {"csrf_token": hidden(mine, "csrf_token"), "setup": hidden(theirs, "setup"), "present": PASSWORD}
    assert client.post(APP, data=form | {"code": code_of(key_on(theirs))}).status_code == 422


def test_the_owner_is_told_and_the_log_says_it(key_and_codes):
    assert [letter["Subject"] for letter in send_letters()] == ["两步验证有变动 · 纸上"]
    assert Deed.FACTOR_ADDED in db.session.scalars(select(LogEntry.deed)).all()


def test_removing_it_asks_for_the_password_and_ends_it(client, other, key_and_codes):
    path = "/account/second-factor/remove?which=app"
    assert send(client, path, which="app", present="不是这个").status_code == 422

    assert send(client, path, which="app", present=PASSWORD).location == "/account/second-factor"

    assert log_in(other, "梅子").location == "/"
    assert db.session.scalars(select(RecoveryCode)).all() == []
    for which in ("", "7", "nothing", "9" * 300):
        assert send(client, path.partition("?")[0], which=which, present=PASSWORD).status_code in (404, 422)


def test_new_recovery_codes_replace_the_old(client, other, key_and_codes):
    path = "/account/second-factor/recovery-codes"
    page = send(client, path, present=PASSWORD)
    new = re.findall(r"<code>([\w-]{14})</code>", page.text)

    assert page.status_code == 200 and page.headers["Cache-Control"] == "private, no-store"
    assert len(new) == 10 and not set(new) & set(key_and_codes[1])
    log_in(other, "梅子")
    assert send(other, "/login/second-step", code=key_and_codes[1][0]).status_code == 422
    assert send(other, "/login/second-step", code=new[0]).status_code == 303


def test_recovery_codes_alone_are_no_factor(client, mei):
    log_in(client, "梅子")

    answer = send(client, "/account/second-factor/recovery-codes", present=PASSWORD)

    assert answer.status_code == 422 and "先设置验证器" in answer.text


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMINISTRATOR])
def test_where_it_is_demanded_the_role_gives_no_rights_before(app, choose, client, article, role):
    choose(moderators_need_second_factor=True)
    user("林舟", "lin@example.com", role)
    log_in(client, "林舟")

    page = client.get("/admin/people")

    assert page.status_code == 403
    if role is Role.ADMINISTRATOR:
        assert "先设置两步验证" in page.text and 'href="/account/second-factor"' in page.text
        with later(seconds=-120):
            set_up(client)
        assert client.get("/admin/people").status_code == 200


def test_half_a_log_in_is_no_session_in_the_list(other, client, key_and_codes):
    log_in(other, "梅子")

    assert "在 1 处登录着" in client.get("/account").text
    assert len(db.session.scalars(select(LoginSession)).all()) == 2


def test_the_sites_owner_can_let_in_whoever_lost_everything(app, other, key_and_codes):
    run = app.test_cli_runner().invoke
    assert run(args=["users", "remove-factors", "没有这个人"]).exit_code == 1

    told = run(args=["users", "remove-factors", "mei@example.com"])

    assert told.exit_code == 0 and "梅子" in told.output
    assert log_in(other, "梅子").location == "/"
    assert [letter["Subject"] for letter in send_letters()].count("两步验证有变动 · 纸上") == 2
    assert run(args=["users", "remove-factors", "梅子"]).exit_code == 1


def test_guessing_at_the_second_step_is_told_by_letter_and_ends_for_the_day(app, other, key_and_codes):
    log_in(other, "梅子")
    for _number in range(10):
        send(other, "/login/second-step", code="000000")
    assert [letter["Subject"] for letter in send_letters()].count("有人知道你的密码 · 纸上") == 1
    statuses = []
    for minutes in (11, 22, 33, 44):
        with later(minutes=minutes):
            log_in(other, "梅子")
            statuses += [send(other, "/login/second-step", code="000000").status_code for _ in range(10)]

    assert statuses.count(422) == 20, "thirty a day"


def test_the_set_up_page_loaded_again_says_it_is_done(client, mei):
    log_in(client, "梅子")
    page = client.get(APP)
    form = {name: hidden(page, name) for name in ("csrf_token", "setup")}
    sent = form | {"code": code_of(key_on(page)), "present": PASSWORD}
    assert client.post(APP, data=sent).status_code == 200

    again = client.post(APP, data=sent)

    assert (again.status_code, again.location) == (303, "/account/second-factor")
