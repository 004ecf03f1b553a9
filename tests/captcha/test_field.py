"""The field of the captcha in a form, and the place of the puzzle: both work without scripts."""

import html
import json
import re

from flask import get_template_attribute

from blueprints.captcha.proof_of_work import puzzle
from tests.builders import hidden, registration_form


def test_the_field_offers_picture_sound_and_letter(client):
    page = client.get("/register")
    challenge = hidden(page, "captcha_id")

    for address in (f"/captcha/{challenge}.png", f"/captcha/{challenge}.zh.wav", f"/captcha/{challenge}.en.wav"):
        assert f'src="{address}"' in page.text
    assert page.text.count("<audio") == page.text.count('preload="none"') == 2, (
        "nothing is fetched before it is asked for"
    )
    assert re.search(r'<button[^>]* name="by_mail" value="1" formnovalidate>改用邮件验证</button>', page.text)
    assert re.search(r'<button[^>]* name="refresh" value="1" formnovalidate', page.text)
    for words in ("点击图片更换验证码", "看不清？", "听一听", "听到六个数字，填在上面。", "普通话", "英语"):
        assert words in page.text
    assert "autofocus" not in page.text and "验证码：已通过" not in page.text


def test_every_player_is_named_by_what_is_written_beside_it(client):
    page = client.get("/register").text

    for name in re.findall(r'<audio[^>]* aria-labelledby="([^"]+)"', page):
        assert re.search(rf'<figcaption id="{name}">\S+</figcaption>', page)


def test_what_is_wrong_with_the_answer_stands_at_the_field(client):
    page = client.post("/register", data=registration_form(client, captcha="WRONG"))

    assert 'id="captcha-error"' in page.text and 'aria-describedby="captcha-hint captcha-error"' in page.text


def test_a_page_with_the_field_is_small(client):
    page = client.get("/register", headers={"Accept-Encoding": "gzip"})

    assert len(page.data) <= 20_000


def test_the_puzzle_stands_beside_an_empty_field_and_only_where_there_is_one(app):
    work = get_template_attribute("captcha/_work.html", "work")
    text = puzzle("register", "a browser")

    element = work(text)

    [written] = re.findall('data-puzzle="([^"]*)"', element)
    assert json.loads(html.unescape(written)) == json.loads(text)
    assert '<input type="hidden" name="work" value="">' in element
    assert "<" not in work("").strip() and "<" not in work(None).strip()
