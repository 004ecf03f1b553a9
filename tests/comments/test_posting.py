"""Posting a reply."""

from sqlalchemy import select

from blueprints.comments.models import Comment, Status
from core.database import db
from tests.builders import reply_form, the_comment


def test_a_guest_replies_and_is_led_to_the_reply(client, article):
    answer = client.post("/articles/hello/comments", data=reply_form(client))

    stored = the_comment()
    assert (answer.status_code, answer.location) == (303, f"/comments/{stored.id}")
    assert (stored.status, stored.floor, stored.nickname, stored.email) == (
        Status.PUBLISHED,
        1,
        "南山",
        "nanshan@example.com",
    )
    page = client.get(answer.location, follow_redirects=True)
    assert f'id="comment-{stored.id}"' in page.text
    assert "已发表。" in page.text
    assert "回复 <span" in page.text and "( 1 )" in page.text


def test_the_same_text_again_leads_to_the_first(client, other, article):
    form = reply_form(client)
    first = client.post("/articles/hello/comments", data=form)

    again = other.post("/articles/hello/comments", data=form)

    assert (again.status_code, again.location) == (303, first.location)
    assert db.session.scalar(select(Comment.id)) is not None
    assert "没有重复发" in other.get(again.location, follow_redirects=True).text
    the_comment()
