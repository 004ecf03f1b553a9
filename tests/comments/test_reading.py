"""Reading the replies under an article."""

import re

import pytest
from sqlalchemy import update

from blueprints.comments.models import Comment, Status
from core.database import db
from tests.builders import comment, log_in, many_comments


def shown(page):
    """Return the floors on a page, in order."""
    return [int(floor) for floor in re.findall(r'class="comment__floor"[^>]*>(\d+) 楼', page.text)]


def test_a_page_holds_50_and_links_to_the_next_and_the_one_before(client, article):
    many_comments(article, 120)

    first = client.get("/articles/hello")
    second = client.get("/articles/hello?from=51")
    third = client.get("/articles/hello?from=101")
    back = client.get("/articles/hello?before=101")

    assert shown(first) == list(range(1, 51))
    assert 'href="/articles/hello?from=51#replies"' in first.text and "前 50 条" not in first.text
    assert shown(second) == shown(back) == list(range(51, 101))
    assert 'href="/articles/hello?before=51#replies"' in second.text
    assert (
        'href="/articles/hello?from=101#replies"' in second.text
        and 'href="/articles/hello?from=101#replies"' in back.text
    )
    assert shown(third) == list(range(101, 121)) and "后 50 条" not in third.text


def test_threads_stand_by_root_and_each_thread_by_floor(client, article):
    one, two = comment(article, "一楼"), comment(article, "二楼")
    four = comment(article, "答二楼", two)
    comment(article, "答一楼", one)
    comment(article, "答二楼里的", four)

    page = client.get("/articles/hello")

    assert shown(page) == [1, 4, 2, 3, 5]
    assert page.text.count("回复 3 楼 南山") == 1
    assert "回复 2 楼 南山" not in page.text


def test_newest_first_is_flat_and_says_whom_each_answers(client, article):
    one = comment(article, "一楼")
    comment(article, "二楼")
    comment(article, "答一楼", one)

    page = client.get("/articles/hello?sort=newest")

    assert shown(page) == [3, 2, 1]
    assert "回复 1 楼 南山" in page.text
    assert 'href="/articles/hello?sort=newest#replies" aria-current="true"' in page.text


def test_newest_first_pages_both_ways(client, article):
    many_comments(article, 120)

    second = client.get("/articles/hello?sort=newest&from=70")
    back = client.get("/articles/hello?sort=newest&before=70")

    assert shown(client.get("/articles/hello?sort=newest")) == list(range(120, 70, -1))
    assert shown(second) == list(range(70, 20, -1))
    assert shown(back) == list(range(120, 70, -1))


def test_only_the_authors_replies(client, article):
    many_comments(article, 5)
    db.session.execute(update(Comment).where(Comment.floor.in_([2, 4])).values(is_by_author=True))
    db.session.commit()

    assert shown(client.get("/articles/hello?sort=author")) == [2, 4]


def test_the_authors_filter_without_any_leads_back_to_all(client, article):
    many_comments(article, 2)

    page = client.get("/articles/hello?sort=author")

    assert page.status_code == 200
    assert "作者还没有回复。" in page.text and "查看全部" in page.text


def test_a_page_that_begins_inside_a_thread_repeats_its_root_as_a_link(client, article):
    root = comment(article, "这是楼主的第一句")
    for number in range(4):
        comment(article, f"第 {number} 条回应", root)

    page = client.get("/articles/hello?from=3")

    assert shown(page) == [3, 4, 5]
    assert f'href="/comments/{root.id}">接 1 楼 南山</a>：这是楼主的第一句' in page.text


@pytest.mark.parametrize(
    "query",
    [
        "from=99",
        "from=0",
        "from=-1",
        "from=abc",
        "from=99999999999999999999",
        "before=99",
        "sort=author&before=99",
        "sort=newest&before=99",
        "from=3&before=99",
        "to=x",
        "from=²",
    ],
)
def test_a_place_that_is_not_there_is_a_clean_404(client, article, query):
    many_comments(article, 3)

    assert client.get(f"/articles/hello?{query}").status_code == 404


def test_an_unknown_parameter_or_target_is_ignored(client, article):
    many_comments(article, 3)

    page = client.get("/articles/hello?utm_source=x&sort=best&to=987654")

    assert page.status_code == 200
    assert shown(page) == [1, 2, 3]


def test_a_permalink_leads_to_the_page_that_holds_the_reply(client, article):
    many_comments(article, 120)
    last = db.session.query(Comment).filter_by(floor=119).one()
    answer = comment(article, "答 119 楼", last)

    early = client.get("/comments/7")
    late = client.get(f"/comments/{answer.id}")

    assert (early.status_code, early.location) == (302, "/articles/hello#comment-7")
    assert (late.status_code, late.location) == (302, f"/articles/hello?from=119#comment-{answer.id}")
    assert f'id="comment-{answer.id}"' in client.get(late.location).text


def test_a_permalink_far_down_a_thread_begins_at_the_reply_itself(client, article):
    many_comments(article, 1)
    root = db.session.query(Comment).one()
    many_comments(article, 90)
    db.session.execute(update(Comment).where(Comment.floor > 1).values(root_floor=1, parent_id=root.id))
    db.session.commit()

    near, far = (db.session.query(Comment).filter_by(floor=floor).one().id for floor in (40, 80))

    assert client.get(f"/comments/{near}").location == f"/articles/hello#comment-{near}"
    assert client.get(f"/comments/{far}").location == f"/articles/hello?from=80#comment-{far}"
    assert f'id="comment-{far}"' in client.get("/articles/hello?from=80").text


@pytest.mark.parametrize("number", ["0", "-1", "999999", "99999999999999999999999", "abc", "1%00", "%F0%28"])
def test_a_reply_that_is_not_there_is_a_clean_404(client, article, number):
    assert client.get(f"/comments/{number}").status_code == 404


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM])
def test_what_is_not_public_is_there_for_its_writer_and_moderators_only(client, other, article, mei, lin, status):
    held = comment(article, "还没公开的话", user=mei, held=True)
    held.status = status
    db.session.commit()

    assert client.get(f"/comments/{held.id}").status_code == 404
    assert "还没公开的话" not in client.get("/articles/hello").text
    log_in(client, "梅子")
    mine = client.get(f"/comments/{held.id}", follow_redirects=True)
    assert "还没公开的话" in mine.text and "只有你能看到" in mine.text
    log_in(other, "林舟")
    assert other.get(f"/comments/{held.id}").status_code == 302


def test_a_writers_cookie_of_another_shows_nothing(client, other, article):
    comment(article, "还没公开的话", held=True)
    other.set_cookie("writer", "not-the-writer")

    assert "还没公开的话" not in other.get("/articles/hello").text


def test_a_tombstone_keeps_the_floor_and_not_the_words(client, article):
    many_comments(article, 2)
    gone = db.session.query(Comment).filter_by(floor=1).one()
    gone.status = Status.DELETED
    db.session.commit()

    page = client.get("/articles/hello")

    assert shown(page) == [1, 2]
    assert "第 1 条回复。" not in page.text and "这条回复已由本人撤回。" in page.text
    assert client.get(f"/comments/{gone.id}").status_code == 302


@pytest.mark.parametrize("count", [5, 50, 5000])
def test_an_article_costs_five_queries_whatever_its_size(client, article, statements, count):
    many_comments(article, count)

    for query in ("", "?sort=newest", "?sort=author", "?from=3", "?to=2", "?before=5&to=4", f"?from={count}&to=1"):
        statements.clear()
        assert client.get(f"/articles/hello{query}").status_code == 200
        assert 0 < len(statements) <= 5, query


def test_a_members_page_costs_two_queries_more(client, article, mei, statements):
    """Who asks, and what is unread in the inbox. What is noted about the visit is written after the answer."""
    many_comments(article, 200)
    comment(article, "待审的", user=mei, held=True)
    log_in(client, "梅子")

    for query in ("?from=60&to=2", "?before=60&to=2"):
        statements.clear()
        client.get(f"/articles/hello{query}")
        assert len([one for one in statements if one.startswith("SELECT")]) <= 7


def test_replies_are_closed_in_words(client, article):
    many_comments(article, 1)
    article.comments_open = False
    db.session.commit()

    page = client.get("/articles/hello")

    assert "这篇文章不再接受回复" in page.text
    assert 'name="body"' not in page.text and "第 1 条回复。" in page.text


def test_the_first_reply_is_invited(client, article):
    assert "还没有回复，写下第一条。" in client.get("/articles/hello").text


def test_no_address_of_a_commenter_is_on_any_page(client, other, article):
    written = comment(article)

    for path in ("/", "/articles/hello", f"/articles/hello?to={written.id}", f"/comments/{written.id}"):
        assert "nanshan@" not in other.get(path, follow_redirects=True).text
