"""The picture that tells people from machines."""

import io

import pytest
from PIL import Image
from sqlalchemy import func, select

from blueprints.captcha.challenges import ALPHABET, CHARACTERS, answer_of, issue
from blueprints.captcha.models import CaptchaUse
from core.database import db
from core.jobs import tidy
from tests.builders import hidden, registration_form
from tests.moments import later


def challenge_of(browser):
    return hidden(browser.get("/register"), "captcha_id")


def test_a_picture_is_small_and_kept_by_nobody(client):
    picture = client.get(f"/captcha/{challenge_of(client)}.png")

    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.headers["Cache-Control"] == "no-store"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert len(picture.data) <= 8_000
    assert Image.open(io.BytesIO(picture.data)).size == (288, 96)


def test_a_picture_is_shown_to_its_own_browser_five_times(client, other):
    address = f"/captcha/{challenge_of(client)}.png"

    assert other.get(address).status_code == 404
    assert [client.get(address).status_code for _ in range(6)] == [200] * 5 + [404]


@pytest.mark.parametrize("challenge", ["x", "a.b.c.d", "..%2f..%2fsecret_key", "%00", "a" * 3000, "é.1.register.0"])
def test_a_made_up_picture_is_a_clean_404(client, challenge):
    assert client.get(f"/captcha/{challenge}.png").status_code == 404


def test_a_picture_of_an_old_challenge_is_gone(client):
    challenge = challenge_of(client)

    with later(minutes=11):
        assert client.get(f"/captcha/{challenge}.png").status_code == 404


def test_pictures_are_limited_by_address_block(client):
    statuses = [client.get(f"/captcha/{challenge_of(client)}.png").status_code for _ in range(31)]

    assert statuses == [200] * 30 + [429]
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(f"/captcha/{challenge_of(client)}.png", environ_base=elsewhere).status_code == 200


def test_nothing_is_stored_until_a_challenge_is_used_and_not_for_long(client):
    client.get(f"/captcha/{challenge_of(client)}.png")
    assert db.session.scalar(select(func.count()).select_from(CaptchaUse)) == 0

    client.post("/register", data=registration_form(client, captcha="WRONG"))
    assert db.session.scalar(select(func.count()).select_from(CaptchaUse)) == 1
    with later(minutes=21):
        tidy()
    assert db.session.scalar(select(func.count()).select_from(CaptchaUse)) == 0


def test_answers_are_five_unmistakable_characters_and_differ(app):
    answers = {answer_of(issue("register", "a browser")) for _ in range(300)}

    assert len(answers) > 295
    assert {len(answer) for answer in answers} == {CHARACTERS}
    assert set("".join(answers)) == set(ALPHABET)
    assert not set(ALPHABET) & set("0O1IlB5SZ")


def test_the_owner_can_ask_for_an_answer(app, client):
    challenge = challenge_of(client)

    told = app.test_cli_runner().invoke(args=["captcha", "answer", challenge])

    assert told.output.strip() == answer_of(challenge)
    assert not any(issue("register", "a browser").startswith("-") for _ in range(200)), "that would be an option"


def test_the_answer_is_nowhere_in_what_the_browser_gets(client):
    page = client.get("/register")
    answer = answer_of(hidden(page, "captcha_id"))

    assert answer not in page.text and answer not in str(page.headers)
