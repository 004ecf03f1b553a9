"""Reporting a reply."""

import pytest
from sqlalchemy import func, select

from blueprints.comments.deciding import settle_flags
from blueprints.comments.models import Flag, FlagReason
from blueprints.comments.visibility import remove
from core.database import db
from tests.builders import comment, hidden, log_in


def report(browser, reply_id, address="127.0.0.1", **form):
    page = browser.get(f"/comments/{reply_id}/report")
    data = {"csrf_token": hidden(page, "csrf_token"), "reason": "advertising", "note": ""} | form
    return browser.post(f"/comments/{reply_id}/report", data=data, environ_base={"REMOTE_ADDR": address})


def flag_count():
    return db.session.scalar(select(func.count()).select_from(Flag))


def test_a_report_is_taken_with_thanks_and_the_owner_finds_it(app, client, article):
    reply_id = comment(article, "买表请加微信").id

    answer = report(client, reply_id, note="到处贴")

    assert answer.status_code == 303
    assert "已收到举报，谢谢。" in client.get(answer.location, follow_redirects=True).text
    flag = db.session.scalars(select(Flag)).one()
    assert (flag.reason, flag.note, flag.user_id) == (FlagReason.ADVERTISING, "到处贴", None)
    listed = app.test_cli_runner().invoke(args=["comments", "flags"]).output
    assert f"{reply_id}  广告  到处贴  买表请加微信" in listed


def test_one_reader_reports_a_reply_once_another_reader_too(client, other, article, mei):
    reply_id = comment(article).id
    log_in(other, "梅子")

    report(client, reply_id)
    report(client, reply_id, reason="abuse")
    report(other, reply_id)
    report(client, reply_id, address="203.0.113.9")

    assert flag_count() == 3


def test_a_reason_is_asked_for_and_what_was_added_is_kept(client, article):
    reply_id = comment(article).id

    for wrong in ({"reason": ""}, {"reason": "x"}, {"note": "长" * 501}):
        answer = report(client, reply_id, **({"note": "说了很多"} | wrong))
        assert answer.status_code == 422
        assert wrong.get("note", "说了很多") in answer.text
    assert flag_count() == 0


def test_reports_have_a_limit_for_each_network(client, article):
    ids = [comment(article, f"第 {number} 条").id for number in range(11)]

    codes = [report(client, reply_id).status_code for reply_id in ids]

    assert codes == [303] * 10 + [429]


@pytest.mark.parametrize("held", [True, False])
def test_what_is_not_public_cannot_be_reported(client, article, held):
    reply = comment(article, held=held)
    article.withdrawn_at = reply.created_at if not held else None
    reply_id = reply.id
    db.session.commit()

    assert client.get(f"/comments/{reply_id}/report").status_code == (404 if held else 410)
    assert client.post(f"/comments/{reply_id}/report").status_code == (404 if held else 410)


def test_what_was_added_to_a_report_comes_back_where_the_reply_was_taken_down_meanwhile(client, article):
    reply = comment(article)
    token = hidden(client.get(f"/comments/{reply.id}/report"), "csrf_token")
    remove(reply, "离题")
    db.session.commit()

    form = {"csrf_token": token, "reason": "abuse", "note": "第三段是在骂人。"}
    answer = client.post(f"/comments/{reply.id}/report", data=form)

    assert answer.status_code == 404
    assert "第三段是在骂人。" in answer.text and ">abuse<" not in answer.text.replace("\n", "")


def test_a_report_that_was_seen_stands_again_when_its_reader_reports_once_more(client, article):
    reply_id = comment(article).id
    report(client, reply_id, note="第一次")
    settle_flags([reply_id])
    db.session.commit()

    assert report(client, reply_id, reason="abuse", note="改过以后更糟了").status_code == 303

    flag = db.session.scalars(select(Flag)).one()
    assert (flag.reason, flag.note, flag.settled_at) == (FlagReason.ABUSE, "改过以后更糟了", None)


def test_what_another_reader_of_the_network_adds_stands_beside_the_first_report(client, other, article):
    reply_id = comment(article).id

    for browser, note in ((client, "到处贴"), (client, "到处贴"), (other, ""), (other, "我也看到了")):
        assert report(browser, reply_id, note=note).status_code == 303

    assert db.session.scalars(select(Flag.note)).one() == "到处贴\n\n我也看到了"


def test_more_than_a_moderator_is_shown_is_told_and_kept_on_the_page(client, article):
    reply_id = comment(article).id
    report(client, reply_id, note="长" * 490)

    answer = report(client, reply_id, note="第三段是在骂人，请看一下")

    assert answer.status_code == 409
    assert "第三段是在骂人，请看一下" in answer.text and "管理员还没看" in answer.text
    assert db.session.scalars(select(Flag.note)).one() == "长" * 490
