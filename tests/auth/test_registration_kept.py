"""What was right once is not asked again: the password, the captcha; and the ways round the picture."""

import html
import json
import re
from datetime import timedelta

import altcha
import pytest
from sqlalchemy import func, insert, select

from blueprints.auth.kept_passwords import ROWS_MAX, keep_password, kept_password
from blueprints.auth.models import KeptPassword, Registration
from blueprints.captcha.challenges import answer_of, digits_of
from core import clock
from core.database import db, writing
from core.jobs import tidy
from tests.builders import PASSWORD, hidden, link_in, log_in, registration_form, send_letters
from tests.moments import later


def again(page, **more):
    """Return what a browser sends from a page that came back: its hidden fields, the name and the address."""
    kept = {name: hidden(page, name) for name in ("csrf_token", "captcha_id", "proof", "kept")}
    return kept | {"username": "山中客", "email": "reader@example.com"} | more


def rows():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(KeptPassword))


def test_a_wrong_captcha_costs_one_word_and_not_two_passwords(client):
    first = client.post("/register", data=registration_form(client, captcha="WRONG"))

    assert first.status_code == 422 and "已经记下，不用再输。" in first.text and "重新设置" in first.text
    assert 'name="password"' not in first.text and PASSWORD not in first.text
    challenge = hidden(first, "captcha_id")
    second = client.post("/register", data=again(first, captcha=answer_of(challenge)))
    assert (second.status_code, second.location) == (303, "/register/sent")
    assert rows() == 0, "used, it is forgotten"
    link = link_in(send_letters()[0])
    client.post(link, data={"csrf_token": hidden(client.get(link), "csrf_token")})
    assert log_in(client, "山中客").status_code == 303


def test_a_right_captcha_beside_another_error_stays_proved(client, mei):
    first = client.post("/register", data=registration_form(client, username="梅子"))

    assert first.status_code == 422 and "验证码：已通过" in first.text and "captcha__image" not in first.text
    second = client.post("/register", data=again(first, email="no-address"))
    assert second.status_code == 422 and "验证码：已通过" in second.text and "已经记下" in second.text
    assert client.post("/register", data=again(second)).status_code == 303


def test_a_proof_is_good_for_one_registration_in_its_own_browser(client, other, mei):
    proved = again(client.post("/register", data=registration_form(client, username="梅子")))
    stolen = registration_form(other, username="半夏", email="ban@example.com", captcha="") | {"proof": proved["proof"]}

    assert other.post("/register", data=stolen).status_code == 422
    assert client.post("/register", data=proved).status_code == 303
    repeated = client.post("/register", data=proved | {"username": "半夏", "email": "ban@example.com"})
    assert repeated.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 1


def test_a_kept_password_is_of_use_in_its_own_browser_only_and_for_a_quarter_of_an_hour(client, other):
    page = client.post("/register", data=registration_form(client, captcha="WRONG"))
    kept = hidden(page, "kept")

    form = registration_form(other, password="", password_confirm="", kept=kept)
    theirs = other.post("/register", data=form)
    assert theirs.status_code == 422 and 'id="password-error"' in theirs.text
    with later(minutes=16):
        form = registration_form(client, password="", password_confirm="", kept=kept)
        assert client.post("/register", data=form).status_code == 422
        tidy()
    assert rows() == 0


def test_another_password_may_be_typed(client):
    page = client.post("/register", data=registration_form(client, captcha="WRONG"))

    answer = client.post("/register", data=again(page, retype="1"))

    assert answer.status_code == 200 and 'name="password"' in answer.text and "problems" not in answer.text
    assert 'value="山中客"' in answer.text and rows() == 0


@pytest.mark.parametrize(
    "form", [{"password": "短", "password_confirm": "短"}, {"password_confirm": "两次不一样的密码"}]
)
def test_only_a_good_password_is_kept(client, form):
    page = client.post("/register", data=registration_form(client, captcha="WRONG", **form))

    assert page.status_code == 422 and 'name="password"' in page.text and rows() == 0


def test_the_rule_about_the_name_is_judged_with_the_name_it_was_typed_with(client):
    password = {"password": "旧伞与三封没寄的信件", "password_confirm": "旧伞与三封没寄的信件"}
    page = client.post("/register", data=registration_form(client, captcha="WRONG", **password))
    assert (
        "密码里不要有用户名"
        in client.post("/register", data=registration_form(client, username="旧伞", **password)).text
    )

    answer = client.post("/register", data=again(page, username="旧伞", captcha=answer_of(hidden(page, "captcha_id"))))

    assert answer.status_code == 303


def test_a_thousand_are_kept_and_the_oldest_goes_first(app):
    moment = clock.now() + timedelta(minutes=1)
    rows_before = [{"key": f"{n:032}", "password_hash": "h", "expires_at": moment} for n in range(ROWS_MAX - 1)]
    db.session.execute(insert(KeptPassword), rows_before)
    db.session.commit()

    tokens = []
    for number in range(3):
        with later(seconds=number), writing():
            tokens.append(keep_password(f"hash {number}", "register", "browser"))
            db.session.commit()

    assert rows() == ROWS_MAX
    assert [kept_password(token, "register", "browser") for token in tokens] == ["hash 0", "hash 1", "hash 2"]
    assert kept_password(tokens[0], "register", "another") is None
    assert kept_password(tokens[0], "login", "browser") is None


def test_another_picture_without_scripts_keeps_everything(client):
    form = registration_form(client)

    page = client.post("/register", data=form | {"refresh": "1", "captcha": ""})

    assert page.status_code == 200 and "problems" not in page.text
    assert hidden(page, "captcha_id") != form["captcha_id"]
    assert 'value="山中客"' in page.text and "已经记下，不用再输。" in page.text
    half = client.post("/register", data=form | {"refresh": "1", "captcha": "", "email": "", "password": ""})
    assert half.status_code == 200 and "field__error" not in half.text


def test_the_spoken_digits_are_as_good_as_the_picture(client):
    form = registration_form(client)

    assert client.post("/register", data=form | {"captcha": digits_of(form["captcha_id"])}).status_code == 303


def test_a_letter_stands_for_the_captcha(client):
    form = registration_form(client, captcha="", by_mail="1")

    answer = client.post("/register", data=form)

    assert (answer.status_code, answer.location) == (303, "/register/sent")
    link = link_in(send_letters()[0])
    assert client.post(link, data={"csrf_token": hidden(client.get(link), "csrf_token")}).status_code == 303


def test_one_address_gets_one_such_letter_a_day_and_the_page_says_the_same(app):
    browsers = [app.test_client() for _ in range(3)]
    answers = [one.post("/register", data=registration_form(one, captcha="", by_mail="1")) for one in browsers]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/register/sent")}
    assert len(send_letters()) == 1


def test_one_block_gets_five_such_letters_an_hour_and_the_page_says_the_same(app):
    def ask(number):
        browser = app.test_client()
        form = registration_form(
            browser, captcha="", by_mail="1", username=f"读者{number}", email=f"r{number}@example.com"
        )
        return browser.post("/register", data=form)

    answers = [ask(number) for number in range(7)]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/register/sent")}
    assert len(send_letters()) == 5


def register_many(app, count, first=0, **more):
    statuses = []
    for number in range(first, first + count):
        browser = app.test_client()
        form = registration_form(browser, username=f"读者{number}", email=f"r{number}@example.com")
        statuses.append(browser.post("/register", data=form | more).status_code)
    return statuses


def test_a_block_registers_ten_an_hour_and_loses_nothing_that_was_typed(app, client):
    assert register_many(app, 10) == [303] * 10

    answer = client.post("/register", data=registration_form(client))

    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert 'value="山中客"' in answer.text and "已经记下" in answer.text
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.post("/register", data=registration_form(client), environ_base=elsewhere).status_code == 303
    with later(hours=1, seconds=1):
        assert register_many(app, 1, first=20) == [303]


def test_a_browser_that_worked_may_go_on_and_its_work_is_good_once(app, client, other):
    register_many(app, 4)
    assert "proof-of-work" not in client.get("/register").text, "nobody is asked while all is quiet"
    register_many(app, 6, first=4)
    page = client.get("/register")
    assert "<proof-of-work" in page.text
    work = solved(page)

    answer = client.post("/register", data=registration_form(client, work=work))

    assert answer.status_code == 303
    repeated = registration_form(client, work=work, username="半夏", email="ban@example.com")
    assert client.post("/register", data=repeated).status_code == 429
    assert other.post("/register", data=registration_form(other, work=work)).status_code == 429
    assert register_many(app, 1, first=30, work="rubbish" * 300) == [429]


def solved(page):
    """Return what a browser's script would send for the puzzle on the page."""
    puzzle = json.loads(html.unescape(re.findall(r'data-puzzle="([^"]*)"', page.text)[0]))
    challenge = altcha.Challenge.from_dict(puzzle)
    solution = altcha.solve_challenge(challenge, derive_key=altcha.derive_key_pbkdf2)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def test_a_page_of_the_form_asks_for_no_more_than_it_needs(client, statements):
    client.get("/register")

    assert statements == []


def test_letters_instead_of_captchas_are_three_in_thirty_days_too(app):
    """T97, promise 8."""
    for day in range(12):
        browser = app.test_client()
        with later(days=day):
            browser.post("/register", data=registration_form(browser, captcha="", captcha_id="x", by_mail="1"))
            send_letters()

    assert len(send_letters()) == 3


def test_letters_instead_of_captchas_do_not_hash_without_end(app):
    """S47: nothing was proved yet, so hashing has a limit of its own; what was typed stays."""
    pages = []
    for number in range(31):
        browser = app.test_client()
        name, email = f"读者{number}", f"r{number}@example.com"
        form = registration_form(browser, captcha="", by_mail="1", username=name, email=email)
        pages.append(browser.post("/register", data=form))

    assert [page.status_code for page in pages[:10]] == [303] * 10
    assert all("请过十分钟再试" not in page.text for page in pages[:30])
    assert pages[30].status_code == 429 and "请过十分钟再试" in pages[30].text
    assert 'value="读者30"' in pages[30].text and int(pages[30].headers["Retry-After"]) > 0
