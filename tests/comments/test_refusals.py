"""Every way a reply can be refused: nothing typed is lost."""

import html

import pytest
from sqlalchemy import func, select

from blueprints.comments.models import Comment, Status
from core import clock
from core.database import db
from tests import builders
from tests.auth.test_second_factor import code_of, set_up
from tests.builders import PASSWORD, comment, hidden, log_in, reply_form, the_comment
from tests.moments import later


def post(browser, slug="hello", **form):
    return browser.post(f"/articles/{slug}/comments", data=form)


def stored_count():
    return db.session.scalar(select(func.count()).select_from(Comment))


WRONG = {
    "nickname": ["", "   ", "长" * 41, "a\u202eb", "a\u200bb", "a\x00b", "x" + "\u0301" * 12],
    "email": [
        "",
        "no-at",
        "a@b",
        "a@@example.com",
        "中文@example.com",
        "a" * 300 + "@example.com",
        "a\x00@example.com",
        "a b@example.com",
    ],
    "body": ["", " \n ", "一", "有\x00空字符", "有\x1b控制符", "坏的\ufffd字"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_a_wrong_field_is_shown_with_words_and_everything_typed(client, article, field, value):
    form = reply_form(client, body="很长很认真的一段回复") | {field: value}

    answer = post(client, **form)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text and f'href="#{field}"' in answer.text
    assert answer.text.count("<title>错误：") == 1
    for name, kept in form.items():
        if name != field and name != "stamp":
            assert kept in answer.text
    assert stored_count() == 0


def test_too_long_a_reply_says_by_how_much_and_keeps_it(client, article):
    text = "长" * (Comment.BODY_MAX + 320)

    answer = post(client, **reply_form(client, body=text))

    assert answer.status_code == 422
    assert "超出 320 字" in answer.text
    assert text in answer.text


def test_length_is_counted_as_a_reader_sees_it(client, article):
    families = "👨‍👩‍👧‍👦" * 3000

    assert post(client, **reply_form(client, body=families)).status_code == 303
    assert the_comment().body == families


def test_a_megabyte_comes_back_whole_and_three_are_refused(client, article):
    megabyte = "字" * 110_000  # 990 kB once it is percent-encoded

    kept = post(client, **reply_form(client, body=megabyte))
    refused = post(client, **reply_form(client, body="a" * 3_000_000))

    assert (kept.status_code, refused.status_code) == (422, 413)
    assert megabyte in kept.text


@pytest.mark.parametrize("stamp", ["", "x", "1.abc", "99999999999999999999.abc", "-1.abc", "٣.abc", "1" * 5000])
def test_a_form_without_a_good_stamp_comes_back_and_works_when_sent_again(client, article, stamp):
    answer = post(client, **reply_form(client, body="页面开了三天") | {"stamp": stamp})

    assert answer.status_code == 422
    assert "页面放得太久了" in answer.text and "页面开了三天" in answer.text
    assert post(client, **reply_form(client, body="页面开了三天", stamp=hidden(answer, "stamp"))).status_code == 303


def test_a_stamp_lasts_two_days_and_belongs_to_its_article(client, article):
    builders.article("second")
    form = reply_form(client)

    assert post(client, slug="second", **form).status_code == 422
    with later(hours=41):
        assert post(client, **form).status_code == 303
    with later(hours=60):
        assert post(client, **form | {"body": "晚了"}).status_code == 422


def test_replies_closed_meanwhile_keep_the_text(client, article):
    form = reply_form(client, body="写了一半关门了")
    article.comments_open = False
    db.session.commit()

    answer = post(client, **form)

    assert answer.status_code == 409
    assert "刚刚关闭了回复" in answer.text and "写了一半关门了" in answer.text
    assert stored_count() == 0


def test_an_article_withdrawn_meanwhile_keeps_the_text(client, article):
    form = reply_form(client, body="写了一半文章没了")
    article.withdrawn_at = clock.now()
    db.session.commit()

    answer = post(client, **form)

    assert answer.status_code == 410
    assert "写了一半文章没了" in answer.text


def test_whoever_was_logged_out_meanwhile_keeps_the_text_and_may_go_on_as_a_guest(client, article, mei):
    log_in(client, "梅子")
    page = client.get("/articles/hello")
    client.delete_cookie("session")

    answer = post(client, body="登录过期时写的", csrf_token=hidden(page, "csrf_token"))

    assert answer.status_code == 403
    assert "登录过期了" in answer.text and "登录过期时写的" in answer.text
    assert 'name="nickname"' in answer.text
    form = reply_form(client, body="登录过期时写的", stamp=hidden(answer, "stamp"))
    assert post(client, **form).status_code == 303


@pytest.mark.parametrize("parent", ["0", "-1", "999999", "99999999999999999999", "abc", "1 OR 1=1", "²"])
def test_a_target_that_is_not_there_keeps_the_text(client, article, parent):
    answer = post(client, **reply_form(client, body="答的那条没了", parent=parent))

    assert answer.status_code == 422
    assert "已经不在了" in answer.text and "答的那条没了" in answer.text
    assert stored_count() == 0
    again = reply_form(client, body="答的那条没了", parent=hidden(answer, "parent"))
    assert post(client, **again).status_code == 303


def test_a_target_under_another_article_is_refused(client, article):
    elsewhere = comment(builders.article("second"))

    assert post(client, **reply_form(client, parent=str(elsewhere.id), body="走错门")).status_code == 422


@pytest.mark.parametrize("name", ["梅子", "梅 子", "沈未", "管理员", "Αdmin", "ａdmin", "admin"])
def test_a_guest_cannot_take_a_name_of_the_house_or_one_that_looks_like_it(client, article, mei, name):
    answer = post(client, **reply_form(client, nickname=name, body="冒名的"))

    assert answer.status_code == 422
    assert 'id="nickname-error"' in answer.text and "冒名的" in answer.text


def test_an_accounts_address_typed_by_a_guest_changes_nothing_that_is_seen(client, other, article, mei):
    known = post(client, **reply_form(client, email="mei@example.com", body="甲说"))
    unknown = post(other, **reply_form(other, email="nobody@example.com", body="乙说"))

    assert known.status_code == unknown.status_code == 303
    assert db.session.scalars(select(Comment.status)).all() == [Status.PUBLISHED] * 2
    assert db.session.scalars(select(Comment.user_id)).all() == [None] * 2


def ended(browser, **more):
    """A reply from a form of somebody logged in whose session has ended meanwhile."""
    log_in(browser, "梅子")
    token = hidden(browser.get("/articles/hello"), "csrf_token")
    browser.delete_cookie("session")
    form = {"body": "写了很久的一段。\n\n第二段“引号” <b>", "csrf_token": token, "parent": ""} | more
    return browser.post("/articles/hello/comments", data=form)


def test_a_session_that_ended_leads_through_the_log_in_with_the_text(client, article, mei):
    parent = comment(article)
    page = ended(client, parent=str(parent.id))
    assert page.status_code == 403
    assert 'formaction="/login" name="carry" value="hello"' in page.text

    form = {"carry": "hello", "body": hidden_text(page), "parent": str(parent.id), "nickname": "", "stamp": "x"}
    asked = client.post("/login", data=form)
    assert asked.status_code == 200 and "登录之后回到你写的回复，内容都在。" in asked.text
    brought = {name: html.unescape(hidden(asked, name)) for name in ("csrf_token", "carry", "body", "parent")}
    wrong = client.post("/login", data=brought | {"username": "梅子", "password": "不是这个密码"})
    assert wrong.status_code == 422 and html.unescape(hidden(wrong, "body")) == form["body"]
    back = client.post("/login", data=brought | {"username": "梅子", "password": PASSWORD})

    assert back.status_code == 200 and "写了很久的一段。\n\n第二段“引号” &lt;b&gt;</textarea>" in back.text
    assert f'name="parent" value="{parent.id}"' in back.text
    sent = {"body": form["body"], "parent": str(parent.id), "csrf_token": hidden(back, "csrf_token")}
    assert client.post("/articles/hello/comments", data=sent).status_code == 303
    posted = db.session.scalars(select(Comment).where(Comment.user_id.is_not(None))).one()
    assert (posted.nickname, posted.parent_id) == ("梅子", parent.id)


def hidden_text(page):
    return html.unescape(
        page.text.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    ).removeprefix("\n")


def test_the_second_step_carries_the_text_along_too(client, article, mei):
    log_in(client, "梅子")
    with later(seconds=-60):
        key, _codes = set_up(client)
    other = client.application.test_client()
    asked = other.post("/login", data={"carry": "hello", "body": "带着走的字。", "parent": ""})
    form = {name: hidden(asked, name) for name in ("csrf_token", "carry", "body")}
    step = other.post("/login", data=form | {"username": "梅子", "password": PASSWORD})
    assert step.status_code == 200 and hidden(step, "body") == "带着走的字。"
    form = {name: hidden(step, name) for name in ("csrf_token", "carry", "body")}
    wrong = other.post("/login/second-step", data=form | {"code": "000000"})
    assert wrong.status_code == 422 and hidden(wrong, "body") == "带着走的字。"

    back = other.post("/login/second-step", data=form | {"code": code_of(key)})

    assert back.status_code == 200 and "带着走的字。</textarea>" in back.text


def test_the_text_comes_along_even_when_the_second_step_took_too_long(client, article, mei):
    log_in(client, "梅子")
    with later(seconds=-60):
        set_up(client)
    other = client.application.test_client()
    asked = other.post("/login", data={"carry": "hello", "body": "带着走的字。", "parent": ""})
    form = {name: hidden(asked, name) for name in ("csrf_token", "carry", "body")}
    step = other.post("/login", data=form | {"username": "梅子", "password": PASSWORD})
    form = {name: hidden(step, name) for name in ("csrf_token", "carry", "body")}

    with later(minutes=11):
        late = other.post("/login/second-step", data=form | {"code": "123456"})

    assert late.status_code == 200 and hidden(late, "body") == "带着走的字。"


@pytest.mark.parametrize("carry", ["nowhere", "x" * 5000, "\x00", "../admin"])
def test_a_reply_brought_along_for_no_article_is_shown_once_more(client, mei, carry):
    asked = client.post("/login", data={"carry": carry, "body": "带着走的字。", "parent": "9" * 50})
    assert asked.status_code == 200
    form = {name: html.unescape(hidden(asked, name)) for name in ("csrf_token", "carry", "body", "parent")}

    answer = client.post("/login", data=form | {"username": "梅子", "password": PASSWORD})

    assert answer.status_code == 404 and "带着走的字。" in answer.text


def test_a_long_reply_comes_along_whole(client, article, mei):
    text = "字" * 60_000
    asked = client.post("/login", data={"carry": "hello", "body": text, "parent": ""})
    form = {name: hidden(asked, name) for name in ("csrf_token", "carry", "body")}

    back = client.post("/login", data=form | {"username": "梅子", "password": PASSWORD})

    assert back.status_code == 200 and text in back.text
