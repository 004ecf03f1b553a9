"""What is typed comes back, code point by code point: through every form that is shown again, and through the page."""

import html
import re
from urllib.parse import urlencode

import html5lib
import pytest
from sqlalchemy import func, select, update

from blueprints.comments.models import Comment
from core import clock
from core.database import db
from core.markup import render_comment
from core.text import has_endless_marks, has_unprintable, length, one_kind_of_newline
from tests import builders
from tests.builders import PASSWORD, hidden, log_in, many_comments, the_comment
from tests.comments.naughty import NAUGHTY

UNLIMITED = {f"comments_{name}": 100_000 for name in ("per_minute", "per_10_minutes", "flood_per_minute")}
HTML = "{http://www.w3.org/1999/xhtml}"
BREAKS_IN_HTML = re.compile(r"[ \t\n\f\r]+")  # what a page shows as one blank


def is_text(text):
    """Tell whether a browser could send it: no half characters."""
    return text == text.encode("utf-8", "replace").decode()


TEXTS = {name: text for name, text in NAUGHTY if is_text(text)}
NO_TEXTS = [text.encode("utf-8", "surrogatepass") for _name, text in NAUGHTY if not is_text(text)]
NO_TEXTS += [
    "汉字".encode("gbk"),
    "汉字".encode("utf-16"),
    "汉字".encode()[:5],
    b"\xc0\xaf",
    b"\xf8\x88\x80\x80\x80",
    b"\xff\xff",
]


def send(browser, path, **form):
    """Post a form; a value may be bytes. A field called Origin is a header."""
    headers = {"Origin": form.pop("Origin")} if "Origin" in form else {}
    return browser.post(path, data=urlencode(form), content_type="application/x-www-form-urlencoded", headers=headers)


def typed(text):
    """Return what a form holds that was filled with this text: HTML has one kind of line break and no NUL."""
    return one_kind_of_newline(text).replace("\x00", "\ufffd")


def in_textarea(page):
    """Return what a browser reads from the page's one text field (the first line break after the tag is not part of it)."""
    (element,) = re.findall(r"<textarea.*?</textarea>", page.text, re.DOTALL | re.IGNORECASE)
    (field,) = html5lib.parseFragment(element)
    return field.text or ""


def in_hidden_field(page):
    (element,) = re.findall(r'<input type="hidden" name="body"[^>]*>', page.text)
    (field,) = html5lib.parseFragment(element)
    return one_kind_of_newline(field.get("value"))


# Forms that come back: where each is sent, what it holds beside the text, and the status of the page: one line joins one.
GUEST = {"nickname": "南山", "email": "a@example.com"}
WAYS_BACK = {
    "preview": ("/articles/hello/comments", {"preview": "1"}, {200, 422}),
    "refused nickname": ("/articles/hello/comments", GUEST | {"nickname": "沈未", "stamp": "{stamp}"}, {422}),
    "old form": ("/articles/hello/comments", GUEST | {"stamp": "1.x"}, {422}),
    "ended session": ("/articles/hello/comments", {"csrf_token": "x"}, {403}),
    "closed replies": ("/articles/closed/comments", {"stamp": "{stamp}"}, {409}),
    "withdrawn article": ("/articles/gone/comments", {"stamp": "{stamp}"}, {410}),
    "wrong address": ("/articles/hello", {"stamp": "{stamp}"}, {405}),
    "article that never was": ("/articles/nowhere/comments", {"stamp": "{stamp}"}, {404}),
    "foreign page": ("/articles/hello/comments", {"Origin": "https://other.example"}, {403}),
    "edit, old form": ("/comments/{own}/edit", {}, {422}),
    "edit, preview": ("/comments/{own}/edit", {"csrf_token": "{token}", "preview": "1"}, {200, 422}),
    "edit, changed elsewhere": ("/comments/{own}/edit", {"csrf_token": "{token}", "version": "77"}, {409, 422}),
    "report": ("/comments/{own}/report", {}, {422}),
}


@pytest.fixture
def articles(app, article):
    builders.article("closed", comments_open=False)
    builders.article("gone").withdrawn_at = clock.now()
    db.session.commit()


@pytest.fixture
def guards(client, articles):
    """What the forms carry of a guest who has written one reply."""
    stamp = hidden(client.get("/articles/hello"), "stamp")
    send(client, "/articles/hello/comments", **GUEST, body="第一稿", stamp=stamp)
    own = the_comment().id
    return {"stamp": stamp, "own": own, "token": hidden(client.get(f"/comments/{own}/edit"), "csrf_token")}


def assert_all_same(found):
    """Compare texts, each (name, expected, got), and name all that differ, as short as can be read."""
    differ = [f"{name}: {wanted[:80]!a} became {got[:80]!a}" for name, wanted, got in found if got != wanted]
    assert not differ, f"{len(differ)} differ\n" + "\n".join(differ)


def together():
    """Return all texts as few: alone where the beginning, the end or the length matters, the others in two, printable or not."""
    alone = {name: text for name, text in TEXTS.items() if text.strip("\r\n") != text or len(text) >= Comment.BODY_MAX}
    rest = [text for name, text in TEXTS.items() if name not in alone and not name.startswith("long")]
    fine, refused = ("\n※\n".join(one for one in rest if is_odd(one) is bad) for bad in (False, True))
    assert not may_be_refused(fine)
    return [*alone.items(), ("fine", fine), ("refused", refused)]


@pytest.mark.parametrize("way", WAYS_BACK)
def test_a_form_that_comes_back_holds_what_was_typed(client, guards, way):
    address, fields, statuses = WAYS_BACK[way]
    form = {name: value.format(**guards) for name, value in fields.items()}
    field = "note" if way == "report" else "body"
    back = []
    for name, text in together():
        answer = send(client, address.format(**guards), **form | {field: text})
        assert answer.status_code in statuses, name
        back.append((name, typed(text), in_textarea(answer)))

    assert_all_same(back)


def test_a_text_carried_to_the_log_in_is_whole(client, article):
    carried = {name: send(client, "/login", carry="hello", body=text, parent="") for name, text in together()}

    assert_all_same((name, typed(text), in_hidden_field(carried[name])) for name, text in together())


def test_a_text_carried_through_the_log_in_stands_in_the_form_again(app, article, mei):
    back = []
    for name, text in together():
        browser = app.test_client()
        page = send(browser, "/login", carry="hello", body=text, parent="")
        form = {field: html.unescape(hidden(page, field)) for field in ("csrf_token", "carry", "parent")}
        person = {"username": "梅子", "password": PASSWORD}
        again = send(browser, "/login", **form, **person, body=as_sent(in_hidden_field(page)))
        back.append((name, typed(text), in_textarea(again)))

    assert_all_same(back)


def test_a_text_is_edited_and_saved_as_it_was_typed(client, article, choose):
    """T15: post, page, edit, save, and the same again."""
    choose(**UNLIMITED)
    stamp, saved = hidden(client.get("/articles/hello"), "stamp"), []
    for name, text in together():
        if not may_be_refused(text):
            posted = send(client, "/articles/hello/comments", **GUEST | {"nickname": name}, body=text, stamp=stamp)
            first = saved_again(client, posted.location, "另一稿")
            saved.append((name, one_kind_of_newline(text), first))
            assert saved_again(client, posted.location, as_sent(first)) == "另一稿", name

    assert_all_same(saved)
    stored = dict(db.session.execute(select(Comment.nickname, Comment.body)).all())
    assert_all_same((name, text, stored[name]) for name, text, _got in saved)


def saved_again(browser, location, text):
    """Save another text of a reply, and return the one that stood in the field."""
    page = browser.get(f"{location}/edit")
    form = {field: hidden(page, field) for field in ("csrf_token", "version")}
    assert send(browser, f"{location}/edit", **form, body=text).status_code == 303
    return in_textarea(page)


def as_sent(text):
    """Return what a browser sends for the text of a field (WHATWG, form submission: line breaks become CR LF)."""
    return text.replace("\n", "\r\n")


def post_all(browser, choose):
    """Post every text, each under a name of its own; return the answers by name."""
    choose(**UNLIMITED)
    stamp = hidden(browser.get("/articles/hello"), "stamp")
    form = {"email": "a@example.com", "stamp": stamp}
    return {
        name: send(browser, "/articles/hello/comments", nickname=name, body=text, **form)
        for name, text in sorted(
            TEXTS.items(), key=lambda one: not may_be_refused(one[1])
        )  # first while pages are short
    }


def test_every_text_is_stored_as_typed_or_refused_with_words_and_kept(client, article, choose):
    """T15, F18."""
    assert len(NAUGHTY) >= 200

    answers = post_all(client, choose)

    stored = dict(db.session.execute(select(Comment.nickname, Comment.body)).all())
    assert_all_same((name, one_kind_of_newline(TEXTS[name]), stored[name]) for name in stored)
    refused = {name: answers[name] for name in TEXTS.keys() - stored.keys()}
    assert {answers[name].status_code for name in stored} == {303}
    assert {answer.status_code for answer in refused.values()} == {422}
    assert all('id="body-error"' in answer.text for answer in refused.values())
    assert_all_same((name, typed(TEXTS[name]), in_textarea(answer)) for name, answer in refused.items())
    assert set(refused) == {name for name, text in TEXTS.items() if may_be_refused(text)}


@pytest.mark.parametrize("sent", NO_TEXTS, ids=ascii)
def test_bytes_that_are_no_text_are_refused_and_never_stored_as_others(client, article, sent):
    form = {"nickname": "南山", "email": "a@example.com", "stamp": hidden(client.get("/articles/hello"), "stamp")}

    answers = [
        send(client, "/articles/hello/comments", **form | {"body": "前面写的".encode() + sent}),
        send(client, "/articles/hello/comments", **form | {"body": "前面写的", "nickname": sent}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("前面写的" in in_textarea(answer) for answer in answers)
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 0


def may_be_refused(text):
    """Only what cannot be printed or has marks piled without end, is hardly anything, or is longer than a reply may be."""
    is_long = length(text) > Comment.BODY_MAX or len(text) > Comment.CODE_POINTS_MAX
    return is_odd(typed(text)) or length(text.strip()) < Comment.BODY_MIN or is_long


def is_odd(text):
    return has_unprintable(text) or has_endless_marks(text)


def test_the_page_shows_what_was_typed(client, article):
    place_all(article)
    wanted = db.session.execute(select(Comment.id, Comment.nickname, Comment.body)).all()

    shown = texts_shown(client)

    assert shown.keys() == {row.id for row in wanted}
    plain = [
        (row.nickname, on_a_page(row.body), shown[row.id]) for row in wanted if not row.nickname.startswith("markdown")
    ]
    assert_all_same(plain)


def test_what_is_taken_away_is_what_was_typed(client, article, mei):
    place_all(article)
    db.session.execute(update(Comment).values(user_id=mei.id))
    db.session.commit()
    log_in(client, "梅子")
    wanted = list(db.session.scalars(select(Comment.body).order_by(Comment.id)))

    data = client.get("/account/download.json").get_json()
    page = html5lib.parse(client.get("/account/download.html").text)

    assert [reply["body"] for reply in data["replies"]] == wanted
    assert ["".join(element.itertext()) for element in page.iter(HTML + "pre")] == wanted


def place_all(article):
    """Store every text that is taken, each under a name of its own, as posting does."""
    texts = [(name, one_kind_of_newline(text)) for name, text in TEXTS.items() if not may_be_refused(text)]
    many_comments(article, len(texts))
    rows = db.session.scalars(select(Comment).order_by(Comment.floor))
    for row, (name, text) in zip(rows, texts, strict=True):
        row.nickname, row.body, row.body_html = name, text, render_comment(text)
    db.session.commit()


def on_a_page(text):
    return BREAKS_IN_HTML.sub(" ", text).strip(" ")


def texts_shown(browser):
    """Return the text of every reply by its id, read from all pages of the article."""
    found, address = {}, "/articles/hello"
    while address:
        page = browser.get(address)
        for element in html5lib.parse(page.text).iter(HTML + "article"):
            body = element.find(f"{HTML}div[@class='prose comment__body']")
            if body is not None:
                for line_break in body.iter(HTML + "br"):
                    line_break.text = "\n"
                found[int(element.get("id").removeprefix("comment-"))] = on_a_page("".join(body.itertext()))
        further = re.findall(r'href="(/articles/hello\?from=\d+)#replies"', page.text)
        address = html.unescape(further[-1]) if further else ""
    return found
