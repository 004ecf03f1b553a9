"""Letters about an answer, and how they end."""

import pytest
from sqlalchemy import update

from blueprints.comments.models import Comment
from core import clock
from core.database import db
from core.jobs import Job
from tests.builders import comment, hidden, link_in, log_in, reply_form, send_letters
from tests.moments import later
from tests.notifications.cast import stop_path, text_of, written


def wished(browser, body="我的一条", **more):
    """A guest's reply with the box ticked, its address proved; returns the reply."""
    browser.post("/articles/hello/comments", data=reply_form(browser, body=body, notify="y", **more))
    path = link_in(send_letters()[-1])
    browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token")})
    return db.session.query(Comment).filter_by(body=body).one()


def notices():
    return [letter for letter in send_letters() if "回应" in letter["Subject"]]


def test_whoever_asked_is_told_of_an_answer_and_where_it_is(client, article):
    asked = wished(client)

    answer = comment(article, "同意你说的。", asked, nickname="半夏", email="ban@example.com")

    (letter,) = notices()
    assert letter["To"] == "nanshan@example.com" and "半夏 回应了你" in letter["Subject"]
    assert f"/comments/{answer.id}" in text_of(letter) and "同意你说的。" in text_of(letter)
    assert letter["Auto-Submitted"] == "auto-generated"


def test_no_link_and_no_picture_of_a_commenter_is_live_in_a_letter(client, article):
    """T07, S73."""
    asked = wished(client)
    body = "看 https://evil.example/x 和 www.evil.example ，evil。example 写到 me@evil.example ![图](https://evil.example/a.png)"

    comment(article, body, asked, nickname="evil.example", email="ban@example.com")

    (letter,) = notices()
    assert "evil.example" not in text_of(letter) + str(letter["Subject"])
    assert "<img" not in text_of(letter) and "看" in text_of(letter)


def test_a_hundred_answers_are_no_hundred_letters(client, article):
    """T97."""
    asked = wished(client)

    for number in range(15):
        written(article, f"第 {number} 次回应", asked)
        send_letters()

    assert len(notices()) == 10


def test_nobody_else_is_told(client, article, mei):
    """S74, T68: not the author, not others in the thread, not who did not ask, not oneself."""
    asked = wished(client)
    comment(article, "没有要信的", nickname="老秦", email="qin@example.com")
    sibling = comment(article, "答第一条", asked, nickname="半夏", email="ban@example.com")
    before = len(notices())

    comment(article, "答第三条", sibling, nickname="周默", email="zhou@example.com")
    client.post("/articles/hello/comments", data=reply_form(client, body="自己补一句", parent=str(asked.id)))

    assert before == 1 and len(notices()) == 1


def test_no_letter_before_approval(app, client, article):
    asked = wished(client)
    held = comment(article, "等着的", asked, nickname="半夏", email="ban@example.com", held=True)
    held_id = held.id
    assert notices() == []

    app.test_cli_runner().invoke(args=["comments", "publish", str(held_id)])

    assert len(notices()) == 1


def test_what_was_taken_down_before_the_letter_left_is_not_told(app, client, article):
    asked = wished(client)
    gone = comment(article, "马上撤下的", asked, nickname="半夏", email="ban@example.com")
    app.test_cli_runner().invoke(args=["comments", "remove", str(gone.id)])

    assert notices() == []


def test_a_member_is_told_in_their_language_and_not_while_leaving(client, article, mei):
    mei.language = "en"
    db.session.commit()
    log_in(client, "梅子")
    token = hidden(client.get("/articles/hello"), "csrf_token")
    client.post("/articles/hello/comments", data={"body": "会员写的", "notify": "y", "csrf_token": token})
    mine = db.session.query(Comment).one()

    comment(article, "回应会员", mine)
    letters = send_letters()
    assert len(letters) == 1 and letters[0]["To"] == "mei@example.com" and "南山" in letters[0]["Subject"]
    mei.leaves_at = clock.now()
    db.session.commit()
    comment(article, "又一条", mine)
    assert len(send_letters()) == 1


def test_one_click_ends_letters_about_that_reply_without_cookie_page_or_origin(app, client, article):
    """S71: RFC 8058. A mail program posts from anywhere; looking changes nothing."""
    asked = wished(client)
    other_wish = wished(client, body="我的另一条")
    comment(article, "回应", asked, nickname="半夏", email="ban@example.com")
    (letter,) = notices()
    path = stop_path(letter)
    program = app.test_client()

    assert program.get(path).status_code == 200
    db.session.refresh(asked)
    assert asked.notify
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    done = [program.post(path, data={"List-Unsubscribe": "One-Click"}, headers=headers) for _ in range(2)]

    assert [(answer.status_code, answer.text) for answer in done] == [(200, "")] * 2
    assert all("Set-Cookie" not in answer.headers for answer in done)
    db.session.expire_all()
    assert (asked.notify, other_wish.notify) == (False, True)
    comment(article, "再回应", asked, nickname="半夏", email="ban@example.com")
    assert len(notices()) == 1


def test_everything_is_ended_from_the_page_of_a_letter(client, other, article):
    asked, more = wished(client), wished(client, body="我的另一条")
    comment(article, "回应", asked, nickname="半夏", email="ban@example.com")
    path = stop_path(notices()[0])
    assert "什么信都不要了" in other.get(path).text

    answer = other.post(path, data={"which": "all"})

    assert answer.location == "/letters/stopped" and "已经停掉" in other.get("/letters/stopped").text
    db.session.expire_all()
    assert not asked.notify and not more.notify
    with later(days=2):
        other.post("/articles/hello/comments", data=reply_form(other, body="别人用这个邮箱打勾", notify="y"))
        assert len([letter for letter in send_letters() if "你在这里的回复" in letter["Subject"]]) == 1


def test_the_first_letter_can_be_answered_with_never_again(client, other, article):
    client.post("/articles/hello/comments", data=reply_form(client, notify="y"))
    letter = send_letters()[0]
    path = stop_path(letter)

    other.post(path, data={"List-Unsubscribe": "One-Click"})

    with later(days=2):
        client.post("/articles/hello/comments", data=reply_form(client, body="又打勾", notify="y"))
        assert len(send_letters()) == 1


@pytest.mark.parametrize("token", ["c1", "c1.x", "a1.x", "z1.x", "c.x", "x", "c99999999999.x", "²1.x", "." * 3000])
def test_a_made_up_link_ends_nothing(client, article, token):
    comment(article)

    assert client.get(f"/letters/stop/{token}").status_code == 410
    assert client.post(f"/letters/stop/{token}").status_code == 410


def test_a_letter_that_an_older_version_queued_still_leaves(client, article):
    """F25: an upgrade while letters wait."""
    asked = wished(client)
    answer = comment(article, "同意你说的。", asked, nickname="半夏", email="ban@example.com")
    db.session.execute(
        update(Job).where(Job.kind == "tell").values(kind="reply_notice", payload={"comment": answer.id})
    )
    db.session.commit()

    (letter,) = notices()
    assert f"/comments/{answer.id}" in text_of(letter)
