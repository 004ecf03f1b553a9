"""The editor and the desk of authors: what is saved, what is public, and what happens when two write at one text."""

import json
import re

import pytest
from sqlalchemy import delete, func, select

from blueprints.articles.models import Article, ArticleVersion, WorkingCopy
from blueprints.auth.models import LoginSession, Role
from blueprints.comments.models import LastVisit
from core.database import db
from tests import builders
from tests.builders import log_in, the_copy
from tests.moments import at_once, later
from tests.states_of_writing import BODY, MULTIPART, act, draft, opened, press, published, typed, write


def the_article() -> Article:
    db.session.expire_all()
    return db.session.scalars(select(Article)).one()


def kept() -> list[str]:
    return list(db.session.scalars(select(ArticleVersion.body).order_by(ArticleVersion.id)))


def test_the_first_save_makes_the_draft_and_nothing_is_public(client, other, shen):
    answer = write(client)

    assert answer.status_code == 303 and the_article().published_at is None
    assert (the_copy().body, the_copy().values["title"]) == (BODY, "雨夜")
    assert (the_article().author, the_article().author_id) == ("沈未", shen.id)
    assert "雨夜" in client.get("/write").text and "雨夜" not in other.get("/").text
    assert other.get(f"/articles/{the_article().slug}").status_code == 404


def test_opening_an_editor_makes_nothing_and_an_empty_form_neither(client, shen):
    client.get("/write/new")
    answer = write(client, title="", summary="", body="  \n")

    assert answer.status_code == 422 and "还没有写什么。" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Article)) == 0


def test_a_form_sent_twice_begins_one_draft(client, shen):
    form = opened(client, "/write/new") | typed()

    both = [client.post("/write/new", data=form, content_type=MULTIPART) for _ in range(2)]

    assert {answer.location for answer in both} == {f"/write/{the_article().id}"}


def test_a_double_press_at_the_same_moment_begins_one_draft(app, client, shen):
    form = opened(client, "/write/new") | typed()
    cookie = client.get_cookie("session").value

    def press_it():
        browser = app.test_client()
        browser.set_cookie("session", cookie)
        return browser.post("/write/new", data=form, content_type=MULTIPART).status_code

    assert at_once([press_it, press_it]) == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Article)) == 1


def test_a_public_text_stays_as_it_is_while_another_is_written(client, other, shen):
    path = published(client)

    write(client, path, title="改了题目", body="改过的全文。")

    page = other.get("/articles/rainy-night").text
    assert "雨夜" in page and "改过的全文" not in page
    assert "有没发布的改动" in client.get("/write").text


def test_publishing_changes_keeps_the_former_text_for_everyone(client, other, shen):
    path = published(client)
    write(client, path, body="改过的全文。")

    press(client, f"{path}/publish")

    assert "改过的全文" in other.get("/articles/rainy-night").text
    assert other.get("/articles/rainy-night/changes").text.count("<section") == 1
    assert db.session.scalar(select(func.count()).select_from(WorkingCopy)) == 0


def test_what_was_only_written_never_shows_among_the_changes(client, other, shen):
    path = published(client)
    write(client, path, body="没有人看过的话，很长很长很长。")
    write(client, path, body="短。")
    press(client, f"{path}/publish")

    assert "没有人看过的话，很长很长很长。" in kept()
    assert "没有人看过" not in other.get("/articles/rainy-night/changes").text


def test_a_stale_save_shows_both_texts_and_their_differences(client, shen):
    path = draft(client)
    stale = opened(client, path)
    write(client, path, body="那边写的。")

    answer = client.post(path, data=stale | typed(body="我写的。"), content_type=MULTIPART)

    assert answer.status_code == 409 and "这篇文章在别处也改过。" in answer.text
    assert "那边写的。</textarea>" in answer.text and "我写的。</textarea>" in answer.text and "<ins" in answer.text
    assert the_copy().body == "那边写的。"


@pytest.mark.parametrize(
    ("button", "stays", "other_text"), [("mine", "我写的。", "那边写的。"), ("theirs", "那边写的。", "我写的。")]
)
def test_whichever_text_is_taken_the_other_is_kept(client, shen, button, stays, other_text):
    path = draft(client)
    stale = opened(client, path)
    write(client, path, body="那边写的。")
    page = client.post(path, data=stale | typed(body="我写的。"), content_type=MULTIPART).text
    mark = page.partition('name="mark" value="')[2].partition('"')[0]

    answer = client.post(
        path, data=stale | typed(body="我写的。") | {"mark": mark, "act": button}, content_type=MULTIPART
    )

    assert answer.status_code == 303 and the_copy().body == stays and other_text in kept()


def test_the_same_text_saved_twice_is_no_conflict(client, shen):
    path = draft(client)
    form = opened(client, path) | typed(body="一样的。")

    answers = [client.post(path, data=form, content_type=MULTIPART).status_code for _ in range(2)]

    assert answers == [303, 303] and the_copy().revision == 2


def test_a_form_from_before_publishing_is_stale(client, shen):
    path = draft(client)
    stale = opened(client, path)
    press(client, f"{path}/publish")
    write(client, path, body="之后写的。")

    assert client.post(path, data=stale | typed(body="之前的。"), content_type=MULTIPART).status_code == 409


def test_the_script_saves_and_is_told_the_mark_to_go_on_with(client, shen):
    form = opened(client, "/write/new") | typed() | {"act": "auto"}

    first = client.post("/write/new", data=form, content_type=MULTIPART)
    again = client.post(
        first.json["path"], data=form | {"mark": first.json["mark"], "body": "再写。"}, content_type=MULTIPART
    )
    stale = client.post(first.json["path"], data=form | {"body": "旧的。"}, content_type=MULTIPART)

    assert first.json["words"].startswith("已保存 ") and the_copy().body == "再写。"
    assert again.status_code == 200 and stale.status_code == 409 and json.loads(stale.text)["conflict"] is True


def test_a_text_is_kept_each_ten_minutes_and_when_much_of_it_goes(client, shen):
    path = draft(client, body="一二三四五六七八九十。")
    write(client, path, body="一二三四五六七八九十。甲。")
    write(client, path, body="一二三四五六七八九十。甲。乙。")
    assert kept() == ["一二三四五六七八九十。"]

    write(client, path, body="全删了。")
    with later(minutes=11):
        write(client, path, body="全删了。又写。")

    assert kept() == ["一二三四五六七八九十。", "一二三四五六七八九十。甲。乙。", "全删了。"]


def test_an_article_keeps_fifty_texts_that_were_never_public(client, shen):
    path = published(client)
    for number in range(52):
        write(client, path, body=f"第{number}份" + "长" * (60 - number % 2 * 59))
        write(client, path, body="短")

    private = select(func.count()).select_from(ArticleVersion).where(ArticleVersion.was_public.is_(False))
    assert db.session.scalar(private) == 50
    assert client.get(f"{path}/revisions").text.count("log__entry") == 50


def test_a_former_text_comes_back_into_the_editor_and_what_stood_there_is_kept(client, shen):
    path = draft(client)
    write(client, path, title="雪夜", body="另一份。")
    version = db.session.scalars(select(ArticleVersion.id)).one()
    assert "<del" in client.get(f"{path}/revisions/{version}").text

    press(client, f"{path}/revisions/{version}")

    assert (the_copy().body, the_copy().values["title"]) == (BODY, "雨夜") and kept()[-1] == "另一份。"


def test_another_authors_article_is_not_there(client, other, shen):
    path = draft(client)
    builders.user("陆岸", "lu@example.com", Role.AUTHOR)
    log_in(other, "陆岸")

    for place in ("", "/preview", "/publish", "/punctuation", "/revisions", "/file"):
        assert other.get(path + place).status_code == 404, place
    assert other.post(path, data=typed(), content_type=MULTIPART).status_code == 404
    assert act(other, "/write/new", "x").status_code == 404
    assert "雨夜" not in other.get("/write").text


def test_a_moderator_writes_at_every_article_and_its_author_stays(client, other, shen, lin):
    path = draft(client)
    log_in(other, "林舟")

    assert "雨夜" in other.get("/write?which=all").text and "雨夜" not in other.get("/write").text
    write(other, path, body="编辑改过。")
    press(other, f"{path}/publish")

    assert (the_article().author, the_article().author_id, the_article().body) == ("沈未", shen.id, "编辑改过。")


def test_only_moderators_pin(client, other, shen, lin):
    path = draft(client)
    write(client, path, pinned="y")
    assert the_copy().values["pinned"] == "" and 'name="pinned"' not in client.get(path).text
    log_in(other, "林舟")
    write(other, path, pinned="y")
    write(client, path, body="作者又写了一段。")

    assert the_copy().values["pinned"] == "yes"


def test_whoever_is_logged_out_gets_everything_back_and_saves_it_after_logging_in(client, shen):
    path = draft(client)
    form = opened(client, path) | typed(body="还没有存的话。", series="夜", canonical="https://example.org/a")
    client.delete_cookie("session")

    page = client.post(path, data=form, content_type=MULTIPART)

    assert page.status_code == 403 and "还没有存的话。" in page.text and "https://example.org/a" in page.text
    log_in(client, "沈未")
    again = client.post(path, data=form, content_type=MULTIPART)
    token = again.text.partition('class="form editor"')[2].partition('name="csrf_token" value="')[2].partition('"')[0]
    assert again.status_code == 422 and "还没有存的话。" in again.text
    assert client.post(path, data=form | {"csrf_token": token}, content_type=MULTIPART).status_code == 303
    assert the_copy().body == "还没有存的话。"


def test_a_whole_book_is_taken_from_whoever_logged_in_here_and_from_nobody_else(client, other, shen):
    """S09, F16: what a stranger sends is read no further than any other form."""
    form = opened(client, "/write/new") | typed(body="%" * 900_000)  # sent as %25

    assert client.post("/write/new", data=form).status_code == 303
    db.session.execute(delete(LoginSession))
    db.session.commit()
    assert form["body"] in client.post("/write/new", data=form).text
    assert other.post("/write/new", data=form).status_code == 413


def test_a_logged_out_script_is_told_in_words(client, shen):
    path = draft(client)
    form = opened(client, path) | typed() | {"act": "auto"}
    client.delete_cookie("session")

    answer = client.post(path, data=form, content_type=MULTIPART)

    assert answer.status_code == 403 and answer.json["words"] == "登录过期了。"


def test_what_ends_lines_and_pages_in_other_programs_ends_a_line(client, shen):
    path = draft(client)

    assert write(client, path, title="雨\x0c夜", body="信\x0b写\x0c到\x85这里").status_code == 303
    assert (the_copy().values["title"], the_copy().body) == ("雨 夜", "信\n写\n到\n这里")


@pytest.mark.parametrize("act", ["save", "auto"])
def test_a_sign_that_cannot_be_stored_is_shown_where_it_stands(client, shen, act):
    body = "\n\n".join(f"第 {number} 段。" for number in range(500)) + "\n尾\ufffd巴。\n\ufffd"

    answer = write(client, draft(client), act, body=body)

    assert answer.status_code == 422
    told = answer.json["words"] if act == "auto" else answer.text
    assert "第 1000 行“尾□巴。”里的 □ 是看不见或认不出的字符（U+FFFD）" in told


@pytest.mark.parametrize("odd", ["有\x00零", "有\x1b逃", "半个\ufffd字"])
def test_what_cannot_be_stored_comes_back_and_says_so(client, shen, odd):
    path = draft(client)

    answer = write(client, path, body=odd)

    assert answer.status_code == 422 and "看不见或认不出" in answer.text and the_copy().body == BODY


def test_bytes_that_are_no_text_are_refused_and_nothing_breaks(client, shen):
    form = opened(client, "/write/new") | typed()
    plain = "&".join(f"{name}={value}" for name, value in form.items() if name in ("csrf_token", "mark", "key"))

    answer = client.post(
        "/write/new", data=plain.encode() + b"&body=\xff\xfe%e4%bd", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 422


@pytest.mark.parametrize("text", ["零宽\u200b和\u202e反向", "𠮷野家😀👨‍👩‍👧", "\u3000\u3000缩进", "a\r\nb\rc"])
def test_what_is_odd_and_harmless_is_kept_as_it_was_typed(client, shen, text):
    draft(client, body=text)

    assert the_copy().body == text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_million_characters_are_saved_and_one_more_comes_back(client, shen):
    path = draft(client)
    form = opened(client, path) | typed()

    assert client.post(path, data=form | {"body": "长" * 1_000_000}).status_code == 303
    assert len(the_copy().body) == 1_000_000
    answer = client.post(path, data=form | opened(client, path) | {"body": "长" * 1_000_001})

    assert answer.status_code == 422 and "超出 1 个" in answer.text and "长" * 1000 in answer.text


def test_the_desk_counts_replies_not_read_and_those_that_wait(client, shen):
    published(client)
    article = the_article()
    builders.comment(article, "公开的一条。")
    builders.comment(article, "又一条公开的。")
    builders.comment(article, "在等的一条。", held=True)
    assert "2 条没读过" in client.get("/write").text and "1 条待审" in client.get("/write").text

    db.session.add(
        LastVisit(user_id=shen.id, article_id=article.id, floor=0, next_floor=2, seen_at=article.published_at)
    )
    db.session.commit()

    assert "没读过" not in client.get("/write").text


def test_the_desk_is_a_bounded_number_of_queries(client, shen, statements):
    for number in range(4):
        published(client, slug=f"piece-{number}")
    statements.clear()
    client.get("/write")
    few = len(statements)
    for number in range(4, 9):
        published(client, slug=f"piece-{number}")
    statements.clear()

    client.get("/write")

    assert len(statements) == few <= 14


def test_readers_have_no_desk(client, mei):
    log_in(client, "梅子")

    assert client.get("/write").status_code == 403 and client.get("/write/new").status_code == 403
    assert client.get("/write/help").status_code == 403


def test_the_preview_is_the_page_and_stores_nothing(client, other, shen):
    path = draft(client)
    shown = client.get(f"{path}/preview").text
    rows = db.session.scalar(select(func.count()).select_from(Article))
    press(client, f"{path}/publish")
    page = other.get("/articles/rainy-night").text

    def prose(text):
        """Return the words of the article as a reader sees them."""
        return "".join(
            re.sub(r"<[^>]+>", "", text.partition('<div class="prose">')[2].partition('"end-mark"')[0]).split()
        )

    assert rows == 1 and "预览，还没有发表" in shown
    assert "早上" in prose(shown) and prose(shown) == prose(page)


def test_editors_there_are_none_of_are_not_found(client, shen):
    for path in ("/write/999", "/write/99999999999", "/write/0/publish", "/write/999/preview", "/write/999/file"):
        assert client.get(path).status_code == 404
    for path in ("/write/999/revisions", "/write/999/revisions/7", "/write/999/punctuation"):
        assert client.get(path).status_code == 404
    form = {"csrf_token": builders.hidden(client.get(draft(client)), "csrf_token")}
    assert client.post("/write/999/withdraw", data=form).status_code == 404
    path = draft(client)
    assert client.get(f"{path}/revisions/7").status_code == 404
    assert client.get("/write?before=999").status_code == 404
