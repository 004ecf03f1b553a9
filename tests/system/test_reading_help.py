"""What scripts add to reading replies, in a real browser: what is new, what a floor holds, a link to copy, keys; and none of it without scripts."""

import re

import pytest
from playwright.sync_api import expect

from blueprints.comments.drafts import html_of
from core.database import writing
from tests import builders
from tests.moments import later
from tests.stage import an_article, empty, replies
from tests.system.in_process import served

pytestmark = [pytest.mark.system, pytest.mark.browser]

PAGE = "/articles/hello"
LONG = "\n\n".join(f"第 {number} 段，" + "写得很长的一段话，" * 24 for number in range(6))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(tmp_path_factory.mktemp("reading")) as site:
        yield site


@pytest.fixture(autouse=True)
def four_replies(site):
    with site.app.app_context():
        empty()
        replies(an_article())


@pytest.fixture
def context(chromium, site):
    options = {"base_url": site.address, "locale": "zh-CN", "viewport": {"width": 1280, "height": 900}}
    context = chromium.new_context(**options, permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    page.goto(PAGE)
    return page


def more_replies(site, *bodies):
    """Let somebody else reply, as the form has it: floors in the text are links."""
    with site.app.test_request_context():
        with writing():  # what a page notes after its answer may be written at the same moment
            article = an_article()
        for body in bodies:
            with writing():
                builders.comment(
                    article, body, nickname="晚到的人", email="late@example.com", html=html_of(article, body)
                )


def an_hour_passes(page):
    """Let the last visit have ended: what this device knows of it is an hour older."""
    page.goto("/privacy")
    page.evaluate(
        "localStorage['seen hello'] = localStorage['seen hello'].replace(/\"at\":\\d+/, '\"at\":' + (Date.now() - 36e5))"
    )


def news(page):
    """Return what the page says is new: byline, line, and the floors with a tag."""
    floors = page.locator("[data-floor]:has(.tag--new)").evaluate_all("all => all.map(one => one.dataset.floor)")
    return (
        page.locator(".byline").inner_html(),
        page.locator(".since").evaluate_all("all => all.map(one => one.outerHTML)"),
        floors,
    )


def test_a_guest_is_told_what_is_new_since_the_last_visit(page, site):
    assert page.evaluate("Object.keys(localStorage)") == ["seen hello"]
    assert set(page.evaluate("Object.keys(JSON.parse(localStorage['seen hello']))")) == {"since", "next", "at"}
    more_replies(site, "第五条")
    page.reload()
    expect(page.locator(".tag--new, .since, .byline__new")).to_have_count(0)
    more_replies(site, "第六条", "第七条")
    an_hour_passes(page)

    page.goto(PAGE)

    expect(page.get_by_text("上次读到这里，新回复 2 条")).to_be_visible()
    expect(page.locator("li > .since + article")).to_have_attribute("data-floor", "6")
    expect(page.locator(".byline")).to_contain_text("7 条回复，2 条新的")
    assert news(page)[2] == ["6", "7"]
    page.goto(f"{PAGE}?sort=newest")
    expect(page.locator(".tag--new")).to_have_count(2)
    expect(page.locator(".since")).to_have_count(0)
    page.get_by_role("link", name="2 条新的").click()
    expect(page.locator("article:target")).to_have_attribute("data-floor", "6")


def test_one_new_reply_is_told_in_english_too(page, site):
    more_replies(site, "第五条")
    an_hour_passes(page)

    page.goto(f"{PAGE}?lang=en")

    expect(page.locator(".byline__new")).to_have_text(re.compile(r"\b1\b"))
    expect(page.locator(".since")).to_have_text(re.compile(r"\b1\b"))


def test_a_member_is_told_the_very_same(page, site, chromium):
    with site.app.app_context():
        builders.user("梅子", "mei@example.com")
    context = chromium.new_context(base_url=site.address, locale="zh-CN")
    member = context.new_page()
    member.goto("/login")
    member.get_by_label("用户名或邮箱").fill("梅子")
    member.locator("#password").fill(builders.PASSWORD)
    member.get_by_role("button", name="登录", exact=True).click()
    member.wait_for_url(re.compile(r"/$"))
    member.goto(PAGE)
    more_replies(site, "第五条", "第六条")
    an_hour_passes(page)
    page.goto(PAGE)
    with later(hours=1):
        member.goto(PAGE)

    expect(page.locator(".tag--new")).to_have_count(2)
    told, told_to_a_member = news(page), news(member)
    context.close()
    assert told == told_to_a_member


def test_a_floor_is_shown_before_it_is_gone_to(page, site):
    """WCAG 1.4.13: it can be dismissed, the mouse may go there, and it stays."""
    more_replies(site, "3楼说得对。")
    page.clock.install()
    page.reload()
    link, preview = page.locator(".comment__body a", has_text="3楼"), page.get_by_role("tooltip")
    link.scroll_into_view_if_needed()
    before = page.locator("#write").bounding_box()

    link.hover()
    page.clock.run_for(300)
    expect(preview).to_contain_text("老秦 3 楼")
    expect(preview).to_contain_text("同意，先放下手机。")
    preview.hover()
    page.clock.run_for(60_000)
    expect(preview).to_be_visible()
    assert page.locator("#write").bounding_box() == before
    page.keyboard.press("Escape")
    expect(preview).to_be_hidden()

    page.mouse.move(0, 0)
    page.locator('[data-floor="5"] .comment__floor').focus()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(preview).to_be_visible()
    expect(link).to_have_attribute("aria-describedby", "floor-preview")
    page.keyboard.press("Tab")
    expect(preview).to_be_hidden()


def test_a_floor_of_another_page_is_fetched_once(page, site):
    with site.app.app_context():
        builders.many_comments(an_article(), 60)
    more_replies(site, "3楼说得对。")
    page.goto(f"{PAGE}?from=60")
    fetched = []
    page.on("request", lambda request: fetched.append(request.url) if request.resource_type == "fetch" else None)
    link, preview = page.locator(".comment__body a", has_text="3楼"), page.get_by_role("tooltip")
    for _ in range(2):
        link.hover()
        expect(preview).to_contain_text("老秦 3 楼")
        page.keyboard.press("Escape")
        page.mouse.move(0, 0)

    assert len([url for url in fetched if "/comments/" in url]) == 1
    link.click()
    expect(page.locator("article:target")).to_have_attribute("data-floor", "3")


def test_the_link_of_a_reply_is_copied_and_that_is_said(page):
    reply = page.locator('[data-floor="2"]')
    button = reply.get_by_role("button", name="复制链接")
    address = reply.locator(".comment__time").evaluate("link => link.href")
    reply.hover()

    button.click()

    expect(page.locator("copy-link[role=status]")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == address
    page.locator('[data-floor="3"]').get_by_role("button", name="复制链接").focus()
    expect(page.locator('[data-floor="3"]').get_by_role("button")).to_be_focused()


def test_a_folded_text_stays_in_sight_and_is_printed(page, site):
    more_replies(site, LONG)
    page.reload()
    fold = page.locator(".fold")
    fold.get_by_text("展开余下").click()
    expect(page.get_by_text("第 5 段")).to_be_visible()
    assert fold.locator(".fold__rest").bounding_box()["y"] < fold.get_by_text("收起").bounding_box()["y"]

    fold.get_by_text("收起").click()

    expect(fold.get_by_text("展开余下")).to_be_in_viewport()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(fold).to_have_attribute("open", "")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(fold).not_to_have_attribute("open", "")


def test_keys_go_from_reply_to_reply_once_they_are_wanted(page, site):
    page.keyboard.press("j")
    expect(page.locator("article:focus")).to_have_count(0)
    page.goto("/settings/reading")
    page.get_by_label("打开快捷键").check()
    page.get_by_role("button", name="保存").click()
    more_replies(site, "第五条")
    an_hour_passes(page)
    page.goto(PAGE)
    here = page.locator("article:focus")

    for key, floor in (("j", "1"), ("j", "3"), ("j", "4"), ("k", "3"), ("n", "5"), ("Control+k", "5"), ("k", "2")):
        page.keyboard.press(key)
        expect(here).to_have_attribute("data-floor", floor)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("下一条新回复")
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(here).to_have_attribute("data-floor", "2")
    page.keyboard.press("r")
    expect(page.locator("#body")).to_be_focused()
    expect(page.locator(".strip")).to_contain_text("回复 2 楼")
    page.keyboard.type("jkr?")
    expect(page.locator("#body")).to_have_value("jkr?")


def test_without_scripts_the_thread_is_whole(chromium, site):
    more_replies(site, "3楼说得对。", LONG)
    context = chromium.new_context(base_url=site.address, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGE)

    expect(page.locator(".since, .tag--new, .comment__copy")).to_have_count(0)
    expect(page.get_by_role("tooltip")).to_be_hidden()
    page.get_by_text("展开余下").click()
    expect(page.get_by_text("第 5 段")).to_be_visible()
    page.locator(".comment__body a", has_text="3楼").click()
    expect(page.locator("article:target")).to_have_attribute("data-floor", "3")
    context.close()
