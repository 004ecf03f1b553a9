"""What the editor keeps on the device, in a real browser: no text writes over another, nobody is shown another's, and what is said of it is true."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from blueprints.articles.models import WorkingCopy
from blueprints.auth.models import Role, User
from core.database import db
from tests import builders
from tests.builders import PASSWORD
from tests.stage import empty
from tests.system.in_process import served
from tests.system.test_writing_desk import entered, press

pytestmark = [pytest.mark.system, pytest.mark.browser]

SAVED = re.compile("^已保存 ")
FULL = """() => {
  for (let size = 1 << 20, count = 0; size >= 1; size >>= 1) {
    try { for (;;) localStorage.setItem(`full ${count++}`, "x".repeat(size)); } catch {}
  }
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(tmp_path_factory.mktemp("kept-writing")) as site:
        yield site


@pytest.fixture(autouse=True)
def two_authors(site):
    with site.app.app_context():
        empty()
        builders.user("沈未", "shen@example.com", Role.AUTHOR)
        builders.user("陆岸", "lu@example.com", Role.MODERATOR)


@pytest.fixture
def page(chromium, site):
    page = entered(chromium, site, scripts=True)
    yield page
    page.context.close()


def told(page):
    return page.locator(".saved__words")


def offers(page):
    return page.locator("kept-writing > p")


def kept(page):
    return page.evaluate("Object.entries(localStorage).filter(([name]) => name.startsWith('write ')).join()")


def typed(page, body, title=""):
    """Type a text and wait until the device has it."""
    page.locator("#title").fill(title)
    page.locator("#body").fill(body)
    page.wait_for_function("text => Object.values(localStorage).some(one => one.includes(text))", arg=body)


def begun(page, body="开头。"):
    """Begin an article and return the path of its editor."""
    page.goto("/write/new")
    page.locator("#title").fill("雨夜")
    page.locator("#body").fill(body)
    press(page, "保存")
    page.wait_for_url(re.compile(r"/write/\d+$"))
    return page.url


def cut(page):
    """Let nothing that is sent from this browser arrive any more."""
    page.context.route("**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())


def opened(page, path="/write/new"):
    """Open an editor in another tab of the same browser; what is sent arrives again."""
    page.context.unroute_all()
    tab = page.context.new_page()
    tab.goto(path)
    return tab


def bodies(site) -> set[str]:
    with site.app.app_context():
        return set(db.session.scalars(select(WorkingCopy.body)))


def test_new_articles_written_without_a_network_are_kept_and_offered_each_for_itself(page, site):
    page.goto("/write/new")
    other = opened(page)
    cut(page)
    typed(page, "甲篇，没有网时写的。", "甲")
    typed(other, "乙篇，没有网时写的。")
    page.close()
    other.close()

    again = opened(page)
    expect(offers(again)).to_have_count(2)
    expect(offers(again).first).to_contain_text("乙篇")
    offers(again).filter(has_text="甲").get_by_role("button", name="用这一份").click()
    expect(again.locator("#title")).to_have_value("甲")
    expect(told(again)).to_have_text(SAVED, timeout=15_000)

    expect(offers(again)).to_have_count(1)
    assert "甲篇" not in kept(again) and "乙篇" in kept(again)
    assert bodies(site) == {"甲篇，没有网时写的。"}


def test_an_offer_left_unanswered_outlives_the_next_article_and_becomes_one_of_its_own(page, site):
    page.goto("/write/new")
    cut(page)
    typed(page, "写了一个下午。", "第一篇")
    page.close()
    again = opened(page)
    typed(again, "另一篇。", "第二篇")
    expect(told(again)).to_have_text(SAVED, timeout=15_000)

    again.get_by_role("button", name="用这一份").click()
    expect(again.locator("#body")).to_have_value("写了一个下午。")
    expect(told(again)).to_have_text("有没保存的改动")
    expect(told(again)).to_have_text(SAVED, timeout=15_000)

    assert bodies(site) == {"写了一个下午。", "另一篇。"}
    assert kept(again) == ""


def test_dropping_what_was_left_drops_that_alone(page):
    page.goto("/write/new")
    other = opened(page)
    cut(page)
    typed(page, "不要了的。")
    typed(other, "还要的。")
    page.close()
    other.close()

    again = opened(page)
    offers(again).filter(has_text="不要了的").get_by_role("button", name="丢掉").click()

    expect(offers(again)).to_have_count(1)
    assert "不要了的" not in kept(again) and "还要的" in kept(again)


def test_taking_up_what_the_device_has_asks_where_another_text_was_saved_since(page, chromium, site):
    path = begun(page)
    cut(page)
    typed(page, "在火车上写的。", "雨夜")
    page.close()
    elsewhere = entered(chromium, site, scripts=True)
    elsewhere.goto(path)
    elsewhere.locator("#body").fill("晚上在家写的。")
    press(elsewhere, "保存")
    expect(told(elsewhere)).to_have_text(SAVED)
    elsewhere.context.close()

    again = opened(page, path)
    again.get_by_role("button", name="用这一份").click()

    expect(told(again)).to_have_text("这篇文章在别处也改过。", timeout=15_000)
    assert bodies(site) == {"晚上在家写的。"}


def test_what_one_account_left_is_offered_to_no_other(page):
    page.goto("/write/new")
    cut(page)
    typed(page, "只有我知道的一段话。")
    page.close()
    next_one = opened(page, "/write")
    next_one.get_by_role("button", name=re.compile("退出")).first.click()
    next_one.goto("/login?next=/write/new")
    next_one.locator("#username").fill("陆岸")
    next_one.locator("#password").fill(PASSWORD)
    next_one.locator("#password").press("Enter")
    next_one.wait_for_url("**/write/new")

    typed(next_one, "别的。")
    expect(next_one.locator("kept-writing")).to_be_hidden()
    assert "只有我知道" in kept(next_one)


def test_what_was_left_thirty_days_ago_goes_wherever_the_site_is_opened(page):
    page.goto("/write/new")
    cut(page)
    typed(page, "一个月以前的话。")
    page.evaluate("""() => Object.entries(localStorage).forEach(([name, one]) => {
      localStorage.setItem(name, JSON.stringify({ ...JSON.parse(one), at: Date.now() - 31 * 24 * 3600e3 }));
    })""")
    page.close()

    assert kept(opened(page, "/about")) == ""


@pytest.mark.parametrize("title", ["快快发", "论语　学而第一"], ids=["plain", "wide blank"])
def test_what_was_published_at_once_is_not_offered_as_unsaved(page, title):
    page.goto("/write/new")
    page.locator("#title").fill(title)
    page.locator("#body").fill("贴进来，马上发布。")
    press(page, "发布")
    press(page, "发布")
    page.wait_for_url("**/articles/*")

    page.goto("/write/new")
    expect(told(page)).to_have_text("还没有改动")
    expect(page.locator("kept-writing")).to_be_hidden()
    assert kept(page) == ""


def test_what_was_refused_stays_on_the_device(page, site):
    path = begun(page)
    page.locator("#body").fill("写了很久的话。")
    page.locator(".editor [name=csrf_token]").evaluate("field => { field.value = 'x'; }")
    press(page, "保存")

    expect(page.get_by_text("页面放得太久了。")).to_be_visible()
    expect(told(page)).to_have_text("有没保存的改动")
    assert "写了很久的话。" in kept(page)
    page.close()
    again = opened(page, path)
    again.get_by_role("button", name="用这一份").click()
    expect(told(again)).to_have_text(SAVED, timeout=15_000)
    assert bodies(site) == {"写了很久的话。"}


def test_nothing_is_promised_where_the_device_has_no_room(page):
    page.goto("/write/new")
    page.evaluate(FULL)
    cut(page)
    page.locator("#body").fill("放不下的话。" * 200)

    expect(told(page)).to_have_text("没有连上，这台设备上也存不下，先别关掉这一页。", timeout=15_000)


def test_a_right_that_is_gone_is_told_and_not_called_no_connection(page, site):
    begun(page)
    with site.app.app_context():
        db.session.scalars(select(User).where(User.username == "沈未")).one().role = Role.READER
        db.session.commit()

    typed(page, "开头。再写。", "雨夜")

    expect(told(page)).to_have_text("这里只有作者能进。没有存上，内容先存在这台设备上。", timeout=15_000)


@pytest.mark.parametrize(("status", "body"), [(503, '{"words": "写不进去。", "conflict": false}'), (502, "<p>…</p>")])
def test_a_busy_moment_is_saved_after_by_itself(page, site, status, body):
    path = begun(page)
    page.clock.install()
    page.reload()
    page.route(path, lambda route: route.fulfill(status=status, body=body), times=1)
    typed(page, "开头。后面的话。", "雨夜")
    page.clock.fast_forward(3_000)
    expect(told(page)).to_have_text(re.compile("没有存上，内容先存在这台设备上。$"))

    page.clock.fast_forward(15_000)

    expect(told(page)).to_have_text(SAVED)
    assert bodies(site) == {"开头。后面的话。"}


@pytest.mark.parametrize("is_pinned", [True, False], ids=["pinned", "not any more"])
def test_every_field_comes_back_as_it_was_left(chromium, site, is_pinned):
    with site.app.app_context():
        db.session.scalars(select(User).where(User.username == "沈未")).one().role = Role.MODERATOR
        db.session.commit()
    page = entered(chromium, site, scripts=True)
    page.goto("/write/new")
    page.locator("#title").fill("置顶的")
    page.locator("#body").fill("话。")
    page.locator(".editor__more summary").click()
    page.locator("#pinned").set_checked(not is_pinned)
    press(page, "保存")
    page.wait_for_url(re.compile(r"/write/\d+$"))
    cut(page)
    page.locator(".editor__more summary").click()
    page.locator("#pinned").set_checked(is_pinned)
    page.get_by_label("关闭", exact=True).check()
    page.locator("#lang").select_option("en")
    typed(page, "改过的话。", "置顶的")
    path = page.url
    page.close()

    again = opened(page, path)
    again.get_by_role("button", name="用这一份").click()

    expect(again.locator("#pinned")).to_be_checked(checked=is_pinned)
    expect(again.locator("[name=comments][value=closed]")).to_be_checked()
    expect(again.locator("#lang")).to_have_value("en")
    page.context.close()
