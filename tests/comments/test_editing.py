"""Changing one's own reply."""

from functools import partial

import pytest
from sqlalchemy import select

from blueprints.comments.models import CommentVersion, Status
from core.database import db
from tests.builders import comment, hidden, log_in, reply_form, the_comment
from tests.moments import at_once, later


def posted(browser, **more):
    """A guest's reply, written in this browser."""
    browser.post("/articles/hello/comments", data=reply_form(browser, **more))
    return the_comment()


def edit(browser, reply, body, **more):
    page = browser.get(f"/comments/{reply.id}/edit")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": hidden(page, "version"), "body": body}
    return browser.post(f"/comments/{reply.id}/edit", data=form | more)


def test_a_guest_changes_a_reply_in_the_same_browser_and_every_text_is_kept(client, other, article):
    reply = posted(client, body="第一稿")
    assert "修改" in client.get("/articles/hello").text and ">第一稿</textarea>" in typed(client, reply)

    answer = edit(client, reply, "第二稿，**改**好了")
    edit(client, reply, "第三稿")

    assert answer.status_code == 303
    changed = the_comment()
    assert (changed.body, changed.version, changed.status) == ("第三稿", 3, Status.PUBLISHED)
    kept = db.session.scalars(select(CommentVersion).order_by(CommentVersion.number)).all()
    assert [(one.number, one.body) for one in kept] == [(1, "第一稿"), (2, "第二稿，**改**好了")]
    assert "已保存。" in client.get(answer.location, follow_redirects=True).text
    page = other.get("/articles/hello").text
    assert "第三稿" in page and "第一稿" not in page and "修改</a>" not in page
    assert f'href="/comments/{reply.id}/changes">已编辑</a>' in page
    assert "第三" in other.get(f"/comments/{reply.id}/changes").text
    first = other.get(f"/comments/{reply.id}/changes?change=1")
    assert first.status_code == 200 and "第一" in first.text and "第三" not in first.text
    for number in ("0", "3", "x" * 99, "-1"):
        assert other.get(f"/comments/{reply.id}/changes?change={number}").status_code == (200 if "x" in number else 404)


def typed(browser, reply):
    return browser.get(f"/comments/{reply.id}/edit").text.replace("\r\n", "")


def test_a_member_changes_a_reply_on_another_device(client, other, article, mei):
    reply = comment(article, "用账号写的", user=mei)
    log_in(other, "梅子")

    assert edit(other, reply, "在别的设备上改的").status_code == 303
    assert the_comment().body == "在别的设备上改的"


def test_nobody_else_can_and_nobody_is_told_that_it_is_there(client, other, article, mei, lin):
    reply = posted(client, body="我的")
    waiting = comment(article, "等着的", held=True)
    log_in(other, "林舟")

    for deed in ("edit", "withdraw", "restore"):
        assert other.get(f"/comments/{reply.id}/{deed}").status_code == 404
        assert other.post(f"/comments/{reply.id}/{deed}", data={"body": "你的"}).status_code == 404
        assert other.get(f"/comments/{waiting.id}/{deed}").status_code == 404
        assert client.get(f"/comments/{waiting.id}/{deed}").status_code == 404
        assert client.get(f"/comments/{2**40}/{deed}").status_code == 404
    assert the_body(reply) == "我的"


def the_body(reply):
    db.session.refresh(reply)
    return reply.body


def test_after_an_hour_it_is_too_late_and_what_was_typed_comes_back(client, article):
    reply = posted(client, body="第一稿")
    page = client.get(f"/comments/{reply.id}/edit")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "改了很久的一稿"}

    with later(minutes=61):
        answer = client.post(f"/comments/{reply.id}/edit", data=form)
        assert client.get(f"/comments/{reply.id}/edit").status_code == 409

    assert answer.status_code == 409
    assert "超过 60 分钟" in answer.text and "改了很久的一稿" in answer.text
    assert the_comment().body == "第一稿"


def test_once_answered_it_stays_as_it_is(client, article):
    reply = posted(client, body="第一稿")
    comment(article, "有人回应", reply, nickname="半夏", email="ban@example.com")

    answer = client.get(f"/comments/{reply.id}/edit")

    assert answer.status_code == 409 and "已经有人回应" in answer.text
    assert "修改</a>" not in client.get("/articles/hello").text


@pytest.mark.parametrize(("body", "words"), [("", "还是空的"), ("短", "太短"), ("长" * 20_020, "超出 20 字")])
def test_what_is_wrong_is_told_and_kept(client, article, body, words):
    reply = posted(client)

    answer = edit(client, reply, body)

    assert answer.status_code == 422 and words in answer.text and body in answer.text


def test_a_preview_saves_nothing(client, article):
    reply = posted(client, body="第一稿")

    answer = edit(client, reply, "**第二**稿", preview="1")

    assert answer.status_code == 200 and "<strong>第二</strong>稿" in answer.text
    assert the_comment().body == "第一稿"


def test_two_tabs_do_not_overwrite_each_other_and_the_second_press_does(client, article):
    reply = posted(client, body="第一稿")
    pages = [client.get(f"/comments/{reply.id}/edit") for _ in range(2)]
    forms = [
        {"csrf_token": hidden(page, "csrf_token"), "version": hidden(page, "version"), "body": f"第 {number} 个标签页"}
        for number, page in enumerate(pages)
    ]
    client.post(f"/comments/{reply.id}/edit", data=forms[0])

    answer = client.post(f"/comments/{reply.id}/edit", data=forms[1])

    assert answer.status_code == 409
    assert "第 0 个标签页" in answer.text and ">第 1 个标签页</textarea>" in answer.text.replace("\r\n", "")
    again = forms[1] | {"version": hidden(answer, "version")}
    assert client.post(f"/comments/{reply.id}/edit", data=again).status_code == 303
    assert the_comment().body == "第 1 个标签页"


def test_the_same_text_again_changes_nothing(client, article):
    reply = posted(client, body="第一稿")

    assert edit(client, reply, "第一稿").status_code == 303
    assert (the_comment().version, the_comment().edited_at) == (1, None)


def test_many_savings_at_once_are_one_after_the_other(app, client, article):
    reply = posted(client, body="第一稿")
    page = client.get(f"/comments/{reply.id}/edit")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": "1"}
    cookies = {name: client.get_cookie(name).value for name in ("writer", "form")}
    address = f"/comments/{reply.id}/edit"

    def save(number):
        browser = app.test_client()
        for name, value in cookies.items():
            browser.set_cookie(name, value)
        return browser.post(address, data=form | {"body": f"同时的第 {number} 稿"}).status_code

    codes = at_once([partial(save, number) for number in range(6)])

    assert sorted(codes) == [303] + [409] * 5
    db.session.rollback()
    assert the_comment().version == 2


def test_an_edit_of_a_public_reply_that_screening_doubts_waits_and_the_old_text_stays(app, client, other, article):
    """F22: no text that nobody looked at becomes public."""
    reply = posted(client, body="第一稿")

    answer = edit(client, reply, " ".join(f"https://example.org/{number}" for number in range(9)))

    assert "先经人工查看" in client.get(answer.location, follow_redirects=True).text
    assert "example.org" not in other.get("/articles/hello").text and "第一稿" in other.get("/articles/hello").text
    assert the_comment().body == "第一稿"
    assert other.get(f"/comments/{reply.id}/changes").status_code == 404
    assert "https://example.org/8" in typed(client, reply)  # its writer goes on from what was saved
    listed = app.test_cli_runner().invoke(args=["comments", "pending"]).output
    assert f"{reply.id}.2" in listed and "links" in listed

    decided = app.test_cli_runner().invoke(args=["comments", "publish", f"{reply.id}.2"])

    assert decided.exit_code == 0, decided.output
    db.session.rollback()
    assert the_comment().version == 2 and "example.org/8" in other.get("/articles/hello").text
    assert other.get(f"/comments/{reply.id}/changes").status_code == 200


def test_a_text_nobody_else_sees_is_there_for_its_writer_whatever_becomes_of_it(app, client, article, mei):
    reply = comment(article, "第一稿", user=mei)
    log_in(client, "梅子")
    edit(client, reply, "等着的一稿 " + "https://example.org/ " * 9)

    waiting = client.get("/account/replies").text
    app.test_cli_runner().invoke(args=["comments", "reject", f"{reply.id}.2"])
    rejected = client.get("/account/replies").text

    assert "改过的内容还在等人查看" in waiting and "等着的一稿" in waiting
    assert "改过的内容没有通过" in rejected and "等着的一稿" in rejected


def test_an_edit_that_was_rejected_leaves_the_old_text(app, client, other, article):
    reply = posted(client, body="第一稿")
    edit(client, reply, "看 " + "https://example.org/ " * 9)

    app.test_cli_runner().invoke(args=["comments", "reject", f"{reply.id}.2"])

    db.session.rollback()
    assert the_comment().body == "第一稿" and "example.org" not in other.get("/articles/hello").text
    assert edit(client, the_comment(), "第三稿").status_code == 303
    assert (the_comment().body, the_comment().version) == ("第三稿", 3)


def test_what_a_moderator_looked_at_is_what_is_published(app, client, other, article, choose):
    """F22: the writer changes a waiting reply between the look and the decision."""
    choose(comments_hold="all")
    reply = posted(client, body="看过的这一稿")
    edit(client, reply, "没看过的这一稿")

    stale = app.test_cli_runner().invoke(args=["comments", "publish", f"{reply.id}.1"])

    assert stale.exit_code == 1 and "改过" in stale.output
    assert the_comment().status is Status.PENDING
    fresh = app.test_cli_runner().invoke(args=["comments", "publish", f"{reply.id}.2"])
    assert fresh.exit_code == 0, fresh.output
    assert "没看过的这一稿" in other.get("/articles/hello").text
    assert other.get(f"/comments/{reply.id}/changes").status_code == 404  # the first text was never public


def test_a_token_of_another_browser_brings_the_form_back(client, other, article):
    reply = posted(client, body="第一稿")

    answer = client.post(f"/comments/{reply.id}/edit", data={"csrf_token": "x", "version": "1", "body": "第二稿"})

    assert answer.status_code == 422 and ">第二稿</textarea>" in answer.text.replace("\r\n", "")


def test_editing_has_a_limit_and_nothing_is_lost_by_it(client, article):
    reply = posted(client, body="第一稿")
    for number in range(30):
        assert edit(client, reply, f"第 {number} 次改").status_code == 303

    answer = edit(client, reply, "改得太勤的一稿")

    assert answer.status_code == 429 and "改得太勤的一稿" in answer.text and answer.headers["Retry-After"]


def test_a_text_that_came_too_late_goes_into_a_reply_of_its_own(client, article):
    reply = posted(client, body="第一稿")
    page = client.get(f"/comments/{reply.id}/edit")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "来不及改的一稿"}
    with later(minutes=61):
        late = client.post(f"/comments/{reply.id}/edit", data=form)
        assert 'formaction="/articles/hello/comments#write"' in late.text and "另写一条" in late.text
        over = client.post("/articles/hello/comments", data=form | {"preview": "1"})

    assert over.status_code == 200 and ">来不及改的一稿</textarea>" in over.text.replace("\r\n", "")


def test_lists_offer_no_change_of_a_reply_that_was_answered(client, article, mei):
    log_in(client, "梅子")
    answered = comment(article, "我先说。", user=mei)
    fresh = comment(article, "我再说。", user=mei)
    comment(article, "我来回应。", answered, nickname="南山")

    page = client.get("/account/replies").text

    assert f'href="/comments/{fresh.id}/edit"' in page
    assert f'href="/comments/{answered.id}/edit"' not in page
    assert f'href="/comments/{answered.id}/withdraw"' in page
