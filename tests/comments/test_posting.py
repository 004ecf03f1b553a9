"""Posting a reply."""

import io
import re
from functools import partial

import pytest
from sqlalchemy import func, select

from blueprints.auth.models import Role
from blueprints.comments.models import Comment, Status
from core.database import db
from core.jobs import tidy
from tests import builders
from tests.builders import comment, hidden, log_in, many_comments, reply_form, the_comment
from tests.moments import at_once, later


def post(browser, slug="hello", **form):
    return browser.post(f"/articles/{slug}/comments", data=form)


def stored_count():
    return db.session.scalar(select(func.count()).select_from(Comment))


def test_a_guest_replies_and_is_led_to_the_reply(client, article):
    answer = post(client, **reply_form(client))

    stored = the_comment()
    assert (answer.status_code, answer.location) == (303, f"/comments/{stored.id}")
    assert (stored.status, stored.floor, stored.root_floor) == (Status.PUBLISHED, 1, 1)
    assert (stored.nickname, stored.email, stored.body) == ("南山", "nanshan@example.com", "同意，写得很慢。")
    page = client.get(answer.location, follow_redirects=True)
    assert f'id="comment-{stored.id}"' in page.text
    assert "已发表。" in page.text
    assert "( 1 )" in page.text
    assert "nanshan@example.com" not in page.text


def test_paragraphs_and_line_breaks_stay_as_typed(client, article):
    post(client, **reply_form(client, body="第一段\r\n第二行\r\n\r\n　　第二段，缩进"))

    stored = the_comment()
    assert stored.body == "第一段\n第二行\n\n　　第二段，缩进"
    page = client.get("/articles/hello").text
    assert "<p>第一段<br>第二行</p>" in page
    assert "<p>　　第二段，缩进</p>" in page


def test_a_reply_to_a_reply_takes_the_next_floor_and_its_roots_place(client, article):
    root = comment(article)
    comment(article, "另一条")

    page = client.get(f"/articles/hello?to={root.id}")
    assert "回复 1 楼 南山" in page.text
    post(client, **reply_form(client, query=f"?to={root.id}", body="答一楼", parent=hidden(page, "parent")))

    stored = db.session.scalars(select(Comment).where(Comment.body == "答一楼")).one()
    assert (stored.parent_id, stored.floor, stored.root_floor) == (root.id, 3, 1)
    text = client.get("/articles/hello").text
    assert text.index("同意，写得很慢。") < text.index("答一楼") < text.index("另一条")


def test_an_account_replies_under_its_name(client, article, mei):
    log_in(client, "梅子")
    page = client.get("/articles/hello")
    assert "以 梅子 的名义回复" in page.text
    assert 'name="nickname"' not in page.text

    answer = post(client, body="用账号写的。", csrf_token=hidden(page, "csrf_token"))

    assert answer.status_code == 303
    assert "writer=" not in str(answer.headers.getlist("Set-Cookie"))
    stored = the_comment()
    assert (stored.user_id, stored.nickname, stored.email) == (mei.id, "梅子", None)


def test_the_author_is_marked(client):
    shen = builders.user("沈未", "shen@example.com", role=Role.AUTHOR)
    written = builders.article(author="沈未")
    assert written.author_id == shen.id
    log_in(client, "沈未")

    post(client, body="谢谢各位。", csrf_token=hidden(client.get("/articles/hello"), "csrf_token"))

    assert the_comment().is_by_author
    assert ">作者<" in client.get("/articles/hello?sort=author").text


def test_the_same_text_again_leads_to_the_first(client, other, article):
    form = reply_form(client)
    first = post(client, **form)

    again = post(other, **form)

    assert (again.status_code, again.location) == (303, first.location)
    assert "没有重复发" in other.get(again.location, follow_redirects=True).text
    assert stored_count() == 1


def test_another_writers_equal_text_is_a_reply_of_its_own(client, other, article):
    post(client, **reply_form(client))
    post(other, **reply_form(other, nickname="半夏"))
    post(other, **reply_form(other, email="else@example.com"))

    assert stored_count() == 3


def test_the_same_text_a_day_later_is_new(client, article):
    form = reply_form(client)
    post(client, **form)

    with later(hours=25):
        post(client, **reply_form(client))

    assert stored_count() == 2


def test_a_lost_answer_is_given_again_with_its_cookie_soon_and_from_near_only(app, article):
    browsers = [app.test_client() for _ in range(3)]
    form = reply_form(browsers[0])
    first = post(browsers[0], **form).headers.getlist("Set-Cookie")

    soon = post(browsers[1], **form).headers.getlist("Set-Cookie")
    far = browsers[2].post("/articles/hello/comments", data=form, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    with later(minutes=11):
        late = post(browsers[2], **form)

    writer = [cookie for cookie in first if cookie.startswith("writer=")]
    assert writer
    assert writer[0].split(";")[0] in str(soon)
    assert "writer=" not in str(far.headers) + str(late.headers)


def test_ten_at_the_same_instant_store_one_and_none_is_told_to_wait(app, article):
    form = reply_form(app.test_client(), body="同时发出的十次。")

    answers = at_once([lambda: post(app.test_client(), **form)] * 10)

    db.session.rollback()
    assert [answer.status_code for answer in answers] == [303] * 10
    assert len({answer.location for answer in answers}) == 1
    assert stored_count() == 1


def test_too_many_replies_from_one_block_are_told_the_wait_and_lose_nothing(client, other, article):
    for number in range(5):
        assert post(client, **reply_form(client, body=f"第 {number} 条")).status_code == 303

    answer = post(client, **reply_form(client, body="第六条，写了很久"))

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "秒后再发" in answer.text
    assert "第六条，写了很久" in answer.text and 'value="南山"' in answer.text
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    form = reply_form(other, body="别处的人")
    assert other.post("/articles/hello/comments", data=form, environ_base=elsewhere).status_code == 303
    with later(seconds=61):
        assert post(client, **reply_form(client, body="第六条，写了很久")).status_code == 303


def test_a_refused_reply_counts_against_no_limit(client, article):
    for _ in range(8):
        assert post(client, **reply_form(client, nickname="沈未")).status_code == 422

    assert post(client, **reply_form(client)).status_code == 303


def test_a_repeated_reply_counts_against_no_limit(client, article):
    form = reply_form(client)

    assert {post(client, **form).status_code for _ in range(8)} == {303}


def test_unknown_repeated_and_missing_fields_do_no_harm(client, article):
    form = reply_form(client)

    twice = client.post(
        "/articles/hello/comments",
        data=form
        | {"nickname": ["南山", "第二个"], "is_admin": "1", "status": "published", "user_id": "1", "floor": "99"},
    )
    missing = client.post("/articles/hello/comments", data={})

    assert (twice.status_code, missing.status_code) == (303, 422)
    assert (the_comment().nickname, the_comment().floor, the_comment().user_id) == ("南山", 1, None)


def test_what_is_no_form_is_an_empty_one_and_of_too_many_fields_none(client, article):
    stamp = reply_form(client)["stamp"]
    as_file = {"stamp": stamp, "body": (io.BytesIO("正文".encode()), "a.txt")}

    answers = [
        client.post(
            "/articles/hello/comments", json={"nickname": ["a"], "email": {"x": 1}, "body": [1], "stamp": stamp}
        ),
        client.post("/articles/hello/comments", data=as_file, content_type="multipart/form-data"),
        client.post("/articles/hello/comments", data=b"\x00\xff" * 1000, content_type="application/octet-stream"),
        client.post("/articles/hello/comments", data={f"field-{number}": "x" for number in range(20_000)}),
        client.post("/login", data="[" * 10_000, content_type="application/json"),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 413, 422]
    assert stored_count() == 0


def test_what_waits_is_seen_by_its_writer_only(client, other, article, choose):
    choose(comments_hold="all")

    answer = post(client, **reply_form(client))

    held = the_comment()
    assert (held.status, held.floor, held.held_reason) == (Status.PENDING, None, "all")
    mine = client.get(answer.location, follow_redirects=True).text
    assert "待审，目前只有你能看到" in mine and "同意，写得很慢。" in mine
    assert other.get(answer.location).status_code == 404
    assert "同意，写得很慢。" not in other.get("/articles/hello").text


@pytest.mark.parametrize(("hold", "expected"), [("suspicious", [1, 1]), ("first", [0, 0]), ("all", [0, 0])])
def test_what_waits_is_the_owners_choice(client, article, choose, hold, expected):
    choose(comments_hold=hold)

    post(client, **reply_form(client, body="第一次发言"))
    post(client, **reply_form(client, body="第二次发言"))

    assert [int(status is Status.PUBLISHED) for status in db.session.scalars(select(Comment.status))] == expected


def test_a_writer_once_published_is_no_longer_first(client, article, choose):
    post(client, **reply_form(client, body="先前发表过"))
    choose(comments_hold="first")

    post(client, **reply_form(client, body="现在再写"))

    assert db.session.scalars(select(Comment.status)).all() == [Status.PUBLISHED] * 2


def test_many_links_wait(client, article):
    post(client, **reply_form(client, body="看 " + " ".join(f"https://example.org/{n}" for n in range(4))))

    assert the_comment().held_reason == "links"


def test_a_preview_asks_for_the_text_alone(client, article):
    answer = post(client, **reply_form(client, nickname="", email="", body="*先看看*", preview="1", stamp=""))

    assert answer.status_code == 200 and "<em>先看看</em>" in answer.text
    assert post(client, **reply_form(client, body="", preview="1")).status_code == 422


def test_what_is_wrong_is_told_in_the_order_of_the_page(client, article):
    page = post(client, stamp=reply_form(client)["stamp"], nickname="", email="", body="", parent="x").text

    summary = page.split('id="problems"')[1].split("</ul>")[0]
    assert re.findall(r'href="#(\w+)"', summary) == ["nickname", "email", "body"]
    assert "></a>" not in summary


def test_closed_replies_win_over_an_old_form(client, article):
    article.comments_open = False
    db.session.commit()

    assert post(client, body="还没发出去", stamp="").status_code == 409


def test_a_preview_stores_nothing_and_shows_the_text(client, article):
    answer = post(client, **reply_form(client, body="**粗**的一句", preview="1"))

    assert answer.status_code == 200
    assert "预览，还没有发表" in answer.text and "<strong>粗</strong>" in answer.text
    assert ">**粗**的一句</textarea>" in answer.text.replace("\r\n", "")
    assert stored_count() == 0


def test_floors_are_never_given_twice_by_writers_at_the_same_moment(app, article):
    forms = [
        reply_form(app.test_client(), body=f"并行的第 {number} 条", nickname=f"读者{number}") for number in range(8)
    ]

    def send(number):
        address = {"REMOTE_ADDR": f"203.0.{number}.9"}
        return app.test_client().post("/articles/hello/comments", data=forms[number], environ_base=address)

    at_once([partial(send, number) for number in range(8)])

    db.session.rollback()
    assert stored_count() == 8
    assert set(db.session.scalars(select(Comment.floor))) == set(range(1, 9))
    db.session.refresh(article)
    assert (article.last_floor, article.comment_count) == (8, 8)


def test_an_address_block_is_forgotten_after_90_days(client, article):
    post(client, **reply_form(client))
    assert the_comment().address_block == "127.0.0.0/24"

    with later(days=91):
        tidy()

    db.session.expire_all()
    assert the_comment().address_block is None


def test_getting_the_address_of_the_form_leads_to_the_replies(client, article):
    answer = client.get("/articles/hello/comments")

    assert (answer.status_code, answer.location) == (302, "/articles/hello#replies")


def test_a_quoted_line_neither_flips_nor_covers_its_neighbours(client, article):
    hostile = comment(article, "\u202e倒着的" + "a" + "\u0301" * 200)

    strip = client.get(f"/articles/hello?to={hostile.id}").text.split('class="strip"')[1].split("</p>")[0]

    assert "\u202e" not in strip and strip.count("\u0301") <= 2


def test_of_four_decisions_at_once_one_holds(app, article):
    held = comment(article, "等着的", held=True)
    held_id = held.id

    def decide(deed):
        return app.test_cli_runner().invoke(args=["comments", deed, str(held_id)]).exit_code

    results = at_once([partial(decide, deed) for deed in ("publish", "reject", "publish", "publish")])

    db.session.rollback()
    assert sorted(results) == [0, 1, 1, 1]
    db.session.refresh(article)
    published = stored_count() if results[1] else 0
    assert (article.last_floor, article.comment_count) == (published, published)


def test_many_replies_are_many(article):
    many_comments(article, 3)

    assert stored_count() == 3


def test_the_first_text_again_after_an_edit_is_a_reply_of_its_own(client, article):
    post(client, **reply_form(client, body="第一稿"))
    page = client.get(f"/comments/{the_comment().id}/edit")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "第二稿"}
    client.post(f"/comments/{the_comment().id}/edit", data=form)

    post(client, **reply_form(client, body="第一稿"))

    assert sorted(db.session.scalars(select(Comment.body))) == ["第一稿", "第二稿"]


def test_a_copy_of_what_cannot_be_seen_is_told_beside_the_text(app, client, other, article, choose):
    choose(comments_hold="all")
    form = reply_form(client, body="写过的一段")
    post(client, **form)

    with later(minutes=11):
        waiting = post(other, **form)
    app.test_cli_runner().invoke(args=["comments", "publish", str(the_comment().id)])
    app.test_cli_runner().invoke(args=["comments", "remove", str(the_comment().id)])
    removed = post(client, **form)

    assert (waiting.status_code, removed.status_code) == (409, 409)
    assert "写过的一段" in waiting.text and "没有重复发" in waiting.text
    assert "写过的一段" in removed.text and "移除了" in removed.text
    assert stored_count() == 1
