"""The line an author writes about themselves: theirs alone, plain, on the author page, gone with the account."""

import pytest
from sqlalchemy import select

from blueprints.auth.leaving import erase_account
from blueprints.auth.models import Role, User
from core.database import db
from tests import builders


@pytest.fixture
def shen(app, client):
    """An author who is logged in."""
    made = builders.user("沈未", "shen@example.com", Role.AUTHOR)
    builders.log_in(client, "沈未")
    return made


def introduce(client, line):
    token = builders.hidden(client.get("/account/introduction"), "csrf_token")
    return client.post("/account/introduction", data={"csrf_token": token, "introduction": line})


def test_an_author_writes_a_line_and_it_stands_on_their_page_and_in_their_download(client, other, shen):
    answer = introduce(client, " 写得慢，改得多。 ")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "写得慢，改得多。" in other.get("/authors/沈未").text
    assert "写得慢，改得多。" in client.get("/account").text
    assert client.get("/account/download.json").json["account"]["introduction"] == "写得慢，改得多。"


def test_an_empty_line_is_none(client, shen):
    introduce(client, "写得慢。")
    introduce(client, "")

    assert db.session.scalars(select(User.introduction)).all() == [""]
    assert "还没有写" in client.get("/account").text


@pytest.mark.parametrize("line", ["长" * 201, "看不见\u200b的", "翻\u202e转", "一\u0000"])
def test_a_line_too_long_or_with_what_nobody_sees_comes_back(client, shen, line):
    answer = introduce(client, line)

    assert answer.status_code == 422
    assert db.session.scalars(select(User.introduction)).all() == [""]


def test_a_reader_has_no_such_line(client, mei):
    builders.log_in(client, mei.username)

    assert client.get("/account/introduction").status_code == 403
    assert "自我介绍" not in client.get("/account").text


def test_the_line_goes_with_the_account(client, other, shen):
    introduce(client, "写得慢。")
    builders.article(author="沈未")

    erase_account(db.session.get_one(User, shen.id))
    db.session.commit()

    assert "写得慢" not in other.get("/authors/沈未").text
