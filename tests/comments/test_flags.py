"""Reporting a reply."""

import pytest
from sqlalchemy import func, select

from blueprints.comments.models import Flag, FlagReason
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
