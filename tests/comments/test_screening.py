"""When a reply waits, and when a captcha or a letter comes first."""

import re

import pytest
from sqlalchemy import func, select

from blueprints.captcha.challenges import answer_of
from blueprints.comments.models import Comment, Status
from core.database import db
from tests.builders import comment, hidden, link_in, log_in, reply_form, send_letters, the_comment
from tests.moments import later


def post(browser, **form):
    return browser.post("/articles/hello/comments", data=form)


def doubted(browser, **more):
    """The answer to a reply that a machine could have sent."""
    return post(browser, **reply_form(browser, website="https://spam.example", **more))


def answered(page, form, captcha=None):
    challenge = hidden(page, "captcha_id")
    return form | {"captcha_id": challenge, "captcha": captcha or answer_of(challenge)}


def is_ticked(page):
    return re.search('<input[^>]* checked[^>]* name="notify"', page.text) is not None


def stored_count():
    return db.session.scalar(select(func.count()).select_from(Comment))


def test_a_doubt_is_settled_by_one_captcha_and_nothing_is_typed_twice(client, article):
    form = reply_form(client, website="x", body="写了很久的一段", notify="y")
    page = post(client, **form)

    assert page.status_code == 422 and stored_count() == 0
    assert "请再回答一个小问题，确认不是机器。" in page.text and "写了很久的一段" in page.text
    assert 'value="南山"' in page.text and is_ticked(page)

    done = post(client, **answered(page, form))

    assert done.status_code == 303
    assert (the_comment().status, the_comment().notify) == (Status.PUBLISHED, True)


def test_a_wrong_captcha_brings_another_and_keeps_the_text(client, article):
    """T20: of one picture there is one try."""
    form = reply_form(client, website="x", body="写了很久的一段")
    first = post(client, **form)
    wrong = post(client, **answered(first, form, captcha="WRONG"))

    assert wrong.status_code == 422 and "验证码不对" in wrong.text and "写了很久的一段" in wrong.text
    assert hidden(wrong, "captcha_id") != hidden(first, "captcha_id")
    replayed = post(client, **answered(first, form))
    assert replayed.status_code == 422 and "验证码过期了" in replayed.text
    assert post(client, **answered(replayed, form)).status_code == 303
    assert stored_count() == 1


def test_an_old_captcha_and_one_of_another_browser_are_refused(client, other, article):
    form = reply_form(client, website="x")
    page = post(client, **form)

    elsewhere = post(other, **answered(page, form))
    with later(minutes=11):
        late = post(client, **answered(page, form))

    assert elsewhere.status_code == late.status_code == 422 and stored_count() == 0


def test_another_picture_is_asked_for_without_losing_anything(client, article):
    form = reply_form(client, website="x", body="写了很久的一段")
    page = post(client, **form)

    again = post(client, **form, captcha_id=hidden(page, "captcha_id"), refresh="1")

    assert again.status_code == 200 and "写了很久的一段" in again.text
    assert hidden(again, "captcha_id") != hidden(page, "captcha_id")
    assert 'id="problems"' not in again.text


def test_another_mistake_beside_the_captcha_brings_both_back(client, article):
    form = reply_form(client, website="x", body="写了很久的一段")
    page = post(client, **form)

    wrong = post(client, **answered(page, form | {"email": "nanshan"}))

    assert wrong.status_code == 422 and "少了 @" in wrong.text and 'name="captcha"' in wrong.text


def test_a_letter_stands_for_the_captcha_and_its_link_publishes(client, other, article):
    form = reply_form(client, website="x", body="看不清图的人写的")
    page = post(client, **form)

    answer = post(client, **form, captcha_id=hidden(page, "captcha_id"), by_mail="1")

    assert answer.status_code == 303
    mine = client.get(answer.location, follow_redirects=True).text
    assert "请点邮件里的链接，回复就会发表。" in mine and "等你确认邮箱" in mine
    assert "看不清图的人写的" not in other.get("/articles/hello").text
    path = link_in(send_letters()[0])
    opened = other.get(path)
    assert "看不清图的人写的" in opened.text and "打开之后就会发表" in opened.text
    other.post(path, data={"csrf_token": hidden(opened, "csrf_token")})
    assert "看不清图的人写的" in client.get("/articles/hello").text
    assert the_comment().status is Status.PUBLISHED


def test_a_flood_raises_the_bar_for_guests_and_mutes_nobody(client, other, article, mei, choose):
    """S16, T27: whoever answers the captcha goes on; members are not asked."""
    choose(comments_flood_per_minute=3, comments_per_minute=100)
    for number in range(3):
        comment(article, f"洪水 {number}", address_block=f"203.0.{number}.0/24")
    form = reply_form(client, body="赶上洪水的人")
    log_in(other, "梅子")

    page = post(client, **form)
    member = post(other, body="会员写的", csrf_token=hidden(other.get("/articles/hello"), "csrf_token"))

    assert (page.status_code, member.status_code) == (422, 303)
    assert post(client, **answered(page, form)).status_code == 303
    with later(minutes=10, seconds=1):
        assert post(client, **reply_form(client, body="洪水退了")).status_code == 303


@pytest.mark.parametrize("field", ["captcha_id", "captcha", "proof"])
def test_what_is_made_up_is_no_proof(client, article, field):
    form = reply_form(client, website="x", **{field: "x" * 200})

    assert post(client, **form).status_code == 422
    assert stored_count() == 0


def test_many_links_wait_even_after_a_captcha(client, article):
    form = reply_form(client, website="x", body="看 " + " ".join(f"https://example.org/{n}" for n in range(4)))

    assert post(client, **answered(post(client, **form), form)).status_code == 303
    assert (the_comment().status, the_comment().held_reason) == (Status.PENDING, "links")


def test_what_is_put_into_a_reply_that_waits_for_its_letter_is_screened_too(client, other, article):
    """F22: the link of a letter publishes what screening would have published, and nothing else."""
    form = reply_form(client, body="无害的一段", by_mail="1")
    post(client, **form)
    reply = the_comment()
    page = client.get(f"/comments/{reply.id}/edit")
    links = "看 " + " ".join(f"https://example.org/{n}" for n in range(6))
    data = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": links}
    assert client.post(f"/comments/{reply.id}/edit", data=data).status_code == 303

    path = link_in(send_letters()[0])
    other.post(path, data={"csrf_token": hidden(other.get(path), "csrf_token")})

    db.session.expire_all()
    assert (the_comment().status, the_comment().held_reason) == (Status.PENDING, "links")


def test_a_page_of_long_replies_that_wait_shows_the_newest(client, article, choose):
    choose(comments_hold="all", comments_per_minute=100, comments_per_10_minutes=100)
    for number in range(7):
        answer = post(client, **reply_form(client, body=f"第 {number} 条" + "长" * 19_000))

    page = client.get(answer.location, follow_redirects=True)

    assert "第 6 条" in page.text and "第 0 条" not in page.text
