"""The site's own pages: written in two languages, previewed, saved over, taken away and brought back."""

from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import insert, select

from blueprints.admin.models import SitePage
from blueprints.admin.page_queries import FOOT_MAX, PAGES_MAX, foot_links
from blueprints.admin.pages import (
    NothingToBringBack,
    TooManyPages,
    bring_back,
    forget_old_pages,
    page_text,
    save_page,
)
from core import clock
from core.database import db, writing
from core.errors import Conflict, NotFound
from tests.builders import hidden, log_in
from tests.moments import later
from tests.states_of_settings import WORDS, page_form, written


def save(browser, slug, lang="zh", **more):
    return browser.post(f"/admin/pages/{slug}/{lang}", data=page_form(browser, slug, lang, **more))


def back(browser, slug, revision, seen, lang="zh"):
    token = hidden(browser.get(f"/admin/pages/{slug}/{lang}"), "csrf_token")
    form = {"csrf_token": token, "revision": str(revision), "seen": str(seen)}
    return browser.post(f"/admin/pages/{slug}/{lang}/back", data=form)


def texts():
    return [
        (page.slug, page.lang, page.revision) for page in db.session.scalars(select(SitePage).order_by(SitePage.id))
    ]


def foot(page):
    return page.text.partition("<footer")[2]


def test_what_is_written_about_the_site_stands_where_the_built_in_text_stood(desk, other):
    assert "楼号" in other.get("/about").text

    answer = save(desk, "about")

    assert (answer.status_code, answer.location) == (303, "/admin/pages/about/zh")
    page = other.get("/about").text
    assert "这里的文章都写得慢" in page and "楼号" not in page and '<h1 class="page__title">关于这里</h1>' in page
    assert "floors" in other.get("/about?lang=en").text, "the other language is as it was"


def test_privacy_never_hides_what_is_stored(desk, other):
    save(desk, "privacy", title="我们怎么看待隐私")

    page = other.get("/privacy").text

    assert page.index("我们怎么看待隐私") < page.index("这里的文章都写得慢") < page.index("本站实际保存的内容")
    assert page.index("本站实际保存的内容") < page.index("只看文章，这里不设 cookie") and page.count("<h1") == 1
    assert "本站实际保存的内容" not in other.get("/privacy?lang=en").text


def test_a_page_of_ones_own_has_an_address_and_a_place_at_the_foot(desk, other):
    assert other.get("/pages/colophon").status_code == 404
    form = {"csrf_token": hidden(desk.get("/admin/pages"), "csrf_token"), "slug": "colophon"}
    assert desk.post("/admin/pages", data=form).location == "/admin/pages/colophon/zh"
    assert texts() == [], "nothing is stored before it is saved"

    save(desk, "colophon", title="版式", place="2")
    save(desk, "imprint", title="版权", place="1")
    save(desk, "hidden", title="不在页脚")

    assert '<h1 class="page__title">版式</h1>' in other.get("/pages/colophon").text
    links = foot(other.get("/"))
    assert links.index("版权") < links.index("版式") and 'href="/pages/colophon"' in links
    assert "不在页脚" not in links and other.get("/pages/hidden").status_code == 200
    assert 'href="/pages/colophon"' in desk.get("/admin/pages/colophon/zh").text


def test_who_reads_another_language_gets_the_page_in_the_one_there_is(desk, other):
    save(desk, "colophon", title="版式", place="1")

    page = other.get("/pages/colophon?lang=en").text

    assert '<html lang="en"' in page and '<div lang="zh-Hans">' in page and "版式" in page
    assert '<a class="foot__link" href="/pages/colophon" lang="zh-Hans">版式</a>' in page
    save(desk, "colophon", "en", title="Colophon", place="1")
    assert '<a class="foot__link" href="/pages/colophon" lang="en">Colophon</a>' in other.get("/?lang=en").text
    assert foot(other.get("/?lang=en")).count("/pages/colophon") == 1


def test_a_kept_page_is_no_longer_the_same(desk, other, article):
    for path in ("/about", "/articles/hello"):
        kept = other.get(path).headers["ETag"]
        save(desk, "about")
        save(desk, "colophon", title=f"版式{len(path)}", place="1")

        assert other.get(path, headers={"If-None-Match": kept}).status_code == 200
        assert other.get(path, headers={"If-None-Match": other.get(path).headers["ETag"]}).status_code == 304


def test_the_built_in_pages_have_one_address(client):
    for slug in ("about", "privacy"):
        answer = client.get(f"/pages/{slug}")
        assert (answer.status_code, answer.location) == (301, f"/{slug}")
    assert client.get("/pages/colophon").status_code == 404


def test_a_preview_shows_what_would_stand_there_and_keeps_nothing(desk, other):
    answer = save(desk, "about", preview="1")

    assert answer.status_code == 200 and "预览，还没有保存" in answer.text
    assert "<h2" in answer.text.partition("preview__note")[2].partition("<form")[0]
    assert WORDS.split("\n")[0] in answer.text.partition("<textarea")[2]
    assert texts() == [] and "楼号" in other.get("/about").text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "请写标题。"),
        ({"title": "题" * 101}, "最多 100 个字"),
        ({"title": "题\u202e"}, "看不见"),
        ({"body": "  \n"}, "内容还是空的。"),
        ({"body": "字" * 100_001}, "最多 100000 个字"),
        ({"body": "有\x00字"}, "看不见"),
        ({"place": "9"}, "不是有效的选择"),
    ],
    ids=str,
)
def test_what_is_wrong_comes_back_as_it_was_typed(desk, typed, words):
    answer = save(desk, "colophon", **typed)

    assert answer.status_code == 422 and words in answer.text and texts() == []
    if "body" not in typed:
        assert "这里的文章都写得慢" in answer.text


@pytest.mark.parametrize("slug", ["", "关于", "A", "a b", "a--b", "-a", "../x", "a/b", "x" * 61, "a.b"])
def test_an_address_that_can_be_none_is_refused(desk, slug):
    form = {"csrf_token": hidden(desk.get("/admin/pages"), "csrf_token"), "slug": slug}

    answer = desk.post("/admin/pages", data=form)

    assert answer.status_code == 422 and 'href="#slug"' in answer.text


@pytest.mark.parametrize("path", ["A/zh", "a--b/zh", "about/fr", "about/zh-Hans", "x" * 61 + "/zh", "%00/zh"])
def test_where_no_page_can_be_there_is_none(desk, path):
    assert desk.get(f"/admin/pages/{path}").status_code == 404
    assert desk.post(f"/admin/pages/{path}").status_code == 404


def test_html_and_foreign_addresses_stay_words(desk, other):
    save(
        desk,
        "about",
        title="<b>题</b>",
        body="<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![y](https://a.example/y.png)",
    )

    page = other.get("/about").text

    assert "<script>alert" not in page and "<b>题" not in page and 'a.example/y.png"' not in page
    assert 'href="javascript' not in page


def test_of_two_who_write_at_once_the_second_sees_both_texts(desk, lu, other):
    form = page_form(desk, "about", title="我的题", body="我在这台电脑上写的。")
    written(lu, "about", body="那边写的。")

    answer = desk.post("/admin/pages/about/zh", data=form)

    assert answer.status_code == 409 and "这一页刚刚有人改过" in answer.text
    assert (
        "那边写的。" in answer.text and "我在这台电脑上写的。" in answer.text and "那边写的" in other.get("/about").text
    )
    seen = answer.text.partition('name="seen" value="')[2].partition('"')[0]
    token = answer.text.partition("<main")[2].partition('name="csrf_token" value="')[2].partition('"')[0]
    again = desk.post("/admin/pages/about/zh", data=form | {"seen": seen, "csrf_token": token})
    assert again.status_code == 303 and "我在这台电脑上写的。" in other.get("/about").text


def test_what_is_saved_over_something_unseen_is_refused(app, lu):
    written(lu, "about")

    for seen in (0, 2, 99):
        with pytest.raises(Conflict), writing():
            save_page("about", "zh", page_text("题", "文", "zh", None), seen=seen, by=lu)


def test_the_built_in_text_comes_back_and_what_was_written_too(desk, other):
    save(desk, "about")

    assert back(desk, "about", 0, 1).status_code == 303
    assert "楼号" in other.get("/about").text
    assert "已经去掉，30 天内可以恢复。" in desk.get("/admin/pages/about/zh").text
    assert back(desk, "about", 1, 2).status_code == 303
    assert "这里的文章都写得慢" in other.get("/about").text and "楼号" not in other.get("/about").text


def test_a_page_of_ones_own_is_taken_away_with_its_link_and_brought_back(desk, other):
    save(desk, "colophon", title="版式", place="1")

    back(desk, "colophon", 0, 1)
    assert other.get("/pages/colophon").status_code == 404 and "版式" not in foot(other.get("/"))
    assert "/pages/colophon" not in desk.get("/admin/pages").text
    back(desk, "colophon", 1, 2)

    assert other.get("/pages/colophon").status_code == 200 and "版式" in foot(other.get("/"))


def test_what_is_brought_back_over_something_unseen_is_refused(desk, lu):
    save(desk, "about")
    save(desk, "about", title="第二版")

    answer = back(desk, "about", 1, 1)

    assert answer.status_code == 409 and "这一页刚刚有人改过" in answer.text
    with pytest.raises(Conflict), writing():
        bring_back("about", "zh", 1, seen=1, by=lu)


@pytest.mark.parametrize("revision", ["9", "99999999999999999999", "-1", "x", ""])
def test_what_never_was_is_not_brought_back(desk, lu, revision):
    save(desk, "about")

    assert back(desk, "about", revision, 1).status_code == 404
    with pytest.raises(NotFound), writing():
        bring_back("about", "zh", 7, seen=1, by=lu)
    assert texts() == [("about", "zh", 1)]


def test_what_was_never_written_is_not_taken_away(desk, lu):
    save(desk, "about")
    back(desk, "about", 0, 1)

    answer = back(desk, "about", 0, 2)

    assert answer.status_code == 409 and "这一页本来就没有写过什么" in answer.text
    with pytest.raises(NothingToBringBack), writing():
        bring_back("privacy", "zh", 0, seen=0, by=lu)


def test_the_texts_a_page_had_say_who_and_when(desk):
    save(desk, "about")
    save(desk, "about", title="第二版")
    back(desk, "about", 0, 2)

    log = unescape(desk.get("/admin/pages/about/zh").text).partition('id="texts"')[2]

    assert log.count("log__entry") == 3 and log.count("陆岸") == 3
    assert log.index("换回现成的文字") < log.index("第二版") < log.index("关于这里")
    assert log.count("恢复这一版") == 2


def test_there_are_no_more_pages_than_can_be_looked_after(desk, lu):
    values = {
        "lang": "zh",
        "revision": 1,
        "title": "题",
        "body": "文",
        "body_html": "<p>文</p>",
        "saved_at": clock.now(),
    }
    with writing():
        db.session.execute(
            insert(SitePage), [values | {"slug": f"page-{n}", "place": n % 8 + 1} for n in range(PAGES_MAX)]
        )
        db.session.commit()

    answer = save(desk, "one-more")

    assert answer.status_code == 422 and "最多 50 页" in answer.text and "这里的文章都写得慢" in answer.text
    with pytest.raises(TooManyPages), writing():
        save_page("one-more", "zh", page_text("题", "文", "zh", None), seen=0, by=lu)
    assert save(desk, "page-7").status_code == 303 and save(desk, "about").status_code == 303
    assert len(foot_links()) == FOOT_MAX


def test_the_pages_cost_readers_no_query_and_the_list_no_more(desk, other, lu, statements):
    written(lu, "about")
    desk.get("/admin/pages")
    other.get("/")
    statements.clear()
    other.get("/")
    few = len(statements)
    desk.get("/admin/pages")
    listed = len(statements) - few
    for number in range(10):
        written(lu, f"page-{number}", title=f"页{number}", place=1)
    statements.clear()

    with later(seconds=5):
        assert "页3" in foot(other.get("/"))
    assert len(statements) == few
    desk.get("/admin/pages")
    assert len(statements) - few == listed <= 5


def test_what_was_replaced_goes_after_thirty_days_and_what_stands_never(app, lu):
    now = clock.now()
    for days, seen in ((100, 0), (40, 1), (20, 2)):
        with clock.standing_at(now - timedelta(days=days)):
            written(lu, "about", seen=seen)

    with writing():
        forget_old_pages()
        db.session.commit()
    assert texts() == [("about", "zh", 2), ("about", "zh", 3)]

    with later(days=400), writing():
        forget_old_pages()
        db.session.commit()
    assert texts() == [("about", "zh", 3)]


def test_whoever_was_logged_out_meanwhile_loses_no_word(desk, client):
    form = page_form(desk, "about", title="我的题", body="写了一个下午的。")
    token = hidden(desk.get("/admin"), "csrf_token")
    desk.post("/logout", data={"csrf_token": token})

    answer = desk.post("/admin/pages/about/zh", data=form)

    assert answer.status_code == 403 and "我的题" in answer.text and "写了一个下午的。" in answer.text


def test_only_administrators_come_in(client, other, lin):
    for path in ("/admin/pages", "/admin/pages/about/zh"):
        assert client.get(path).status_code == 303
    log_in(other, "林舟")
    for path in ("/admin/pages", "/admin/pages/about/zh"):
        assert other.get(path).status_code == 403
    for path in ("/admin/pages", "/admin/pages/about/zh", "/admin/pages/about/zh/back"):
        assert other.post(path, data={"title": "题", "body": "文"}).status_code == 403
    assert texts() == []


def test_each_act_needs_its_form(desk):
    for path in ("/admin/pages", "/admin/pages/about/zh", "/admin/pages/about/zh/back"):
        refused = desk.post(path, data={"title": "题", "body": "文", "slug": "a"})
        assert refused.status_code == 422 and "请再按一次按钮" in refused.text
    assert texts() == []
    assert desk.get("/admin/pages").headers["Cache-Control"] == "private, no-store"
