"""What is new since the last visit, for members and, in a template for the script, for guests."""

import re

import pytest

from blueprints.comments.models import Comment
from core.database import db
from tests.builders import comment, hidden, log_in
from tests.moments import later


@pytest.fixture
def returning(client, article, mei):
    """A member who read two replies an hour ago."""
    comment(article, "第一条")
    comment(article, "第二条")
    log_in(client, "梅子")
    client.get("/articles/hello")
    with later(hours=1):
        yield client


def reply_of_hers(client, body):
    form = {"csrf_token": hidden(client.get("/articles/hello"), "csrf_token"), "body": body}
    return client.post("/articles/hello/comments", data=form, follow_redirects=True)


def found(pattern, text):
    match = re.search(pattern, text, re.DOTALL)
    assert match, pattern
    return match[0]


def test_ones_own_reply_is_no_news(returning):
    page = reply_of_hers(returning, "我写的第三条")

    assert "我写的第三条" in page.text
    assert "条新的" not in page.text and "上次读到这里" not in page.text and "tag--new" not in page.text


def test_what_came_after_ones_own_reply_is_news(returning, article):
    reply_of_hers(returning, "我写的第三条")
    comment(article, "第四条")

    page = returning.get("/articles/hello").text.partition("<main")[2]

    assert "1 条新的" in page and 'href="/articles/hello/floors/4"' in page
    assert page.count("tag--new") == 1
    assert page.index("我写的第三条") < page.index("上次读到这里，新回复 1 条") < page.index("第四条")


def test_a_guests_page_holds_what_a_member_is_told(returning, other, article):
    comment(article, "第三条")
    comment(article, "第四条")
    told = returning.get("/articles/hello").text

    held = found(r"<since-visit.*?</since-visit>", other.get("/articles/hello").text)

    for part in (r'<p class="since">.*?</p>', r'<span class="tag tag--new">.*?</span>'):
        assert found(part, told) in held
    assert found(r"，<a class=\"byline__new\".*?</a>", told).replace("floors/3", "floors/1") in held
    assert "<since-visit" not in told


def test_a_page_that_has_taken_a_text_names_the_form_it_came_from(client, article):
    stamp = hidden(client.get("/articles/hello"), "stamp")
    form = {"stamp": stamp, "nickname": "南山", "email": "nanshan@example.com", "body": "发出去的话"}

    page = client.post("/articles/hello/comments", data=form, follow_redirects=True)
    assert 'data-posted="/articles/hello/comments"' in page.text
    address = f"/comments/{db.session.query(Comment).one().id}/edit"
    edit = client.get(address)
    guards = {name: hidden(edit, name) for name in ("csrf_token", "version")}
    page = client.post(address, data=guards | {"body": "改过的话"}, follow_redirects=True)

    assert f'data-posted="{address}"' in page.text
    assert "data-posted" not in client.get("/articles/hello").text
