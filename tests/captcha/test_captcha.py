"""The picture that tells people from machines."""

import io
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from blueprints.captcha import drawing
from blueprints.captcha.challenges import ALPHABET, CHARACTERS, answer_of, digits_of, issue, look_of
from blueprints.captcha.drawing import COLOURS, FONTS, picture_of
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
    drawn = Image.open(io.BytesIO(picture.data))
    assert (drawn.size, drawn.mode, len(drawn.getcolors() or [])) == ((288, 96), "P", COLOURS)


def test_pictures_stay_under_three_thousand_bytes():
    answers = [
        "".join(ALPHABET[(7 * place + step * number) % len(ALPHABET)] for place in range(CHARACTERS))
        for number in range(40)
        for step in (1, 3)
    ]

    assert max(len(picture_of(answer, answer.encode())) for answer in answers) <= 3_000


def test_a_picture_drawn_again_is_the_same_and_that_of_another_challenge_is_not(app, client):
    first, second = challenge_of(client), challenge_of(client)

    assert client.get(f"/captcha/{first}.png").data == client.get(f"/captcha/{first}.png").data
    assert picture_of("AAAAA", look_of(first)) != picture_of("AAAAA", look_of(second))


def test_every_letter_can_be_drawn_in_every_font_and_each_font_comes_with_its_licence():
    folder = Path(drawing.__file__).parent / "fonts"

    for font in FONTS:
        letters = [drawing._glyph(font, letter) for letter in ALPHABET]
        assert len({letter.tobytes() for letter in letters}) == len(ALPHABET), "no two look like the missing letter"
    assert {path.stem for path in folder.glob("*.otf")} == set(FONTS)
    assert all(list(folder.glob(f"{font.partition('-')[0]}-*.txt")) for font in FONTS)
    assert max(path.stat().st_size for path in folder.glob("*.otf")) <= 120_000


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
    answers = [client.get(f"/captcha/{challenge_of(client)}.png") for _ in range(31)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0 and "验证码要得太勤了" in answers[-1].text
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(f"/captcha/{challenge_of(client)}.png", environ_base=elsewhere).status_code == 200


def test_a_block_that_must_wait_costs_nobody_a_drawing(client):
    challenge = challenge_of(client)
    for _ in range(30):
        client.get(f"/captcha/{challenge_of(client)}.png")
    refused = [client.get(f"/captcha/{challenge}.png").status_code for _ in range(8)]

    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    drawn = [client.get(f"/captcha/{challenge}.png", environ_base=elsewhere).status_code for _ in range(6)]

    assert (refused, drawn) == ([429] * 8, [200] * 5 + [404])


def test_several_tabs_of_one_browser_each_have_their_own_challenge(client):
    forms = [registration_form(client, username=f"读者{tab}", email=f"r{tab}@example.com") for tab in range(4)]

    assert [client.get(f"/captcha/{form['captcha_id']}.png").status_code for form in forms] == [200] * 4
    assert [client.post("/register", data=form).status_code for form in reversed(forms)] == [303] * 4


def test_a_whole_office_behind_one_address_sees_and_hears(app):
    office = [app.test_client() for _ in range(12)]
    challenges = [(browser, challenge_of(browser)) for browser in office]

    seen = [browser.get(f"/captcha/{challenge}.png").status_code for browser, challenge in challenges]
    heard = [browser.get(f"/captcha/{challenge}.zh.wav").status_code for browser, challenge in challenges]

    assert (seen, heard) == ([200] * 12, [200] * 12)


def test_nothing_is_stored_until_a_challenge_is_used_and_not_for_long(client):
    client.get(f"/captcha/{challenge_of(client)}.png")
    assert db.session.scalar(select(func.count()).select_from(CaptchaUse)) == 0

    client.post("/register", data=registration_form(client, captcha="WRONG"))
    assert db.session.scalar(select(func.count()).select_from(CaptchaUse)) == 1
    with later(minutes=21):
        tidy()
    assert db.session.scalar(select(func.count()).select_from(CaptchaUse)) == 0


def test_answers_are_five_characters_that_stay_apart_and_differ(app):
    answers = {answer_of(issue("register", "a browser")) for _ in range(300)}

    assert len(answers) > 295
    assert {len(answer) for answer in answers} == {CHARACTERS}
    assert set("".join(answers)) == set(ALPHABET)
    assert not set(ALPHABET) & set("0O1Il5SBZ4TYVFPNX")


def test_the_owner_can_ask_for_an_answer(app, client):
    challenge = challenge_of(client)

    told = app.test_cli_runner().invoke(args=["captcha", "answer", challenge])

    assert told.output.strip() == answer_of(challenge)
    spoken = app.test_cli_runner().invoke(args=["captcha", "answer", "--spoken", challenge])
    assert spoken.output.strip() == digits_of(challenge)
    assert not any(issue("register", "a browser").startswith("-") for _ in range(200)), "that would be an option"


def test_the_answers_are_nowhere_in_what_the_browser_gets(client):
    page = client.get("/register")
    challenge = hidden(page, "captcha_id")

    for answer in (answer_of(challenge), digits_of(challenge)):
        assert answer not in page.text and answer not in str(page.headers)
