"""What the editor and its script are told of a save."""

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


def test_a_title_keeps_the_blanks_it_was_typed_with(client, other, shen):
    path = draft(client, title=" 论语　学而第一 ", summary="一  二")

    kept = db.session.scalars(select(WorkingCopy)).one().values
    assert (kept["title"], kept["summary"]) == ("论语　学而第一", "一  二")
    press(client, f"{path}/publish")
    assert "论语　学而第一" in other.get("/articles/rainy-night").text
