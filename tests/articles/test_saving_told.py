"""What the editor and its script are told of a save: whether it was made, and which form's text the site has now."""

import re

import pytest
from sqlalchemy import select

from blueprints.articles.models import WorkingCopy
from blueprints.auth.models import Role
from core.database import db
from tests import builders
from tests.builders import log_in
from tests.states_of_writing import MULTIPART, author, draft, opened, press, typed


@pytest.fixture
def shen(client):
    """沈未, an author, logged in."""
    return author(client)


def state_of(answer):
    return answer.text.partition('class="saved__words"')[2].partition(">")[2].partition("<")[0]


def test_a_refused_save_is_not_called_saved(client, shen):
    path = draft(client)
    form = opened(client, path) | typed(body="没有存上的话。") | {"csrf_token": "x"}

    answer = client.post(path, data=form, content_type=MULTIPART)

    assert answer.status_code == 422 and "没有存上的话。" in answer.text
    assert state_of(answer) == "有没保存的改动"
    assert state_of(client.get(path)).startswith("已保存 ")


def test_a_script_is_told_in_words_when_the_right_to_write_is_gone(client, shen):
    path = draft(client)
    form = opened(client, path) | typed(body="再写。") | {"act": "auto"}
    shen.role = Role.READER
    db.session.commit()

    answer = client.post(path, data=form, content_type=MULTIPART)

    assert answer.status_code == 403 and answer.json == {"words": "这里只有作者能进。", "conflict": False}
    by_hand = client.post(path, data=form | {"act": "save"}, content_type=MULTIPART)
    assert by_hand.status_code == 403 and by_hand.mimetype == "text/html" and "再写。" in by_hand.text


def test_a_script_is_told_in_words_when_the_article_is_gone(client, shen):
    path = draft(client)
    form = opened(client, path) | typed(body="再写。") | {"act": "auto"}
    builders.user("陆岸", "lu@example.com", Role.AUTHOR)
    log_in(client, "陆岸")

    answer = client.post(path, data=form, content_type=MULTIPART)

    assert answer.status_code == 404 and answer.json["words"] == "没有这篇文章，或者不是你的。"


@pytest.mark.parametrize("act", ["save", "preview", "punctuation", "publish"])
def test_the_page_after_a_save_names_the_form_whose_text_the_site_has(client, shen, act):
    form = opened(client, "/write/new") | typed(act=act)

    page = client.get(client.post("/write/new", data=form, content_type=MULTIPART).location)

    assert page.text.count(f'data-posted="{form["key"]}"') == 1
    assert "data-posted" not in client.get("/write").text


def test_every_opened_editor_has_a_key_of_its_own(client, shen):
    path = draft(client)

    keys = {opened(client, where)["key"] for where in ("/write/new", "/write/new", path, path)}

    assert len(keys) == 4 and all(re.fullmatch("[0-9a-f]{16}", key) for key in keys)


def test_a_key_that_is_none_is_not_repeated(client, shen):
    path = draft(client)

    answer = client.post(path, data=opened(client, path) | typed(key="x" * 5000, body="新的。"), content_type=MULTIPART)

    assert answer.status_code == 303 and "data-posted" not in client.get(path).text


def test_a_title_keeps_the_blanks_it_was_typed_with(client, other, shen):
    path = draft(client, title=" 论语　学而第一 ", summary="一  二")

    kept = db.session.scalars(select(WorkingCopy)).one().values
    assert (kept["title"], kept["summary"]) == ("论语　学而第一", "一  二")
    press(client, f"{path}/publish")
    assert "论语　学而第一" in other.get("/articles/rainy-night").text


def test_privacy_says_what_the_editor_keeps_on_the_device(client):
    assert "写文章的人，还没有存到网站的内容先留在设备上" in client.get("/privacy").text
