"""Where a reply is found: orders, permalinks, paragraphs, floors, the author's replies, the last visit."""

import re

import pytest
from flask import url_for

from blueprints.auth.models import Role
from blueprints.comments.models import Comment, LastVisit
from blueprints.comments.paths import answer_path, comment_path
from blueprints.comments.thread_queries import Place
from core.database import db
from tests import builders
from tests.builders import comment, hidden, log_in, many_comments, reply_form
from tests.moments import later


def shown(page):
    return [int(floor) for floor in re.findall(r'<article class="comment"[^>]* data-floor="(\d+)"', page.text)]


def at(floor):
    return db.session.query(Comment).filter_by(floor=floor).one()


@pytest.mark.parametrize("sort", ["", "newest", "author", "nonsense"])
@pytest.mark.parametrize("floor", [1, 30, 51, 75, 119, 120])
def test_a_permalink_opens_a_page_that_shows_the_reply_in_every_order(client, article, sort, floor):
    many_comments(article, 120)
    at(75).is_by_author = at(119).is_by_author = True
    db.session.commit()
    reply = at(floor)
    anchor, address = f"comment-{reply.id}", f"/comments/{reply.id}?sort={sort}"

    answer = client.get(address)

    page = client.get(answer.location)
    assert answer.location.endswith("#" + anchor) and f'id="{anchor}"' in page.text
    assert ("sort=newest" in answer.location) is (sort == "newest")
    assert ("sort=author" in answer.location) is (sort == "author" and floor in (75, 119))


def test_the_author_tag_leads_from_each_of_the_authors_replies_to_the_next(client):
    builders.user("沈未", "shen@example.com", role=Role.AUTHOR)
    written = builders.article(author="沈未")
    many_comments(written, 60)
    for floor in (10, 55):
        at(floor).is_by_author = True
    db.session.commit()
    first, second = at(10).id, at(55).id

    assert f'href="/comments/{first}/next-by-author"' in client.get("/articles/hello").text
    assert client.get(f"/comments/{first}/next-by-author").location.endswith(f"#comment-{second}")
    assert client.get(f"/comments/{second}/next-by-author").location.endswith(f"#comment-{first}")
    assert "只看作者，共 2 条" in client.get("/articles/hello?sort=author").text


def test_an_article_without_the_author_has_no_next(client, article):
    reply = comment(article)

    assert client.get(f"/comments/{reply.id}/next-by-author").status_code == 404


def test_a_floor_named_in_a_text_is_a_link_to_what_stands_there(client, article):
    many_comments(article, 12)
    ids = at(3).id, at(12).id

    client.post(
        "/articles/hello/comments",
        data=reply_form(client, body="同意3楼，不同意 12 楼，#12 也行，99楼还没有，#1200 和 a#3 不算"),
    )

    page = client.get("/articles/hello").text
    assert f'<a href="/comments/{ids[0]}" rel="nofollow ugc noopener">3楼</a>' in page
    assert f'<a href="/comments/{ids[1]}" rel="nofollow ugc noopener">12 楼</a>' in page
    assert f'<a href="/comments/{ids[1]}" rel="nofollow ugc noopener">#12</a> 也行' in page
    assert "99楼还没有，#1200 和 a#3 不算" in page


@pytest.mark.parametrize(("floor", "status"), [(2, 302), (4, 404), (0, 404), (2**40, 404)])
def test_a_floor_has_an_address(client, article, floor, status):
    many_comments(article, 3)

    answer = client.get(f"/articles/hello/floors/{floor}") if floor else client.get("/articles/hello/floors/0?")

    assert answer.status_code == (302 if floor == 0 else status)
    if status == 302:
        assert answer.location == f"/articles/hello#comment-{at(2).id}"


def test_quoting_a_reply_puts_its_words_into_the_field(client, article):
    reply = comment(article, "第一行\n> 别人的话\n第二行")

    page = client.get(f"/articles/hello?to={reply.id}&cite=1")

    field = page.text.partition('name="body"')[2].partition(">")[2].partition("</textarea>")[0]
    assert field.replace("\r\n", "\n").lstrip("\n") == "&gt; 第一行 第二行\n\n"
    assert hidden(page, "parent") == str(reply.id)


@pytest.fixture
def quoted_paragraph(client, article):
    """The key of the second paragraph of the article, and a reply about it."""
    keys = re.findall(r' id="p-([a-z0-9]+)"', client.get("/articles/hello").text)
    page = client.get(f"/articles/hello?quote={keys[1]}")
    assert "引自第 2 段" in page.text and "&gt; 第二段。" in page.text
    form = reply_form(client, body="> 第二段。\n\n说到第二段。") | {"quote": hidden(page, "quote")}
    assert client.post("/articles/hello/comments", data=form).status_code == 303
    return keys[1]


def test_a_reply_about_a_paragraph_leads_there_and_is_counted_there(client, other, article, quoted_paragraph):
    comment(article, "与段落无关的")

    page = other.get("/articles/hello")
    assert f'href="#p-{quoted_paragraph}">引自第 2 段' in page.text
    assert f"?about={quoted_paragraph}#replies" in page.text
    only = other.get(f"/articles/hello?about={quoted_paragraph}")
    assert shown(only) == [1] and "共 1 条" in only.text


def test_a_withdrawn_reply_is_no_longer_counted_at_its_paragraph(client, article, quoted_paragraph):
    reply = at(1)
    token = hidden(client.get(f"/comments/{reply.id}/withdraw"), "csrf_token")

    client.post(f"/comments/{reply.id}/withdraw", data={"csrf_token": token})

    db.session.refresh(article)
    assert article.quoted == {}


@pytest.mark.parametrize("key", ["zzzzzz", "x" * 500, "../x", "\x00", ""])
def test_a_paragraph_that_is_not_there_is_none(client, article, key):
    form = reply_form(client) | {"quote": key}

    assert client.post("/articles/hello/comments", data=form).status_code == 303
    assert db.session.query(Comment).one().quote is None
    assert client.get("/articles/hello", query_string={"quote": key, "about": key}).status_code == 200


def visit(browser):
    return browser.get("/articles/hello").text


def test_a_member_finds_the_place_where_the_last_visit_ended(client, article, mei):
    """A visit ends with half an hour of silence; what is new stays new until then."""
    log_in(client, "梅子")
    root = comment(article, "旧的一条")
    comment(article, "另一条旧的")
    assert "条新的" not in visit(client) and "上次读到这里" not in visit(client)

    with later(hours=1):
        comment(article, "新的回应", root, nickname="半夏", email="ban@example.com")
        comment(article, "新的一条", nickname="周默", email="zhou@example.com")
        pages = [visit(client), visit(client)]
        newest = client.get("/articles/hello?sort=newest").text
    with later(hours=2):
        log_in(client, "梅子")
        after = visit(client)

    for page in (one.partition("<main")[2] for one in pages):
        assert page.count("上次读到这里") == 1 and page.count('class="tag tag--new"') == 2
        assert page.index("旧的一条") < page.index("上次读到这里") < page.index("新的回应")
        assert '<a class="byline__new" href="/articles/hello/floors/3">2 条新的</a>' in page
    assert newest.count('class="tag tag--new"') == 2 and "上次读到这里" not in newest
    assert "条新的" not in after and 'class="tag tag--new"' not in after


def test_what_is_new_under_an_article_that_had_no_replies_stays_new_for_the_visit(client, article, mei):
    log_in(client, "梅子")
    visit(client)
    with later(hours=1):
        comment(article, "第一条")
        pages = [visit(client), visit(client)]

    assert ["1 条新的" in page for page in pages] == [True, True]


def test_a_visit_is_noted_at_most_once_a_minute(client, article, mei, statements):
    log_in(client, "梅子")
    comment(article)
    visit(client)

    statements.clear()
    visit(client)

    assert not [one for one in statements if one.startswith(("INSERT", "UPDATE"))]
    assert db.session.query(LastVisit).count() == 1


def test_reading_stores_nothing_about_guests(client, article):
    comment(article)
    answer = client.get("/articles/hello")

    assert db.session.query(LastVisit).count() == 0 and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("place", [Place(), Place(sort="newest", from_floor=7), Place(about="k3f9", before_floor=3)])
def test_addresses_put_together_by_hand_are_the_routes_own(app, article, place):
    with app.test_request_context():
        assert comment_path(7, place=place) == url_for("comments.show", comment_id=7, **place.order)
        assert comment_path(7, "next-by-author") == url_for("comments.next_of_author", comment_id=7)
        for deed in ("edit", "withdraw", "restore", "report", "changes"):
            assert comment_path(7, deed) == url_for(f"own_comments.{deed}", comment_id=7)
        for more in ({}, {"cite": 1}):
            values = {**place.here, "to": 7, **more}
            made = answer_path(article, 7, place, cite=bool(more))
            assert made == url_for("articles.show", slug="hello", _anchor="write", **values)
