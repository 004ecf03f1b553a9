"""Damaged rows (F27): a reply that cannot be read is left out, and hides no other on any page and in no letter."""

import json

import pytest
from sqlalchemy import select

from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.notifications.choosing import choose as choose_letters
from blueprints.notifications.models import Frequency
from core import jobs
from core.database import db
from tests.builders import comment, log_in, many_comments, reply_form, send_letters
from tests.moderation.test_damage import ON_BOTH, ON_SQLITE, poison
from tests.moments import later
from tests.notifications.cast import open_letter, text_of

UNREADABLE = {
    kind: what
    for kind, what in (ON_BOTH | ON_SQLITE).items()
    if "state" in kind or "moment" in kind or "bytes" in kind or "for numbers" in kind or "no JSON" in kind
} | {"a text that is none": "body = CAST(x'ff' AS TEXT), body_html = CAST(x'ff' AS TEXT)"}


@pytest.fixture(params=UNREADABLE)
def damage(request, app):
    """Something a row cannot hold; nothing where this database refuses it."""
    refuses = request.param not in ON_BOTH and db.engine.dialect.name != "sqlite"
    return "version = 0" if refuses else UNREADABLE[request.param]


def spoil(reply, what):
    if "'y'" in what:  # of one article no two replies have the same floor
        what = what.replace("'y'", f"'y{reply.id}'")
    poison(reply, what)


def test_the_article_shows_every_other_reply_in_every_order(client, article, mei, damage):
    mine = comment(article, "会员写的。", user=mei, nickname="梅子")
    broken = [comment(article, f"要坏的第 {number} 条。", user=mei, nickname="梅子") for number in range(2)]
    broken.append(comment(article, "要坏的，还在等。", user=mei, nickname="梅子", held=True))
    answer = comment(article, "好的一条。", mine, nickname="半夏")
    first, *_rest = [one.id for one in broken]
    for one in broken:
        spoil(one, damage)

    log_in(client, "梅子")
    for query in ("", "?sort=newest", "?from=1", f"?to={first}&cite=1", "?before=4"):
        page = client.get(f"/articles/hello{query}")
        assert page.status_code == 200 and (query == "?before=4" or "好的一条。" in page.text), query
    assert client.get(f"/comments/{answer.id}").status_code == 302


def test_a_page_with_damaged_rows_is_as_long_and_leads_on(client, article):
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL refuses such a moment
    many_comments(article, 60)
    for row in db.session.scalars(select(Comment).where(Comment.floor.in_((3, 51)))).all():
        spoil(row, "created_at = 'gestern'")

    first = client.get("/articles/hello").text

    assert first.count('class="comment"') == 50 and "第 52 条回复。" in first and "from=53" in first
    assert "第 60 条回复。" in client.get("/articles/hello?from=53").text


def test_a_page_without_damage_costs_no_more(client, article, statements):
    many_comments(article, 60)
    client.get("/articles/hello")
    statements.clear()

    client.get("/articles/hello?from=5")

    assert len([one for one in statements if "FROM comment " in one]) == 1


def test_somebodys_own_pages_show_every_other_reply(client, article, mei, damage):
    comment(article, "好的一条。", user=mei, nickname="梅子")
    spoil(comment(article, "要坏的一条。", user=mei, nickname="梅子"), damage)
    log_in(client, "梅子")

    assert "好的一条。" in client.get("/account/replies").text
    assert client.get("/account").status_code == 200


def test_a_damaged_changed_text_is_left_out_of_its_writers_pages(client, article, mei):
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL refuses such a moment
    reply = comment(article, "好的一条。", user=mei, nickname="梅子")
    edit = CommentVersion(comment_id=reply.id, number=2, body="改过的。", body_html="<p>x</p>", status=Status.PENDING)
    db.session.add(edit)
    db.session.flush()
    poison(edit, "created_at = 'gestern'")
    log_in(client, "梅子")

    assert "好的一条。" in client.get("/account/replies").text
    assert "好的一条。" in client.get(f"/comments/{reply.id}/edit").text


def test_a_guests_own_page_is_there(client, article, damage):
    client.post("/articles/hello/comments", data=reply_form(client, email="owner@example.com", notify="y"))
    open_letter(client, send_letters()[-1])
    comment(article, "好的一条。", email="owner@example.com")
    spoil(db.session.scalars(select(Comment).order_by(Comment.id)).first(), damage)

    assert "好的一条。" in client.get("/mine").text


@pytest.mark.parametrize("frequency", [Frequency.AT_ONCE, Frequency.DAILY])
def test_the_inbox_and_the_digest_tell_of_every_other_reply(client, article, mei, damage, frequency):
    choose_letters(mei, answers=frequency)
    mine = comment(article, "会员写的。", user=mei, nickname="梅子", notify=True)
    broken = comment(article, "要坏的一条。", mine, nickname="坏")
    comment(article, "好的一条。", mine, nickname="半夏")
    send_letters()
    spoil(broken, damage)

    if frequency is Frequency.DAILY:
        with later(days=1, hours=12):
            jobs.tidy()
            assert "好的一条。" in text_of(send_letters()[-1])
    log_in(client, "梅子")
    assert "好的一条。" in client.get("/notifications").text


def test_what_waits_is_listed_at_the_command_line(app, article, damage):
    spoil(comment(article, "要坏的一条。", held=True), damage)
    comment(article, "好的一条。", held=True, nickname="半夏")

    listed = app.test_cli_runner().invoke(args=["comments", "pending"])

    assert listed.exception is None and "好的一条。" in listed.output


@pytest.mark.parametrize("texts_too", [False, True])
def test_erasing_takes_damaged_replies_along(app, article, damage, texts_too):
    address = "leaving@example.com"
    broken, sound = comment(article, "要坏的一条。", email=address), comment(article, "好的一条。", email=address)
    ids = [broken.id, sound.id]
    spoil(broken, damage.replace(", user_id = 'w'", ""))

    command = app.test_cli_runner().invoke
    exported = json.loads(command(args=["privacy", "export", address]).output)
    assert len(exported["replies"]) == 2 and "好的一条。" in [one.get("body") for one in exported["replies"]]
    erased = command(args=["privacy", "erase", address, *(["--texts"] if texts_too else [])])

    assert "replies: 2" in erased.output
    left = select(Comment.email, Comment.email_key, Comment.nickname).where(Comment.id.in_(ids))
    assert db.session.execute(left).all() == [(None, None, "")] * 2
    if texts_too:
        rest = select(Comment.body, Comment.status).where(Comment.id.in_(ids))
        assert db.session.execute(rest).all() == [("", Status.DELETED)] * 2
        db.session.refresh(article)
        assert article.comment_count == 0 or "status" in damage, "nobody knows whether such a one was counted"
