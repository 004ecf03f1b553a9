"""A flood from one end to the other: it comes in, nobody sees it, one letter tells of it, two clicks clear it."""

import html
import random
import re

import pytest
from sqlalchemy import func, select

from blueprints.captcha.challenges import answer_of
from blueprints.comments.models import Comment, Status
from core.database import db
from tests import builders
from tests.builders import hidden, log_in, reply_form, send_letters
from tests.moments import later

COPIES = 400
TEXT = "这家小店的茶叶是真的好喝，老板人也实在，{word}，大家有空都去看看，记得说是朋友介绍的。"


@pytest.fixture
def flood(client, article, choose, request):
    """Nearly identical replies, 400 unless the test says how many, from as many networks; an account's and a guest's own replies between them."""
    choose(comments_flood_per_minute=60)
    form, dice = reply_form(client), random.Random(7)
    builders.user("梅子", "mei@example.com")
    mei = client.application.test_client()
    log_in(mei, "梅子")
    for number in range(getattr(request, "param", COPIES)):
        text = TEXT.format(word="".join(dice.choices("甲乙丙丁戊己庚辛壬癸子丑寅卯", k=4)))
        sender = {"nickname": f"茶客{number}", "email": f"guest{number}@example.com", "body": text}
        _send(client.application.test_client(), form | sender, f"10.{number // 200}.{number % 200}.9")
        if number % 80 == 40:
            own = hidden(mei.get("/articles/hello"), "csrf_token")
            answer = mei.post(
                "/articles/hello/comments", data={"csrf_token": own, "body": f"第 {number} 次读，又读出一点别的。"}
            )
            assert answer.status_code == 303
    return client


def _send(browser, form, address):
    return browser.post("/articles/hello/comments", data=form, environ_base={"REMOTE_ADDR": address})


def _count(status, *more):
    return db.session.scalar(select(func.count()).select_from(Comment).where(Comment.status == status, *more))


@pytest.mark.system
def test_a_flood_of_400_is_seen_by_nobody_told_once_and_cleared_with_two_clicks(flood, other, lin):
    """T27, S16, S82."""
    alike = Comment.nickname.startswith("茶客")
    held = _count(Status.PENDING, alike)
    assert _count(Status.PUBLISHED, alike) == 0
    assert "茶叶" not in flood.get("/articles/hello").text
    assert _count(Status.PUBLISHED, Comment.user_id.is_not(None)) == 5, "others go on being published"

    for minutes in (0, 6, 70):
        with later(minutes=minutes):
            send_letters()
    told = [letter for letter in send_letters() if letter["To"] == "lin@example.com"]
    assert len(told) == 1
    assert "茶叶" in told[0].get_body(("plain",)).get_content()

    log_in(other, "林舟")
    queue = other.get("/moderation").text
    first_click = re.search(r'href="([^"]*)">全部标为垃圾', queue)
    assert first_click
    page = other.get(html.unescape(first_click[1]))
    assert f"把 {held} 条标为垃圾" in page.text
    form = _fields_of(page.text, "/moderation/selected")
    second_click = other.post("/moderation/selected", data=form | {"act": "spam"})
    assert second_click.status_code == 303
    assert (_count(Status.PENDING), _count(Status.SPAM)) == (0, held)

    undo = other.get(second_click.location).text
    path = re.search(r'action="(/moderation/undo/[^"]+)"', undo)
    assert path
    assert other.post(path[1], data=_fields_of(undo, path[1])).status_code == 303
    assert (_count(Status.PENDING), _count(Status.SPAM)) == (held, 0)


def _fields_of(page, address):
    """Return the hidden fields of the form that is sent to this address."""
    form = re.search(rf'action="{re.escape(address)}".*?</form>', page, re.DOTALL)
    assert form
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


@pytest.mark.parametrize("flood", [12], indirect=True)
def test_a_person_whose_words_come_during_a_flood_answers_a_captcha_and_is_published(flood, other):
    form = reply_form(other) | {
        "nickname": "阿里巴",
        "email": "ali@example.com",
        "body": "前面都是广告，我只想说第三段写得好。",
    }

    asked = _send(other, form, "192.0.2.7")
    challenge = hidden(asked, "captcha_id")
    answer = {"captcha_id": challenge, "captcha": answer_of(challenge)}
    form["stamp"] = hidden(asked, "stamp")
    done = _send(other, form | answer, "192.0.2.7")

    assert (asked.status_code, done.status_code) == (422, 303)
    assert _count(Status.PUBLISHED, Comment.nickname == "阿里巴") == 1
