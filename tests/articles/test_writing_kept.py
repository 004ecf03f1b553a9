"""What is written over: what is kept of it, and what comes back."""

import re

import pytest
from sqlalchemy import select

from blueprints.articles.models import ArticleVersion
from core.database import db
from tests.builders import log_in, the_copy
from tests.moments import later
from tests.states_of_writing import MULTIPART, draft, opened, press, typed, write


def kept() -> list[ArticleVersion]:
    db.session.expire_all()
    return list(db.session.scalars(select(ArticleVersion).order_by(ArticleVersion.id)))


def in_conflict(browser, path: str, mine: dict[str, str], theirs: dict[str, str]):
    """Save one text, then another that began before it; return the page of both and the form that was sent."""
    stale = opened(browser, path) | typed(**mine)
    write(browser, path, **theirs)
    return browser.post(path, data=stale, content_type=MULTIPART), stale


def answer(browser, path: str, page, form: dict[str, str], button: str):
    mark = page.text.partition('name="mark" value="')[2].partition('"')[0]
    return browser.post(path, data=form | {"mark": mark, "act": button}, content_type=MULTIPART)


@pytest.mark.parametrize("other", ["甲乙丙丁戊己庚辛壬癸" * 50, "甲乙丙丁戊己庚辛壬癸" * 90])
def test_a_text_is_kept_when_another_as_long_takes_its_place(client, shen, other):
    path = draft(client, body="起头。")
    write(client, path, body="起头。又写了一句。")
    written = "一二三四五六七八九十" * 50
    write(client, path, body=written)

    write(client, path, body=other)

    assert kept()[-1].body == written


def test_writing_on_in_the_middle_keeps_no_text_before_its_time(client, shen):
    path = draft(client, body="第一段。\n\n第二段。")
    write(client, path, body="第一段。\n\n第二段。又写。")

    write(client, path, body="第一段。\n\n中间加了很长很长的一段。\n\n第二段。又写。")

    assert [version.body for version in kept()] == ["第一段。\n\n第二段。"]


@pytest.mark.parametrize(
    "more", [{"title": "坏"}, {"summary": ""}, {"title": "雪夜的一封长信", "summary": "换了一句。"}]
)
def test_a_title_and_a_summary_that_are_written_over_are_kept(client, shen, more):
    path = draft(client, title="雨夜的信", summary="想了一个下午才写出来的提要。")
    write(client, path, title="雨夜的信", summary="想了一个下午才写出来的提要。", body="短。")

    write(client, path, **{"title": "雨夜的信", "summary": "想了一个下午才写出来的提要。", "body": "短。"} | more)

    assert (kept()[-1].title, kept()[-1].summary) == ("雨夜的信", "想了一个下午才写出来的提要。")


def test_a_changed_title_alone_is_kept_each_ten_minutes(client, shen):
    path = draft(client, title="雨夜")
    write(client, path, title="雨夜之")
    with later(minutes=11):
        write(client, path, title="雨夜之后")

    assert [version.title for version in kept()] == ["雨夜", "雨夜之"]


def test_two_texts_that_differ_beside_the_words_show_where(client, shen):
    path = draft(client, tags="甲")

    page, _form = in_conflict(
        client,
        path,
        {"tags": "雨声", "comments": "closed", "canonical": ""},
        {"tags": "灯火", "slug": "theirs", "lang": "en", "canonical": "https://example.org/theirs"},
    )

    shown = re.sub("<[^>]+>", "", page.text.partition("从那边的到我的")[2].partition("<form")[0])
    assert page.status_code == 409
    for words in ("雨声", "灯火", "theirs", "https://example.org/theirs", "英文", "中文", "关闭"):
        assert words in shown, words


@pytest.mark.parametrize(("button", "lost"), [("mine", "灯火"), ("theirs", "雨声")])
def test_whichever_is_taken_the_tags_and_address_of_the_other_are_kept_and_come_back(client, shen, button, lost):
    path = draft(client, tags="甲")
    page, form = in_conflict(client, path, {"tags": "雨声", "slug": "one"}, {"tags": "灯火", "slug": "another"})

    answer(client, path, page, form, button)

    version = kept()[-1]
    assert version.values["tags"] == lost
    assert lost in client.get(f"{path}/revisions/{version.id}").text
    press(client, f"{path}/revisions/{version.id}")
    assert (the_copy().values["tags"], the_copy().values["slug"]) == (lost, version.values["slug"])


def test_what_comes_back_pins_nothing_and_takes_no_address_away(client, other, shen, lin):
    path = draft(client, slug="")
    log_in(other, "林舟")
    write(other, path, slug="", pinned="y", body="林舟置顶了。")
    write(other, path, slug="rainy-night", body="又不置顶了，也有了地址，正文换过。")
    version = kept()[-1]
    assert version.values["pinned"] == "yes"

    press(client, f"{path}/revisions/{version.id}")

    assert (the_copy().body, the_copy().values["pinned"]) == ("林舟置顶了。", "")
    assert the_copy().values["slug"] == "rainy-night"
