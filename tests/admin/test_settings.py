"""The page of the site's settings: saved, refused, changed by two at once, undone."""

from html import unescape

import pytest
from sqlalchemy import func, select

from blueprints.admin.settings import changes, undo_change
from core.config import settings
from core.database import db, writing
from core.errors import Conflict, NotFound
from core.site_settings import IN_BROWSER, SiteSettings, newest_settings
from tests import builders
from tests.builders import hidden, log_in, send_letters
from tests.moments import later
from tests.states_of_settings import set_in_browser, settings_form


def save(browser, **more):
    return browser.post("/admin/settings", data=settings_form(browser, **more))


def undo(browser, revision):
    token = hidden(browser.get("/admin/settings"), "csrf_token")
    return browser.post("/admin/settings/undo", data={"csrf_token": token, "revision": revision})


def changes_kept():
    return db.session.scalar(select(func.count()).select_from(SiteSettings))


def log_on(page):
    return unescape(page.text).partition('id="changes"')[2]


def test_what_is_saved_counts_at_once_for_everyone(desk, client, other):
    answer = save(desk, site_name="慢慢读", site_description="写得慢。", registration="closed", removals_public="1")

    assert (answer.status_code, answer.location) == (303, "/admin/settings")
    assert "已保存。" in desk.get("/admin/settings").text
    front = other.get("/").text
    assert "慢慢读</a>" in front and '<p class="page__lead">写得慢。</p>' in front
    assert other.get("/removals").status_code == 200
    assert "暂时不开放注册" in other.get("/register").text


def test_the_rules_of_replies_count_for_the_next_reply(desk, other, article):
    save(desk, comments_hold="all", comments_per_minute="1", comments_per_10_minutes="1")

    assert (settings().comments_hold, settings().comments_per_minute) == ("all", 1)
    answer = other.post("/articles/hello/comments", data=builders.reply_form(other))
    assert answer.status_code == 303 and builders.the_comment().status.value == "pending"
    again = other.post("/articles/hello/comments", data=builders.reply_form(other, body="另外一句，完全不同。"))
    assert again.status_code == 429


@pytest.mark.parametrize(
    ("name", "signed"),
    [
        ("慢慢读", "慢慢读"),
        ("Slow, and <a@b.example>", "Slow, and a@b.example"),
        ('"Slow\\" (reading)', "Slow (reading)"),
        ("慢，慢, 读 <a@b.example>", "慢，慢, 读 a@b.example"),
    ],
)
def test_letters_are_signed_with_the_name_and_come_from_our_address(desk, name, signed):
    save(desk, site_name=name)
    token = hidden(desk.get("/admin/mail"), "csrf_token")
    desk.post("/admin/mail/test", data={"csrf_token": token})

    letter = send_letters()[-1]

    [sender] = letter["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (signed, "zhishang@127.0.0.1")
    assert letter["Subject"] == f"测试邮件 · {name}"


def test_a_kept_page_is_no_longer_the_same(desk, other, article):
    kept = other.get("/articles/hello")
    assert other.get("/articles/hello", headers={"If-None-Match": kept.headers["ETag"]}).status_code == 304

    save(desk, site_name="慢慢读")

    anew = other.get("/articles/hello", headers={"If-None-Match": kept.headers["ETag"]})
    assert anew.status_code == 200 and "慢慢读" in anew.text


def test_only_what_is_not_the_default_is_kept_and_an_empty_field_is_the_default(desk):
    save(desk, site_name="慢慢读", comments_per_minute="７")
    assert newest_settings().values == {"site_name": "慢慢读", "comments_per_minute": "7"}

    save(desk, site_name="  ", comments_per_minute="")

    assert newest_settings().values == {} and settings().site_name == "纸上"
    assert 'value="纸上"' in desk.get("/admin/settings").text


def test_what_changes_nothing_is_no_change(desk):
    answer = save(desk)

    assert answer.status_code == 303 and "没有改动。" in desk.get("/admin/settings").text
    assert changes_kept() == 0


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("site_name", "纸" * 41, "最多 40 个字"),
        ("site_name", "纸\u202e上", "看不见"),
        ("site_description", "字" * 121, "最多 120 个字"),
        ("security_contact", "编辑部", "请写一个邮箱地址"),
        ("security_contact", "javascript:alert(1)", "请写一个邮箱地址"),
        ("comments_per_minute", "0", "请写一个整数，1 到 100000。"),
        ("comments_per_minute", "-1", "请写一个整数"),
        ("comments_per_10_minutes", "9" * 5000, "请写一个整数"),
        ("comments_flood_per_minute", "五", "请写一个整数"),
        ("registration", "perhaps", "不是有效的选择"),
        ("default_language", "fr", "不是有效的选择"),
        ("comments_hold", "none", "不是有效的选择"),
        ("removals_public", "2", "不是有效的选择"),
    ],
)
def test_what_is_wrong_comes_back_as_it_was_typed_and_changes_nothing(desk, name, text, words):
    answer = save(desk, **{"site_description": "写得慢。", name: text})

    assert answer.status_code == 422 and words in answer.text and f'href="#{name}"' in answer.text
    assert changes_kept() == 0
    if name != "site_description" and "\u202e" not in text:
        assert 'value="写得慢。"' in answer.text


def test_hostile_words_are_shown_as_words(desk, other):
    save(desk, site_name="<script>alert(1)</script>", site_description='"><img src=x onerror=alert(1)>')

    for page in (other.get("/"), other.get("/about"), desk.get("/admin/settings")):
        assert "<script>alert" not in page.text and "<img src=x" not in page.text


def test_two_who_change_different_things_both_have_their_way(desk, lu):
    form = settings_form(desk, site_name="慢慢读")
    set_in_browser(lu, registration="closed")

    answer = desk.post("/admin/settings", data=form)

    assert answer.status_code == 303
    assert newest_settings().values == {"site_name": "慢慢读", "registration": "closed"}


def test_two_who_change_the_same_are_told_and_what_was_typed_stays(desk, lu):
    form = settings_form(desk, site_name="慢慢读", site_description="写得慢。")
    set_in_browser(lu, site_name="纸上谈", registration="closed")

    answer = desk.post("/admin/settings", data=form)

    assert answer.status_code == 409 and "有人刚刚改过同一处" in answer.text
    assert 'value="慢慢读"' in answer.text and 'value="写得慢。"' in answer.text
    assert '<option selected value="closed">' in answer.text, "what only the other changed is taken over"
    assert "纸上 → 纸上谈" in "".join(log_on(answer).replace("<bdi>", "").replace("</bdi>", ""))
    seen = answer.text.partition('name="seen" value="')[2].partition('"')[0]
    token = answer.text.partition("<main")[2].partition('name="csrf_token" value="')[2].partition('"')[0]
    again = desk.post("/admin/settings", data=form | {"registration": "closed", "seen": seen, "csrf_token": token})
    assert again.status_code == 303
    assert newest_settings().values == {
        "site_name": "慢慢读",
        "site_description": "写得慢。",
        "registration": "closed",
    }


def test_the_log_says_who_changed_what_from_what_to_what(desk):
    save(desk, comments_hold="first", site_description="写得慢。")

    [change] = changes()
    log = log_on(desk.get("/admin/settings")).replace("<bdi>", "").replace("</bdi>", "")

    assert change.by is not None and change.by.username == "陆岸"
    assert "哪些回复先经人工查看：可疑的 → 可疑的，和每个人的第一条" in log
    assert "一句话介绍：（空） → 写得慢。" in log and "<p>陆岸</p>" in log


def test_a_change_is_undone_and_the_undoing_can_be_undone(desk):
    save(desk, site_name="慢慢读", registration="closed")

    answer = undo(desk, "1")

    assert answer.status_code == 303 and "已撤销。" in desk.get("/admin/settings").text
    assert newest_settings().values == {} and settings().site_name == "纸上"
    undo(desk, "2")
    assert newest_settings().values == {"site_name": "慢慢读", "registration": "closed"}


def test_to_undo_an_earlier_change_leaves_later_ones_of_other_settings(desk):
    save(desk, site_name="慢慢读")
    save(desk, site_name="慢慢读", registration="closed")

    undo(desk, "1")

    assert newest_settings().values == {"registration": "closed"}


def test_what_was_changed_since_is_not_undone(desk, lu):
    save(desk, site_name="慢慢读")
    save(desk, site_name="纸上谈")

    answer = undo(desk, "1")

    assert answer.status_code == 409 and "后来又改过，不能撤销" in answer.text
    assert settings().site_name == "纸上谈"
    with pytest.raises(Conflict), writing():
        undo_change(1, by=lu)


@pytest.mark.parametrize("revision", ["", "0", "x", "99", "99999999999999999999", "-1"])
def test_what_never_was_is_not_undone(desk, lu, revision):
    save(desk, site_name="慢慢读")

    assert undo(desk, revision).status_code == 404
    with pytest.raises(NotFound), writing():
        undo_change(99, by=lu)


def test_after_thirty_days_a_change_stands(desk, lu):
    set_in_browser(lu, site_name="慢慢读")

    assert changes()[0].is_undoable
    with later(days=31):
        assert not changes()[0].is_undoable
        with pytest.raises(Conflict), writing():
            undo_change(1, by=lu)


def test_of_many_changes_the_last_twenty_at_the_price_of_one(desk, lu, statements):
    set_in_browser(lu, site_name="名字")
    statements.clear()
    desk.get("/admin/settings")
    few = len(statements)
    for number in range(30):
        set_in_browser(lu, site_name=f"名字{number}")
    statements.clear()

    page = desk.get("/admin/settings")

    assert page.text.count("log__entry") == 20 and len(statements) == few <= 7


def test_a_change_whose_maker_is_gone_is_told_without_a_name(desk):
    with writing():
        db.session.add(SiteSettings(revision=1, values={"site_name": "慢慢读"}, changed_by=4711))
        db.session.commit()

    assert "已注销" in log_on(desk.get("/admin/settings"))


def test_what_is_fixed_outside_is_shown_and_not_taken(desk, choose):
    choose(site_name="纸上", comments_hold="all", given=frozenset({"site_name", "comments_hold"}))

    page = desk.get("/admin/settings").text
    assert "运行网站的人已经定下" in page and 'name="site_name"' not in page and 'name="comments_hold"' not in page
    assert "<bdi>全部</bdi>" in page
    save(desk, site_name="慢慢读", comments_hold="first", registration="closed")

    assert newest_settings().values == {"registration": "closed"}
    assert (settings().site_name, settings().comments_hold) == ("纸上", "all")


def test_the_page_names_no_path_no_program_and_no_secret(desk, app, choose):
    choose(mail_server="smtp.example.org", mail_password="geheim", given=frozenset(IN_BROWSER))

    page = desk.get("/admin/settings").text

    for word in (str(settings().instance), "ZHISHANG_", "config.py", "geheim", "smtp.example.org", "flask", "python"):
        assert word not in page, word


def test_only_administrators_come_in(client, other, lin):
    assert client.get("/admin/settings").location == "/login?next=/admin/settings"
    log_in(other, "林舟")
    assert other.get("/admin/settings").status_code == 403
    for path in ("/admin/settings", "/admin/settings/undo"):
        assert other.post(path, data={"site_name": "慢慢读"}).status_code == 403
        assert client.post(path).status_code == 403
    assert changes_kept() == 0


def test_each_act_needs_its_form(desk):
    for path in ("/admin/settings", "/admin/settings/undo"):
        refused = desk.post(path, data={"site_name": "慢慢读", "revision": "1"})
        assert refused.status_code == 422 and "请再按一次按钮" in refused.text
    assert changes_kept() == 0
    assert desk.get("/admin/settings").headers["Cache-Control"] == "private, no-store"


def test_the_first_page_of_administrators_leads_there(desk):
    page = desk.get("/admin").text

    assert 'href="/admin/settings"' in page and 'href="/admin/pages"' in page


def test_the_settings_cost_readers_no_query(desk, other, article, statements):
    other.get("/articles/hello")
    statements.clear()
    other.get("/articles/hello")
    before = len(statements)
    save(desk, site_name="慢慢读")
    statements.clear()

    with later(seconds=5):
        assert "慢慢读" in other.get("/articles/hello").text

    assert len(statements) == before
