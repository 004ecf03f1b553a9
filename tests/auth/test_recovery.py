"""Getting back in."""

import re
from functools import partial

import pytest
from sqlalchemy import select

from blueprints.auth.account_log import Origin
from blueprints.auth.authentication import try_password
from blueprints.auth.models import MailedLink, User
from blueprints.auth.recovery import reset_letter, set_password
from core import clock
from core.database import db, writing
from core.jobs import Job
from core.mail import Letter
from tests.builders import PASSWORD, hidden, link_in, log_in, send_letters, user
from tests.moments import at_once, later

NEW = "换成另外一把更旧的伞"


def ask(browser, email, **environ):
    form = {"email": email, "csrf_token": hidden(browser.get("/forgot-password"), "csrf_token")}
    return browser.post("/forgot-password", data=form, environ_base=environ)


def save(browser, link, password=NEW, again=None):
    token = hidden(browser.get(link), "csrf_token")
    return browser.post(link, data={"csrf_token": token, "password": password, "password_confirm": again or password})


def test_a_reader_gets_back_in_by_letter(client, other, mei):
    """S67."""
    log_in(other, "梅子")

    asked = ask(client, "mei@example.com")

    assert (asked.status_code, asked.location) == (303, "/forgot-password/sent")
    (letter,) = send_letters()
    assert (letter["To"], letter["Subject"]) == ("mei@example.com", "重置密码 · 纸上")
    saved = save(client, link_in(letter))
    assert (saved.status_code, saved.location) == (303, "/login")
    assert "密码已更换，请用新密码登录。" in client.get("/login").text
    assert client.get("/account").status_code == 303, "nobody is logged in by a link"
    assert other.get("/account").status_code == 303, "all sessions have ended"
    assert log_in(client, "梅子").status_code == 422
    assert log_in(client, "梅子", NEW).status_code == 303
    assert [letter["Subject"] for letter in send_letters()] == ["重置密码 · 纸上", "密码已更换 · 纸上"]


def test_the_answer_is_the_same_for_an_unknown_address_and_no_letter_leaves(client, other, mei):
    """S63."""
    known, unknown = ask(client, "mei@example.com"), ask(other, "nobody@example.com")

    assert (known.status_code, known.location, known.text) == (unknown.status_code, unknown.location, unknown.text)
    assert [name for name, _value in known.headers] == [name for name, _value in unknown.headers]
    assert len(db.session.scalars(select(Job)).all()) == 2
    assert [letter["To"] for letter in send_letters()] == ["mei@example.com"]
    assert "mei@" not in client.get("/forgot-password/sent").text


def test_the_letter_goes_to_the_stored_address(client):
    """S70."""
    user("大写", "Owner@example.com")

    ask(client, "owner@EXAMPLE.com")

    assert [letter["To"] for letter in send_letters()] == ["Owner@example.com"]


@pytest.mark.parametrize(
    "address", ["meı@example.com", "mei@examp\u217ce.com", "me\u0456@example.com", "ｍei@example.com"]
)
def test_a_look_alike_address_gets_nobodys_letter(client, mei, address):
    """S70, T72."""
    ask(client, address)

    assert [letter["To"] for letter in send_letters() if letter["To"] != "mei@example.com"] == []
    assert db.session.scalar(select(MailedLink)) is None or address.isascii() or "ⅼ" in address


def test_whoever_saves_a_password_while_logged_in_is_logged_out_for_good(client, other, mei):
    user("半夏", "ban@example.com")
    log_in(client, "半夏")
    copied = client.get_cookie("session").value
    ask(other, "mei@example.com")

    save(client, link_in(send_letters()[0]))

    other.set_cookie("session", copied)
    assert other.get("/account").status_code == 303


def test_a_moderators_password_is_longer(client, lin):
    """S41."""
    ask(client, "lin@example.com")
    link = link_in(send_letters()[0])

    assert "至少要 15 个字符" in save(client, link, NEW).text
    assert save(client, link, NEW + "，还有一顶旧帽子").status_code == 303


def test_a_dead_link_offers_another(client, mei):
    assert 'href="/forgot-password"' in client.get("/reset-password/x").text
    assert 'href="/register"' in client.get("/confirm/x").text


def test_opening_the_link_changes_nothing_and_it_works_once(client, mei):
    """S66, T59."""
    ask(client, "mei@example.com")
    link = link_in(send_letters()[0])

    for _ in range(2):
        assert client.get(link).status_code == client.head(link).status_code == 200
    assert log_in(client, "梅子").status_code == 303
    assert save(client, link).status_code == 303
    again = client.get(link)

    assert again.status_code == 410 and "这个链接已经用过了。" in again.text
    assert client.post(link, data={"password": PASSWORD, "password_confirm": PASSWORD}).status_code == 410


def test_ten_uses_of_one_link_at_once_set_one_password(app, choose, client, mei):
    """S65."""
    choose(threads=1024)  # all may wait for their hash
    ask(client, "mei@example.com")
    link = link_in(send_letters()[0])
    forms = []
    for number in range(10):
        browser = app.test_client()
        token, password = hidden(browser.get(link), "csrf_token"), f"{NEW}之{number}"
        forms.append((browser, {"csrf_token": token, "password": password, "password_confirm": password}))

    statuses = at_once(
        [partial(lambda browser, form: browser.post(link, data=form).status_code, *pair) for pair in forms]
    )

    db.session.rollback()
    assert sorted(statuses) == [303] + [410] * 9
    winner = forms[statuses.index(303)][1]["password"]
    assert log_in(client, "梅子", winner).status_code == 303


def test_a_link_lasts_30_minutes_from_its_letter(client, mei):
    """S65."""
    ask(client, "mei@example.com")
    with later(hours=2):
        link = link_in(send_letters()[0])
        with later(minutes=29):
            assert client.get(link).status_code == 200
        with later(minutes=31):
            dead = client.get(link)

    assert dead.status_code == 410 and "链接超过 30 分钟，失效了。" in dead.text


def test_the_newest_link_replaces_older_ones(client, mei):
    """S65."""
    ask(client, "mei@example.com")
    old = link_in(send_letters()[0])
    ask(client, "mei@example.com")
    new = link_in(send_letters()[1])

    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200


def test_of_two_waiting_letters_only_the_newest_leaves(client, mei):
    ask(client, "mei@example.com")
    ask(client, "mei@example.com")

    (letter,) = send_letters()

    assert client.get(link_in(letter)).status_code == 200


def test_an_address_gets_three_letters_an_hour_whoever_asks_and_nobody_is_told(app, mei):
    """S69, T37, T60, T97."""
    answers = [ask(app.test_client(), "mei@example.com", REMOTE_ADDR=f"203.0.{number}.9") for number in range(5)]
    for _ in range(5):
        send_letters()

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/forgot-password/sent")}
    assert [job.outcome for job in db.session.scalars(select(Job).order_by(Job.id))].count("nothing") == 2


def test_a_paused_account_may_set_a_password_and_still_not_come_in(client, mei):
    mei.paused_at = clock.now()
    db.session.commit()
    ask(client, "mei@example.com")
    link = link_in(send_letters()[-1])

    save(client, link)

    assert log_in(client, "梅子", NEW).status_code == 403


@pytest.mark.parametrize(
    "address", ["", "no-at", "a@b", "x" * 100_000, "a\x00@example.com", "a@example.com\r\nBcc: b@example.com"]
)
def test_what_is_no_address_is_told(client, address):
    answer = ask(client, address)

    assert answer.status_code == 422 and 'id="email-error"' in answer.text


@pytest.mark.parametrize(
    ("password", "again", "field"),
    [
        ("short", "short", "password"),
        ("1234567890", "1234567890", "password"),
        (NEW, "别的别的别的别的别的", "password_confirm"),
        ("梅子的密码就是这个", "梅子的密码就是这个", "password"),
    ],
)
def test_a_weak_or_mistyped_new_password_is_told_and_the_link_lives_on(client, mei, password, again, field):
    ask(client, "mei@example.com")
    link = link_in(send_letters()[0])

    answer = save(client, link, password, again)

    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert save(client, link).status_code == 303


@pytest.mark.parametrize("token", ["x", "0" * 64, "%00", "a" * 4000, "..%2f", "é"])
def test_a_made_up_link_is_gone(client, token):
    assert client.get(f"/reset-password/{token}").status_code in (404, 410)
    assert client.get(f"/confirm/{token}").status_code in (404, 410)


def test_one_kind_of_link_is_not_the_other(client, mei):
    ask(client, "mei@example.com")
    link = link_in(send_letters()[0])

    assert client.get(link.replace("/reset-password/", "/confirm/")).status_code == 410


@pytest.mark.parametrize(
    "name",
    ["Host", "X-Forwarded-Host", "X-Host", "X-Original-URL", "Forwarded", "X-Forwarded-Server", "X-Forwarded-Prefix"],
)
def test_no_header_changes_the_address_in_the_letter(client, mei, name):
    """S64, T52."""
    form = {"email": "mei@example.com", "csrf_token": hidden(client.get("/forgot-password"), "csrf_token")}
    value = "host=evil.example" if name == "Forwarded" else "evil.example"

    client.post("/forgot-password", data=form, headers={name: value})

    assert all("evil" not in letter.as_string() for letter in send_letters())


def test_the_page_of_a_link_is_kept_by_nobody(client, mei):
    """S68."""
    ask(client, "mei@example.com")

    page = client.get(link_in(send_letters()[0]))

    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"


def test_the_database_alone_gives_no_usable_link(client, mei):
    ask(client, "mei@example.com")
    stored = db.session.scalars(select(Job)).one().payload["seed"]
    send_letters()
    row = db.session.scalars(select(MailedLink)).one()

    for guess in (stored, row.token_hash):
        assert client.get(f"/reset-password/{guess}").status_code == 410


def test_a_form_left_open_comes_back(client, mei):
    client.get("/forgot-password")
    answer = client.post("/forgot-password", data={"email": "mei@example.com", "csrf_token": "x"})

    assert answer.status_code == 422
    assert "页面放得太久了" in answer.text and 'value="mei@example.com"' in answer.text
    assert db.session.scalar(select(User.password_hash)) is not None


def test_a_letter_sent_twice_brings_no_used_link_back_to_life(client, mei):
    """S65: the worker died after it handed the letter over and before it noted it."""
    ask(client, "mei@example.com")
    job = db.session.scalars(select(Job)).one()
    payload = dict(job.payload)
    link = link_in(send_letters()[-1])
    assert save(client, link).status_code == 303

    with writing():
        assert reset_letter(payload) is None
        db.session.commit()

    assert client.get(link).status_code == 410


def test_digits_that_replaced_a_link_do_not_bring_it_back(client, mei):
    ask(client, "mei@example.com")
    payload = dict(db.session.scalars(select(Job)).one().payload)
    letter = send_letters()[-1]
    digits = re.findall(r"：(\d{6})\b", letter.get_body(("plain",)).get_content())[0]
    form = {"code": digits, "csrf_token": hidden(client.get("/forgot-password/sent"), "csrf_token")}
    onward = client.post("/forgot-password/sent", data=form).location

    with writing():
        assert reset_letter(payload) is None
        db.session.commit()

    assert client.get(link_in(letter)).status_code == 410 and client.get(onward).status_code == 200


def test_a_letter_that_waits_long_loses_its_digits(client, mei):
    ask(client, "mei@example.com")
    payload = dict(db.session.scalars(select(Job)).one().payload)
    letters = []
    for minutes in (0, 20, 45):
        with later(minutes=minutes), writing():
            letters.append(reset_letter(payload) or Letter("", "", {}))
            db.session.commit()

    assert [bool(letter.values["code"]) for letter in letters] == [True, True, False]
    assert len({letter.link for letter in letters}) == 1


@pytest.mark.parametrize("path", ["/forgot-password", "/login/by-mail"])
def test_a_new_password_kills_the_links_mailed_before(client, other, mei, path):
    """S55."""
    other.post(path, data={"email": "mei@example.com", "csrf_token": hidden(other.get(path), "csrf_token")})
    earlier = link_in(send_letters()[-1])
    with app_context(client), writing():
        set_password(mei, mei.password_hash, Origin())
        db.session.commit()

    assert other.get(earlier).status_code == 410


def app_context(client):
    return client.application.app_context()


def test_a_reset_ends_a_strangers_lockout(app, client, mei):
    """S48: a hundred failures in a row from everywhere; the letter proves the owner."""
    for number in range(100):
        try_password("梅子", "错的密码错的密码", Origin(f"203.0.{number // 9}.0/24"))
    ask(client, "mei@example.com")
    save(client, link_in(send_letters()[-1]))

    assert log_in(client, "梅子", NEW).status_code == 303
