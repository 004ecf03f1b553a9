"""Withdrawing one's own reply, and bringing it back."""

import pytest
from sqlalchemy import select

from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.comments.visibility import remove
from core import clock
from core.database import db
from core.jobs import tidy
from tests.builders import comment, hidden, log_in, reply_form, the_comment
from tests.moderation.test_damage import ON_BOTH, ON_SQLITE, poison
from tests.moments import later


def posted(browser, **more):
    browser.post("/articles/hello/comments", data=reply_form(browser, **more))
    return the_comment()


def act(browser, reply, deed):
    page = browser.get(f"/comments/{reply.id}/{deed}")
    return browser.post(f"/comments/{reply.id}/{deed}", data={"csrf_token": hidden(page, "csrf_token")})


def test_a_guest_withdraws_within_the_hour_and_the_floor_stays(client, other, article):
    reply = posted(client, body="说错了")
    comment(article, "二楼", nickname="半夏")

    answer = act(client, reply, "withdraw")

    assert answer.status_code == 303
    page = other.get("/articles/hello").text
    assert "说错了" not in page and "这条回复已由本人撤回。" in page and "( 1 )" in page
    assert "恢复" not in page
    mine = client.get(answer.location, follow_redirects=True).text
    assert "已撤回。" in mine and f'href="/comments/{reply.id}/restore"' in mine


def test_it_comes_back_where_it_was(client, other, article):
    reply = posted(client, body="说错了")
    act(client, reply, "withdraw")

    answer = act(client, reply, "restore")

    assert answer.status_code == 303
    assert "说错了" in other.get("/articles/hello").text and "( 1 )" in other.get("/articles/hello").text
    db.session.expire_all()
    assert (the_comment().status, the_comment().floor, the_comment().withdrawn_at) == (Status.PUBLISHED, 1, None)


@pytest.mark.parametrize("kind", ["a moment that is none", "findings that are no JSON"])
def test_a_damaged_row_keeps_no_text_from_being_erased(app, article, kind):
    withdrawn = [
        comment(article, "撤回的一条。"),
        comment(article, "撤回的另一条，说的是别的。", email="b@example.com"),
    ]
    for one in withdrawn:
        one.status, one.withdrawn_at = Status.DELETED, clock.now()
    is_taken = db.engine.dialect.name == "sqlite"
    poison(withdrawn[0], ON_SQLITE[kind] if is_taken else ON_BOTH["odd findings"])

    with later(days=31):
        tidy()

    assert db.session.execute(select(Comment.body, Comment.email)).all() == [("", None)] * 2


def test_a_cookie_is_enough_for_an_hour_an_account_for_ever(client, other, article, mei):
    by_guest = posted(client)
    by_member = comment(article, "用账号写的", user=mei)
    log_in(other, "梅子")

    with later(minutes=61):
        late = client.get(f"/comments/{by_guest.id}/withdraw")
        ids = by_member.id
    with later(days=13):
        log_in(other, "梅子")
        page = other.get(f"/comments/{ids}/withdraw")
        done = other.post(f"/comments/{ids}/withdraw", data={"csrf_token": hidden(page, "csrf_token")})

    assert late.status_code == 409 and "超过 60 分钟" in late.text and "我的回复" in late.text
    assert done.status_code == 303


def test_what_waits_can_be_withdrawn_too_and_waits_again_when_it_is_back(client, article, choose):
    choose(comments_hold="all")
    reply = posted(client)

    answer = act(client, reply, "withdraw")

    assert answer.location == f"/comments/{reply.id}/restore"
    db.session.expire_all()
    assert the_comment().status is Status.DELETED
    act(client, reply, "restore")
    db.session.expire_all()
    assert the_comment().status is Status.PENDING


def test_what_a_moderator_removed_its_writer_cannot_bring_back(client, other, article):
    reply = posted(client, body="广告")
    remove(reply, "广告")
    db.session.commit()

    assert client.get(f"/comments/{reply.id}/restore").status_code == 409
    page = other.get("/articles/hello").text
    assert "这条回复已由管理员移除。理由：广告" in page and "( 0 )" in page


def test_the_owner_removes_and_brings_back_from_the_command_line(app, other, article):
    reply = comment(article, "一条广告")
    run = app.test_cli_runner().invoke

    assert run(args=["comments", "remove", str(reply.id), "--reason", "广告"]).exit_code == 0
    assert "理由：广告" in other.get("/articles/hello").text
    assert run(args=["comments", "restore", str(reply.id)]).exit_code == 0
    assert "一条广告" in other.get("/articles/hello").text and "( 1 )" in other.get("/articles/hello").text
    assert run(args=["comments", "restore", str(reply.id)]).exit_code == 1


def test_the_same_text_can_be_sent_again_once_it_was_withdrawn(client, article):
    form = reply_form(client)
    client.post("/articles/hello/comments", data=form)
    act(client, the_comment(), "withdraw")

    client.post("/articles/hello/comments", data=form)

    assert db.session.query(Comment).count() == 2


def test_after_thirty_days_nothing_is_left_but_the_floor(client, other, article):
    reply = posted(client, body="说错了")
    page = client.get(f"/comments/{reply.id}/edit")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "又说错了"}
    client.post(f"/comments/{reply.id}/edit", data=form)
    act(client, reply, "withdraw")

    with later(days=29):
        tidy()
        db.session.expire_all()
        assert the_comment().body == "又说错了"
    with later(days=31):
        tidy()

    db.session.expire_all()
    gone = the_comment()
    assert (gone.body, gone.body_html, gone.nickname, gone.email, gone.email_key) == ("", "", "", None, None)
    assert db.session.query(CommentVersion).count() == 0
    assert "这条回复已由本人撤回。" in other.get("/articles/hello").text


def test_withdrawing_twice_is_told(client, article):
    reply = posted(client)
    token = hidden(client.get(f"/comments/{reply.id}/withdraw"), "csrf_token")
    first = client.post(f"/comments/{reply.id}/withdraw", data={"csrf_token": token})
    second = client.post(f"/comments/{reply.id}/withdraw", data={"csrf_token": token})

    assert (first.status_code, second.status_code) == (303, 409)
    db.session.refresh(article)
    assert article.comment_count == 0


def test_what_its_writer_took_back_nobody_else_brings_back(app, client, other, article):
    public = posted(client, body="自己撤回的")
    act(client, public, "withdraw")

    result = app.test_cli_runner().invoke(args=["comments", "restore", str(public.id)])

    assert result.exit_code == 1
    assert "自己撤回的" not in other.get("/articles/hello").text


def test_the_name_of_a_withdrawn_reply_is_said_nowhere(client, other, article):
    reply = posted(client, nickname="隐身人")
    comment(article, "回应", reply, nickname="半夏", email="ban@example.com")
    act(client, reply, "withdraw")

    for query in ("", "?sort=newest"):
        page = other.get(f"/articles/hello{query}").text
        assert "隐身人" not in page
    assert "回复 1 楼</a>" in other.get("/articles/hello?sort=newest").text
