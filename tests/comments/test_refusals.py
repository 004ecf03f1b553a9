"""Every way a reply can be refused: nothing typed is lost."""

import pytest
from sqlalchemy import func, select

from blueprints.comments.models import Comment, Status
from core import clock
from core.database import db
from tests import builders
from tests.builders import comment, hidden, log_in, reply_form, the_comment
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
