"""What went wrong elsewhere, tried here: the rows of the project's list of cases that concern replies."""

import pickle
import re
import socket

import pytest
from sqlalchemy import func, select

from blueprints.comments.models import Comment
from core.database import db
from core.jobs import work_once
from tests.builders import comment, hidden, log_in, reply_form, send_letters, the_comment

OTHERS_FORM = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}


def post(browser, **form):
    return browser.post("/articles/hello/comments", data=form)


def stored_count():
    return db.session.scalar(select(func.count()).select_from(Comment))


@pytest.mark.parametrize(("size", "status"), [(1_000_000, 422), (20_000_000, 413)])
def test_a_huge_body_is_refused_with_words_and_a_megabyte_comes_back(client, article, size, status):
    """T05, F16."""
    answer = post(client, **reply_form(client, body="a" * size))

    assert answer.status_code == status and stored_count() == 0
    assert ("a" * size in answer.text) is (status == 422)


def test_a_megabyte_in_every_other_field_is_refused_and_kept(client, article):
    """T06, S12."""
    for name in ("nickname", "email", "parent", "quote", "website", "captcha", "captcha_id", "proof"):
        answer = post(client, **reply_form(client, body="认真写的一段") | {name: "a" * 1_000_000})
        assert answer.status_code in (303, 422), name
        assert answer.status_code == 303 or "认真写的一段" in answer.text
    assert stored_count() <= 1


def test_nothing_is_fetched_and_nobody_is_connected_to(app, client, article, monkeypatch):
    """T12, T38, T43, S06: addresses in every field; even letters are files while there is no mail server."""
    called = []
    real = socket.socket.connect

    def connect(this, address):
        called.append(address)
        return real(this, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    body = "https://evil.example/a.png ![](https://evil.example/b) <https://evil.example/c> [d](https://evil.example/d)"
    post(client, **reply_form(client, nickname="https://evil.example", body=body, notify="y"))
    client.get("/articles/hello")
    while work_once("tests:1"):
        pass

    assert stored_count() == 1
    assert [
        address
        for address in called
        if "evil" in str(address) or (isinstance(address, tuple) and address[1] in (80, 443, 25))
    ] == []


def test_leaving_a_field_out_switches_no_check_off(client, other, article, mei):
    """T14: each parameter dropped once, on each form of replies."""
    full = reply_form(client, body="先有一条")
    reply_id = int(post(client, **full).location.rpartition("/")[2])
    for name in full:
        form = {key: value for key, value in (full | {"body": f"没有 {name}"}).items() if key != name}
        assert post(other, **form).status_code == 422, name
    for deed in ("edit", "withdraw", "report"):
        page = client.get(f"/comments/{reply_id}/{deed}")
        whole = {
            "csrf_token": hidden(page, "csrf_token"),
            "version": "1",
            "body": "改过",
            "reason": "abuse",
            "note": "",
        }
        needed = {
            "edit": ("csrf_token", "version", "body"),
            "withdraw": ("csrf_token",),
            "report": ("csrf_token", "reason"),
        }
        for name in needed[deed]:
            form = {key: value for key, value in whole.items() if key != name}
            assert client.post(f"/comments/{reply_id}/{deed}", data=form).status_code in (409, 422), (deed, name)
    assert stored_count() == 1 and the_comment().body == "先有一条"


@pytest.mark.parametrize(
    "address",
    [":a@example.com", "a;b@example.com", "a@b@example.com", '"a b"@example.com', "a@[127.0.0.1]", "<a@example.com>", "a,b@example.com", "a@example.com\nBcc: x@example.com", "@", "a@", ".a@example.com", "a@例子", "a" * 250 + "@example.com"],
)  # fmt: skip
def test_odd_addresses_are_refused_with_words_or_taken_as_they_are(client, article, address):
    """T25, S07."""
    answer = post(client, **reply_form(client, email=address, notify="y"))

    if answer.status_code == 303:
        assert all(letter["To"] == the_comment().email and "Bcc" not in letter for letter in send_letters())
    else:
        assert answer.status_code == 422 and 'id="email-error"' in answer.text


def test_no_public_answer_holds_address_network_or_hash_of_a_writer(client, other, article):
    """T31, S38."""
    post(client, **reply_form(client, notify="y"))
    reply = the_comment()
    secrets = [reply.email, str(reply.address_block).partition("/")[0], reply.writer_hash, reply.send_key, "nanshan@"]

    for path in ("/", "/articles/hello", f"/articles/hello?to={reply.id}", f"/articles/hello?to={reply.id}&cite=1", f"/comments/{reply.id}/report", f"/comments/{reply.id}/changes", "/mine"):  # fmt: skip
        answer = other.get(path, follow_redirects=True)
        assert not [secret for secret in secrets if secret in answer.text + str(answer.headers)], path


def test_after_every_odd_reply_the_pages_go_on(app, client, article):
    """T19, T34: whatever was accepted, article, list of what waits and front page still come."""
    bodies = ["%s" * 500, "{{7*7}}", "\u202e" * 300, "a" * 20_000, "👨‍👩‍👧" * 5000, "> " * 2000, "- " * 2000 + "x", "`" * 5000, "[" * 5000, "```\n" * 900]  # fmt: skip
    for number, body in enumerate(bodies):
        answer = client.post(
            "/articles/hello/comments",
            data=reply_form(client, body=body, website="x" if number % 2 else ""),
            environ_base={"REMOTE_ADDR": f"203.0.{number}.1"},
        )
        assert answer.status_code in (303, 422)

    assert client.get("/articles/hello").status_code == client.get("/").status_code == 200
    assert app.test_cli_runner().invoke(args=["comments", "pending"]).exit_code == 0


def test_a_form_sets_no_column_but_its_own(client, article):
    """T33, T47, S18."""
    more = {
        name: "1"
        for name in [column.name for column in Comment.__table__.columns]
        if name not in ("body", "nickname", "email", "notify", "quote")
    }
    post(client, **more | reply_form(client, created_at="1999-01-01", status="deleted", is_by_author="1", user_id="1"))

    stored = the_comment()
    assert (stored.floor, stored.version, stored.is_by_author, stored.user_id, stored.parent_id) == (
        1,
        1,
        False,
        None,
        None,
    )
    assert stored.created_at.year > 2000 and stored.edited_at is None


def test_what_was_removed_is_gone_from_every_view_and_its_answers_stay(app, client, other, article):
    """T48: the tombstone keeps the floor; counts, strips, previews and permalinks follow."""
    root = comment(article, "要移除的话", nickname="坏人")
    comment(article, "答坏人的好人", root, nickname="半夏", email="ban@example.com")
    app.test_cli_runner().invoke(args=["comments", "remove", str(root.id), "--reason", "广告"])

    for query in ("", "?sort=newest", "?sort=author", f"?to={root.id}", f"?to={root.id}&cite=1", "?from=2"):
        page = other.get(f"/articles/hello{query}").text
        assert "要移除的话" not in page and ">坏人<" not in page, query
    page = other.get("/articles/hello").text
    assert "答坏人的好人" in page and "( 1 )" in page
    assert post(other, **reply_form(other, parent=str(root.id))).status_code == 422
    assert other.get(f"/comments/{root.id}/report").status_code == 404


def test_a_foreign_page_cannot_use_a_moderators_session(client, other, article, lin):
    """T51, S28: not to post, not to edit, withdraw, report, stop letters or erase."""
    reply = comment(article, "林舟写的", user=lin)
    log_in(client, "林舟")
    token = hidden(client.get("/articles/hello"), "csrf_token")
    paths = ["/articles/hello/comments", *(f"/comments/{reply.id}/{deed}" for deed in ("edit", "withdraw", "restore", "report")), "/mine", "/mine/letters", "/mine/erase", "/mine/end", "/account/earlier-replies"]  # fmt: skip

    for path in paths:
        form = {"csrf_token": token, "body": "<b>冒用</b>", "version": "1", "reason": "abuse"}
        assert client.post(path, data=form, headers=OTHERS_FORM).status_code == 403, path
        assert client.post(path, data=form | {"csrf_token": "x"}).status_code in (403, 409, 422), path
    assert stored_count() == 1


@pytest.mark.parametrize("text", ["'; DROP TABLE comment; --", "%_\\", "\"'`", "\\x00", "${7*7}", "a\x00b", "\ud800"])
def test_special_characters_are_text_or_refused_and_never_a_fault(client, article, text):
    """T78, F18."""
    form = reply_form(client)
    for name in ("nickname", "email", "body", "parent", "quote", "stamp"):
        data = {**form, name: text.encode("utf-8", "surrogatepass")}
        assert client.post("/articles/hello/comments", data=data).status_code in (303, 422)
        assert client.get(
            "/articles/hello", query_string={name: text.encode("utf-8", "surrogatepass")}
        ).status_code in (200, 404)


def test_nothing_is_unpickled(client, article, monkeypatch):
    """T85."""
    monkeypatch.setattr(pickle, "loads", lambda *_anything: pytest.fail("pickle"))
    post(client, **reply_form(client))

    assert client.get("/articles/hello").status_code == 200


@pytest.mark.parametrize("body", [b"--b\r\n\r\n" * 20_000, b"\r\n" * 100_000, b"--b" + b"\n" * 200_000, b"--b\r\nContent-Disposition: form-data; name=body\r\n\r\n" + b"\r" * 100_000])  # fmt: skip
def test_endless_parts_end(client, article, body):
    """T86."""
    answer = client.post("/articles/hello/comments", data=body, content_type="multipart/form-data; boundary=b")

    assert answer.status_code in (413, 422) and stored_count() == 0


def test_names_neither_flip_nor_cover_their_neighbours(client, article):
    """T94: in a name such signs are refused; in a text they stay inside its own element."""
    for name in ("\u202e倒着", "零\u200b宽", "a" + "\u0301" * 30):
        assert post(client, **reply_form(client, nickname=name)).status_code == 422
    post(client, **reply_form(client, body="\u202e倒着的正文"))

    page = client.get("/articles/hello").text
    assert re.search(r'<div class="prose comment__body"[^>]*><p>\u202e倒着的正文</p>', page)


def test_marks_without_end_are_refused_and_stop_nobody(client, article):
    """T94, S09: they are sorted in quadratic time wherever a text is normalized."""
    marks = "\u0301\u0323" * 49_000

    assert post(client, **reply_form(client, nickname="a" + marks)).status_code == 422
    for body in ("ab" + marks, "好。" + "\u0301" * 31):
        answer = post(client, **reply_form(client, body=body))
        assert answer.status_code == 422 and "有的字上叠了太多符号" in answer.text
    assert post(client, **reply_form(client, body="好。" + "\u0301" * 30)).status_code == 303


def test_twenty_thousand_fields_and_nested_forms_are_no_fault(client, article):
    """T100."""
    many = {f"field{number}": "x" for number in range(20_000)}

    assert client.post("/articles/hello/comments", data=many).status_code == 413
    assert (
        client.post("/articles/hello/comments", data="[" * 10_000, content_type="application/json").status_code == 422
    )
