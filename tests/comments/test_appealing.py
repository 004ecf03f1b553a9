"""What the writer of a reply that was not accepted is told, and what they may answer."""

import pytest
from sqlalchemy import select

from blueprints.articles.models import Article
from blueprints.comments.models import Appeal, Comment, CommentVersion, Status
from blueprints.comments.visibility import hold_again, publish, reject, remove
from blueprints.moderation.decisions import Sitting, approve, look_at, turn_down
from core.database import db
from tests import builders
from tests.builders import hidden, log_in, reply_form


@pytest.fixture
def written(client, article, choose):
    """A reply of this browser's that waited and was rejected with a reason; its id."""
    choose(comments_hold="all")
    client.post("/articles/hello/comments", data=reply_form(client))
    comment = builders.the_comment()
    reject(comment, reason="和文章无关")
    db.session.commit()
    return comment.id


def answer(browser, comment_id, body="我说的就是第二段。"):
    token = hidden(browser.get(f"/comments/{comment_id}/appeal"), "csrf_token")
    return browser.post(f"/comments/{comment_id}/appeal", data={"csrf_token": token, "body": body})


def test_its_writer_reads_that_a_reply_was_not_accepted_and_why(client, other, written):
    page = client.get("/articles/hello").text

    assert "这条回复没有通过，只有你能看到。" in page
    assert "理由：和文章无关" in page
    assert f'href="/comments/{written}/appeal"' in page
    assert "和文章无关" not in other.get("/articles/hello").text


def test_a_writer_answers_a_decision_once(client, written):
    assert answer(client, written).status_code == 303
    again = client.post(f"/comments/{written}/appeal", data={"body": "再说一次。"})
    page = client.get(f"/comments/{written}/appeal").text

    assert again.status_code in (409, 422)
    assert "再说一次。" in again.text
    assert db.session.scalars(select(Appeal)).one().body == "我说的就是第二段。"
    assert "我说的就是第二段。" in page
    assert "管理员会看到" in page


def test_a_second_answer_from_another_tab_is_told_and_kept(client, written):
    token = hidden(client.get(f"/comments/{written}/appeal"), "csrf_token")
    first = client.post(f"/comments/{written}/appeal", data={"csrf_token": token, "body": "第一次。"})
    second = client.post(f"/comments/{written}/appeal", data={"csrf_token": token, "body": "第二次。"})

    assert (first.status_code, second.status_code) == (303, 409)
    assert "已经回应过一次了" in second.text
    assert "第二次。" in second.text


def test_nobody_else_reads_or_answers_a_decision(client, other, written, mei):
    log_in(other, "梅子")

    assert other.get(f"/comments/{written}/appeal").status_code == 404
    assert other.post(f"/comments/{written}/appeal", data={"body": "我来说。"}).status_code in (404, 422)
    assert db.session.scalars(select(Appeal)).all() == []


@pytest.mark.parametrize("body", ["", "  ", "长" * 1001, "看不见\u0000的"])
def test_an_answer_that_is_none_comes_back(client, written, body):
    page = answer(client, written, body)

    assert page.status_code == 422
    assert db.session.scalars(select(Appeal)).all() == []


def test_an_answer_to_a_decision_that_changed_meanwhile_is_kept_on_the_page(client, written):
    token = hidden(client.get(f"/comments/{written}/appeal"), "csrf_token")
    hold_again(db.session.get_one(Comment, written), "all")
    publish(db.session.get_one(Comment, written))
    db.session.commit()

    page = client.post(f"/comments/{written}/appeal", data={"csrf_token": token, "body": "我说的就是第二段。"})

    assert page.status_code == 409
    assert "我说的就是第二段。" in page.text
    assert client.get(f"/comments/{written}/appeal").status_code == 303


def test_a_member_answers_the_removal_of_a_public_reply(client, article, mei):
    log_in(client, "梅子")
    comment = builders.comment(article, "买表请加我", user=mei)
    remove(comment, "广告")
    db.session.commit()

    assert f'href="/comments/{comment.id}/appeal"' in client.get("/articles/hello").text
    assert f'href="/comments/{comment.id}/appeal"' in client.get("/account/replies").text
    assert answer(client, comment.id).status_code == 303


@pytest.fixture
def turned_down(client, article, mei, lin):
    """A public reply of 梅子's, whose browser this is, and a text it was changed to, which a moderator turned down."""
    log_in(client, "梅子")
    reply = builders.comment(article, "公开的那句。", user=mei)
    changed(reply, 2, "改成的那句。", lin)
    return reply


def changed(reply, number, body, moderator):
    """Change a public reply, and have the text turned down."""
    db.session.add(
        CommentVersion(comment_id=reply.id, number=number, body=body, body_html=f"<p>{body}</p>", status=Status.PENDING)
    )
    db.session.flush()
    turn_down(look_at(reply), Sitting(moderator), "像广告")
    db.session.commit()


def test_a_writer_answers_for_a_changed_text_which_waits_once_more(client, other, turned_down, lin):
    page = client.get("/account/replies").text
    assert f'href="/comments/{turned_down.id}/appeal"' in page
    told = client.get(f"/comments/{turned_down.id}/appeal").text
    assert "改过的内容没有通过。" in told and "理由：像广告" in told and "改成的那句。" in told

    assert answer(client, turned_down.id, "那不是广告。").status_code == 303

    assert "改过的内容还在等人查看" in client.get("/account/replies").text
    assert client.get(f"/comments/{turned_down.id}/appeal").status_code == 303
    log_in(other, lin.username)
    waiting = other.get("/moderation?which=edits").text
    assert "改成的那句。" in waiting and "那不是广告。" in waiting
    approve(look_at(turned_down), Sitting(lin))
    assert (turned_down.body, db.session.scalars(select(Appeal)).one().settled_at is None) == ("改成的那句。", False)


def test_a_text_turned_down_again_is_not_answered_again_but_another_is(client, turned_down, lin):
    answer(client, turned_down.id, "那不是广告。")
    turn_down(look_at(turned_down), Sitting(lin), "还是像")
    db.session.commit()

    page = client.get(f"/comments/{turned_down.id}/appeal").text
    assert "那不是广告。" in page and "管理员看过了，决定没有变。" in page and "回应这个决定" not in page
    changed(turned_down, 3, "再改的那句。", lin)
    assert answer(client, turned_down.id, "这次更不是了。").status_code == 303
    assert db.session.scalars(select(Appeal.body)).one() == "这次更不是了。"


def test_nobody_else_answers_for_a_changed_text(other, turned_down):
    assert other.get(f"/comments/{turned_down.id}/appeal").status_code == 404
    assert other.post(f"/comments/{turned_down.id}/appeal", data={"body": "我来说。"}).status_code in (404, 422)


def test_answers_have_a_limit_for_each_network(client, article, mei):
    log_in(client, "梅子")
    ids = [builders.comment(article, f"第 {number} 条", user=mei).id for number in range(11)]
    for number in ids:
        remove(db.session.get_one(Comment, number), "广告")
    db.session.commit()

    codes = [answer(client, number).status_code for number in ids]

    assert codes == [303] * 10 + [429]


def test_a_reply_pulled_back_keeps_its_floor_and_says_that_it_is_looked_at_again(client, other, article):
    one = builders.comment(article, "第一条。")
    builders.comment(article, "回应第一条。", one)
    hold_again(one, "like")
    db.session.commit()
    page = other.get("/articles/hello").text

    assert "这条回复正在等人重新查看。" in page
    assert "<p>第一条。" not in page
    assert (db.session.get_one(Article, article.id).comment_count, db.session.get_one(Comment, one.id).floor) == (1, 1)
    publish(one)
    db.session.commit()
    assert (one.floor, one.status, article.comment_count) == (1, Status.PUBLISHED, 2)
    assert "<p>第一条。" in other.get("/articles/hello").text


def test_what_was_pulled_back_does_not_become_public_by_withdrawing_and_restoring(client, article, mei):
    log_in(client, "梅子")
    comment = builders.comment(article, "第一条。", user=mei)
    hold_again(comment, "like")
    db.session.commit()

    for deed in ("withdraw", "restore"):
        token = hidden(client.get(f"/comments/{comment.id}/{deed}"), "csrf_token")
        assert client.post(f"/comments/{comment.id}/{deed}", data={"csrf_token": token}).status_code == 303

    assert db.session.get_one(Comment, comment.id).status is Status.PENDING
