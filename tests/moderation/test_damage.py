"""Poisoned rows: whatever stands in a column, every list of the desk is there and shows the row as damaged."""

import contextlib
import re
import sqlite3
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.moderation.decisions import Sitting, decide
from blueprints.moderation.models import Act, Decision, Seen
from blueprints.moderation.queue_queries import STATES
from core.database import db
from tests.builders import comment

ON_BOTH = {
    "a state that is none": "status = 'mystery'",
    "an empty state": "status = ''",
    "an early state": "status = 'aaa'",
    "a late state": "status = 'zzz'",
    "version 0": "version = 0",
    "odd findings": """findings = '{"not": "a list"}'""",
    "findings of numbers": "findings = '[1, 2]'",
    "a megabyte": "body = '{long}'",
    "a hostile name": "nickname = '<script>alert(1)</script>'",
    "a hostile address": "email = '\"><img src=x>', address_block = '<b>x</b>'",
    "hostile HTML": "body_html = '<img src=x onerror=alert(1)><a href=\"javascript:alert(1)\">x</a>'",
    "odd reasons": """held_reason = 'mystery', findings = '[{"check": 7, "points": "many"}, {}]'""",
}
ON_SQLITE = {
    "no article": "article_id = 999999",
    "no parent": "parent_id = 999999",
    "nobody's": "user_id = 999999",
    "a moment that is none": "created_at = 'gestern'",
    "bytes for a text": "body = x'ff00fe', body_html = x'ff', nickname = x'80'",
    "words for numbers": "version = 'x', floor = 'y', family = 'z', user_id = 'w'",
    "findings that are no JSON": "findings = '{'",
    "a number for a text": "nickname = 7, body = 3.5",
}
IS_ONLY_ODD = (
    "a megabyte",
    "a hostile name",
    "a hostile address",
    "hostile HTML",
    "odd reasons",
    "a number for a text",
)


EDITS_ON_BOTH = ["odd findings", "findings of numbers"]
EDITS_ON_SQLITE = {
    "a moment that is none": "created_at = 'gestern'",
    "bytes for a text": "body = x'ff00fe', body_html = x'ff'",
    "a text that is none": "body = CAST(x'ff' AS TEXT)",
    "a word for its number": "number = 'x'",
    "findings that are no JSON": "findings = '{'",
}


def poison(reply: Comment | CommentVersion, what: str) -> None:
    """Write something into the row that the site never would."""
    table, what = reply.__tablename__, what.replace("{long}", "长" * 350_000)
    statement = f"UPDATE {table} SET {what} WHERE id = {reply.id}"
    db.session.commit()
    if db.engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(str(db.engine.url.database))) as connection:  # keeps no foreign keys
            connection.execute(statement)
            connection.commit()
    else:
        with db.engine.begin() as transaction:
            transaction.exec_driver_sql(statement.replace("%", "%%"))
    db.session.expire_all()


@pytest.mark.parametrize("kind", [*ON_BOTH, *ON_SQLITE])
def test_every_list_is_there_and_the_row_can_be_removed(desk, article, kind):
    """T19, T35, T41, T58, F27: no row, however odd, hides another or runs as script."""
    if kind in ON_SQLITE and db.engine.dialect.name != "sqlite":
        with contextlib.suppress(DBAPIError):  # this database refuses it, or makes a text of it
            poison(comment(article, held=True), ON_SQLITE[kind])
        assert desk.get("/moderation").text.count('class="comment case') == 1
        return
    broken, sound = (
        comment(article, "要坏的一条。", held=True, nickname="坏"),
        comment(article, "好的一条。", held=True),
    )
    broken_id, sound_id = broken.id, sound.id
    poison(broken, ON_BOTH.get(kind) or ON_SQLITE[kind])

    for which in STATES:
        assert desk.get(f"/moderation?which={which}").status_code == 200
    page = desk.get("/moderation").text + desk.get(f"/moderation?from={sound_id}").text
    assert f"编号 {broken_id}" in page and f"编号 {sound_id}" in page and "好的一条。" in page
    assert "<script>alert" not in page and "<img src=x" not in page and "<b>x</b>" not in page
    assert 'href="javascript:' not in page
    case = desk.get(f"/moderation/comments/{broken_id}")
    assert case.status_code == 200 and ("这一行坏了" in case.text) == (kind not in IS_ONLY_ODD)

    [form] = [
        one
        for one in re.findall(r"<form.*?</form>", case.text, re.DOTALL)
        if 'value="spam"' in one or "移除坏掉" in one
    ]
    sent = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}
    answer = desk.post(f"/moderation/comments/{broken_id}", data=sent | {"act": "remove"})

    assert answer.status_code == 303
    assert db.session.scalar(select(Comment.status).where(Comment.id == broken_id)) is Status.REJECTED
    after = desk.get("/moderation")
    assert f"编号 {broken_id}<" not in after.text and "好的一条。" in after.text
    assert desk.get("/moderation/log").status_code == 200
    assert desk.get("/moderation?which=rejected").status_code == 200


def test_removing_a_damaged_row_stands_in_the_log_and_is_not_undone(desk, article):
    broken = comment(article, "要坏的一条。", held=True)
    broken_id = broken.id
    poison(broken, "status = 'mystery'")
    case = desk.get(f"/moderation/comments/{broken_id}").text
    token = re.findall(r'name="csrf_token" value="([^"]*)"><input type="hidden" name="text"', case)[0]

    sent = {"csrf_token": token, "seen": "damaged", "text": f"{broken_id}.1", "act": "remove"}
    desk.post(f"/moderation/comments/{broken_id}", data=sent)

    line = db.session.scalars(select(Decision)).one()
    assert (line.act, line.comment_id, line.before) == (Act.REMOVE, broken_id, {"damaged": ["status"]})
    assert "/moderation/undo/" not in desk.get("/moderation/log").text
    assert desk.post(f"/moderation/comments/{broken_id}", data=sent).status_code == 409
    assert desk.get("/moderation").status_code == 200


def test_readers_do_not_meet_a_row_in_a_state_that_is_none(client, article):
    """F27: the page goes on without it."""
    broken, sound = comment(article, "要坏的一条。"), comment(article, "好的一条。")
    poison(broken, ON_BOTH["a state that is none"])

    page = client.get("/articles/hello")

    assert page.status_code == 200
    assert sound.body in page.text and "要坏的一条。" not in page.text


def tokens_of(page) -> str:
    """Return what guards the form with the buttons that decide."""
    [form] = [one for one in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if 'value="spam"' in one]
    return str(re.findall(r'name="csrf_token" value="([^"]*)"', form)[0])


@pytest.mark.parametrize("kind", [*ON_BOTH, *ON_SQLITE])
def test_a_damaged_row_stands_in_no_other_doors_way(desk, article, kind):
    """F27: a word is tried, a flood is cleared, and the reply's own address says nothing worse than that it is not there."""
    flood = [comment(article, f"代开发票 {number}", held=True, nickname=f"王{number}") for number in range(3)]
    for one in flood:
        one.family = 77
    public = comment(article, "公开的一条。")
    ids = [one.id for one in flood]
    broken = [flood[0].id, public.id]
    for one, floor in ((flood[0], "'y'"), (public, "'yy'")):
        with contextlib.suppress(DBAPIError):  # PostgreSQL refuses some of it
            poison(one, (ON_BOTH.get(kind) or ON_SQLITE[kind]).replace("'y'", floor))

    page = desk.get("/moderation/words").text
    token = re.findall(
        r'action="/moderation/words" novalidate>\s*<input type="hidden" name="csrf_token" value="([^"]*)"', page
    )[0]
    tried = desk.post("/moderation/words", data={"csrf_token": token, "words": "代开发票", "act": "try"})
    assert tried.status_code == 200 and f"/moderation/comments/{ids[2]}" in tried.text

    for number in broken:
        assert desk.get(f"/comments/{number}").status_code in (302, 404)
        assert desk.get(f"/comments/{number}/next-by-author").status_code == 404

    asked = desk.get(f"/moderation/selected?family=77:{ids[-1]}&act=spam")
    sent = {"csrf_token": tokens_of(asked), "act": "spam", "family": f"77:{ids[-1]}"}
    assert asked.status_code == 200
    assert desk.post("/moderation/selected", data=sent).status_code == 303
    rest = select(Comment.status).where(Comment.id.in_(ids[1:]))
    assert set(db.session.scalars(rest)) == {Status.SPAM}


@pytest.mark.parametrize("kind", ["version 0", "odd findings"])
def test_a_damaged_public_row_counts_no_longer_once_it_is_removed(desk, article, kind):
    broken, _sound = comment(article, "要坏的一条。"), comment(article, "好的一条。")
    broken_id = broken.id
    poison(broken, ON_BOTH[kind])
    page = desk.get(f"/moderation/comments/{broken_id}").text
    token = re.findall(r'name="csrf_token" value="([^"]*)"><input type="hidden" name="text"', page)[0]
    sent = {"csrf_token": token, "seen": "damaged", "text": f"{broken_id}.1", "act": "remove"}

    assert desk.post(f"/moderation/comments/{broken_id}", data=sent).status_code == 303
    assert desk.post(f"/moderation/comments/{broken_id}", data=sent).status_code == 409

    db.session.refresh(article)
    assert article.comment_count == 1


@pytest.mark.parametrize("kind", [*EDITS_ON_BOTH, *EDITS_ON_SQLITE])
def test_a_damaged_changed_text_is_shown_as_such_and_can_be_removed(desk, article, kind):
    """F27: readers go on reading the text before, and it can be decided about."""
    if kind in EDITS_ON_SQLITE and db.engine.dialect.name != "sqlite":
        return  # this database refuses it
    reply = comment(article, "公开的内容。")
    reply_id, edit = (
        reply.id,
        CommentVersion(comment_id=reply.id, number=2, body="改过的。", body_html="<p>改过的。</p>"),
    )
    edit.status = Status.PENDING
    db.session.add(edit)
    db.session.flush()
    poison(edit, ON_BOTH.get(kind) or EDITS_ON_SQLITE[kind])
    case = desk.get(f"/moderation/comments/{reply_id}")
    assert "这一行坏了" in desk.get("/moderation?which=edits").text and "这一行坏了" in case.text

    [form] = [one for one in re.findall(r"<form.*?</form>", case.text, re.DOTALL) if "移除坏掉" in one]
    sent = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}
    assert desk.post(f"/moderation/comments/{reply_id}", data=sent | {"act": "remove"}).status_code == 303

    assert f"编号 {reply_id}<" not in desk.get("/moderation?which=edits").text
    assert db.session.scalars(select(CommentVersion.status)).all() == [Status.REJECTED]
    assert db.session.scalars(select(CommentVersion)).one().number == 2
    assert desk.post(f"/moderation/comments/{reply_id}", data=sent | {"act": "remove"}).status_code == 409
    assert (db.session.get_one(Comment, reply_id).status, article.comment_count) == (Status.PUBLISHED, 1)


@pytest.mark.parametrize("kind", EDITS_ON_SQLITE)
def test_beside_a_damaged_changed_text_the_public_one_is_decided_about(desk, article, lin, kind):
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL refuses it
    reply = comment(article, "公开的内容。")
    edit = CommentVersion(
        comment_id=reply.id, number=2, body="改过的。", body_html="<p>改过的。</p>", status=Status.PENDING
    )
    db.session.add(edit)
    db.session.flush()
    poison(edit, EDITS_ON_SQLITE[kind])

    assert desk.get(f"/moderation/selected?pick={reply.id}.1:published").status_code == 200
    decide("spam", Seen(reply.id, 1, Status.PUBLISHED), Sitting(lin))

    assert reply.status is Status.SPAM
