"""Trees of replies as large as they get: ten thousand deep, ten thousand wide, fifty of the longest on what would be one page."""

import html
import re

import pytest
from sqlalchemy import func, select, update

from blueprints.comments.models import Comment
from core.database import db
from tests.builders import hidden, log_in, many_comments, reply_form, take_stock

MANY = 10_000
PAGE_BYTES, STORED_BYTES = 300_000, 250_000
SHOWN = re.compile(r'<article class="comment[^"]*" id="comment-(\d+)"')


def shown(page):
    """Return the ids of the replies on a page, in order."""
    return [int(number) for number in SHOWN.findall(page.text)]


@pytest.fixture
def ids(article):
    """The ids of ten thousand replies by floor."""
    many_comments(article, MANY)
    return dict(db.session.execute(select(Comment.floor, Comment.id)).all())


@pytest.fixture
def chain(ids):
    """Each reply answers the one before it."""
    deeper = update(Comment).where(Comment.floor > 1)
    db.session.execute(deeper.values(parent_id=Comment.id - 1, root_floor=1))
    db.session.commit()
    take_stock()
    assert ids[MANY] - ids[1] == MANY - 1
    return ids


@pytest.fixture
def fan(ids):
    """Every reply answers the first."""
    db.session.execute(update(Comment).where(Comment.floor > 1).values(parent_id=ids[1], root_floor=1))
    db.session.commit()
    take_stock()
    return ids


@pytest.fixture(params=["chain", "fan"])
def tree(request):
    return request.getfixturevalue(request.param)


def test_every_page_of_a_huge_tree_is_one_page(client, tree, statements):
    """F20: neither depth nor width costs a statement, a recursion or a byte more."""
    pages = {
        "": range(1, 51),
        "?from=5000": range(5000, 5050),
        f"?from={MANY}": [MANY],
        "?before=5000": range(4950, 5000),
        "?sort=newest": range(MANY, MANY - 50, -1),
        "?sort=newest&from=50": range(50, 0, -1),
        "?from=5000&to=" + str(tree[9999]): range(5000, 5050),
    }
    for query, floors in pages.items():
        statements.clear()

        page = client.get(f"/articles/hello{query}")

        assert page.status_code == 200 and 0 < len(statements) <= 5, query
        assert shown(page) == [tree[floor] for floor in floors], query
        assert len(page.data) <= PAGE_BYTES, query


def test_a_permalink_leads_there_however_far_down(client, tree, statements):
    for floor in (1, 50, 51, MANY // 2, MANY):
        statements.clear()
        led = client.get(f"/comments/{tree[floor]}")
        assert led.status_code == 302 and 0 < len(statements) <= 5, floor

        assert tree[floor] in shown(client.get(led.location)), floor
        assert led.location.endswith(f"#comment-{tree[floor]}")


def test_the_deepest_reply_is_answered(client, chain):
    last = str(chain[MANY])
    form = reply_form(client, query=f"?to={last}", body="最深的一条。", parent=last)

    answer = client.post("/articles/hello/comments", data=form)

    assert answer.status_code == 303
    newest = db.session.scalars(select(Comment).order_by(Comment.id.desc()).limit(1)).one()
    assert (newest.floor, newest.root_floor, newest.parent_id) == (MANY + 1, 1, chain[MANY])
    assert "最深的一条。" in client.get(answer.location, follow_redirects=True).text


def test_the_root_of_ten_thousand_answers_is_withdrawn_and_brought_back_at_little_cost(client, fan, mei, statements):
    """F20: what answers it is not touched."""
    db.session.execute(update(Comment).where(Comment.id == fan[1]).values(user_id=mei.id))
    db.session.commit()
    log_in(client, "梅子")
    for deed in ("withdraw", "restore"):
        token = hidden(client.get(f"/comments/{fan[1]}/{deed}"), "csrf_token")
        statements.clear()

        assert client.post(f"/comments/{fan[1]}/{deed}", data={"csrf_token": token}).status_code == 303
        assert len(statements) <= 15, deed
        assert shown(client.get("/articles/hello")) == [fan[floor] for floor in range(1, 51)]


def test_the_pages_of_a_huge_tree_hold_every_floor_once(client, tree):
    """Every twentieth page is looked at from both sides: where one ends, the next begins."""
    for floor in range(51, MANY, 1000):
        page = client.get(f"/articles/hello?from={floor}")
        before = client.get(way(page, "before"))
        after = client.get(way(page, "from"))

        around = [*shown(before), *shown(page), *shown(after)]
        assert around == [tree[one] for one in range(floor - 50, floor + 100)]


def way(page, name):
    """Return the address of the page before or after this one, "" when there is none."""
    links = re.findall(r'<a class="pager__link" href="([^"]*)#replies"', page.text)
    return next((address for address in map(html.unescape, links) if f"{name}=" in address), "")


def write_long(article, count, text):
    """Store replies under the article whose texts are long, every third one in a thread."""
    many_comments(article, count)
    db.session.execute(update(Comment).values(nickname="名" * 40, body=text, body_html=f"<p>{html.escape(text)}</p>"))
    first = select(func.min(Comment.id)).scalar_subquery()
    db.session.execute(update(Comment).where(Comment.floor % 3 == 0).values(parent_id=first, root_floor=1))
    db.session.commit()


@pytest.mark.parametrize("text", ["字" * 600, "&" * 600, "𠮷" * 600], ids=["three bytes", "entities", "four bytes"])
def test_fifty_replies_of_600_characters_fit_into_300_kilobytes(client, article, text):
    write_long(article, 120, text)

    for query in ("", "?from=2&to=5", "?sort=newest", "?before=119"):
        page = client.get(f"/articles/hello{query}")
        assert len(shown(page)) == 50, query
        assert len(page.data) <= PAGE_BYTES, (query, len(page.data))


@pytest.mark.parametrize("order", ["", "?sort=newest"])
@pytest.mark.parametrize("text", ["字" * 20_000, "&" * 100_000], ids=["20000 characters", "half a megabyte"])
def test_a_page_of_long_replies_ends_early_and_none_is_left_out(client, article, text, order):
    """The way forward and the way back show every floor exactly once; a page holds 250 kB of stored HTML, or one reply."""
    write_long(article, 30, text)
    falls = "newest" in order
    key = (Comment.floor.desc(),) if falls else (Comment.root_floor, Comment.floor)
    everything = list(db.session.scalars(select(Comment.id).order_by(*key)))
    bytes_each = len(f"<p>{html.escape(text)}</p>".encode())

    first = client.get(f"/articles/hello{order}")
    forward, last = walk(client, first, "from")
    back, _first = walk(client, last, "before")

    assert [one for page in forward for one in page] == everything
    assert [one for page in back[::-1] for one in page] == everything
    holds = max(1, STORED_BYTES // bytes_each)
    assert {len(page) for page in forward[:-1] + back[1:-1]} == {holds}


def walk(browser, page, name):
    """Follow the pager to its end; return the ids of each page, and the last page."""
    found = [shown(page)]
    while address := way(page, name):
        page = browser.get(address)
        found.append(shown(page))
        assert len(found) <= 100
    return found, page


def test_a_permalink_among_long_replies_leads_to_the_page_that_shows_it(client, article):
    write_long(article, 30, "字" * 20_000)

    for number in db.session.scalars(select(Comment.id)):
        assert number in shown(client.get(f"/comments/{number}", follow_redirects=True)), number


def test_a_reply_to_a_long_one_far_down_is_shown_after_posting(client, article):
    write_long(article, 30, "字" * 20_000)
    parent = db.session.scalars(select(Comment).where(Comment.floor == 29)).one()
    stamp = hidden(client.get(f"/articles/hello?from=29&to={parent.id}"), "stamp")
    form = {
        "nickname": "南山",
        "email": "a@example.com",
        "body": "答二十九楼。",
        "parent": str(parent.id),
        "stamp": stamp,
    }

    answer = client.post("/articles/hello/comments", data=form, follow_redirects=True)

    assert "答二十九楼。" in answer.text and "已发表。" in answer.text
