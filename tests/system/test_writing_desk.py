"""An author's way in a real browser, from an empty desk to a published, revised, scheduled and withdrawn article; scripts on and off."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from blueprints.articles.models import Article, WorkingCopy
from blueprints.auth.models import Role
from core import clock
from core.database import db
from tests import builders
from tests.builders import PASSWORD
from tests.stage import empty
from tests.system.in_process import served

pytestmark = [pytest.mark.system, pytest.mark.browser]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(tmp_path_factory.mktemp("writing-desk")) as site:
        yield site


@pytest.fixture(autouse=True)
def an_author(site):
    with site.app.app_context():
        empty()
        builders.user("沈未", "shen@example.com", Role.AUTHOR)


def entered(chromium, site, *, scripts: bool):
    context = chromium.new_context(base_url=site.address, locale="zh-CN", java_script_enabled=scripts)
    page = context.new_page()
    page.goto("/login?next=/write")
    page.locator("#username").fill("沈未")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url("**/write")
    return page


@pytest.fixture
def page(chromium, site):
    page = entered(chromium, site, scripts=True)
    yield page
    page.context.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def any_page(request, chromium, site):
    page = entered(chromium, site, scripts=request.param)
    yield page
    page.context.close()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def stored(site) -> str:
    with site.app.app_context():
        return db.session.scalars(select(WorkingCopy.body)).one()


def test_from_an_empty_desk_to_a_published_revised_scheduled_and_withdrawn_article(any_page, site):
    page = any_page
    expect(page.get_by_text("还没有草稿。")).to_be_visible()
    page.get_by_role("link", name="写文章").click()
    page.locator("#title").fill("雨夜")
    page.locator("#body").fill("他说,今天不走了.\n\n第二段。")
    press(page, "整理标点")
    page.get_by_role("checkbox").nth(1).uncheck()
    press(page, "应用所选")
    expect(page.locator("#body")).to_have_value("他说，今天不走了.\n\n第二段。")
    press(page, "预览")
    expect(page.get_by_text("预览，还没有发表")).to_be_visible()
    page.get_by_role("link", name="接着写").click()
    page.get_by_text("地址、语言、系列、回复").click()
    page.locator("#slug").fill("rainy-night")
    press(page, "发布")
    expect(page.get_by_text("没有提要")).to_be_visible()
    press(page, "发布")
    page.wait_for_url("**/articles/rainy-night")

    page.goto("/write")
    page.get_by_role("link", name="雨夜").click()
    page.locator("#body").fill("他说，今天不走了。\n\n改过的第二段。")
    press(page, "发布更新")
    press(page, "发布更新")
    expect(page.get_by_text("改过的第二段。")).to_be_visible()
    page.get_by_role("link", name=re.compile("查看改动")).click()
    expect(page.locator("ins").first).to_be_visible()

    page.goto("/write/new")
    page.locator("#title").fill("下个月的信")
    page.locator("#body").fill("到时候再看。")
    press(page, "发布")
    page.get_by_label("到时候自己发表").check()
    at = (clock.now() + timedelta(days=3)).astimezone(site.app.config["ZHISHANG"].timezone)
    page.locator("#at").fill(f"{at:%Y-%m-%dT%H:%M}")
    press(page, "发布")
    expect(page.get_by_text(re.compile("^定在"))).to_be_visible()

    page.goto("/write")
    page.get_by_role("link", name="雨夜").click()
    press(page, "撤下")
    expect(page.get_by_text("已撤下，读者看不到。")).to_be_visible()
    assert page.request.get("/articles/rainy-night").status == 410
    with site.app.app_context():
        states = db.session.execute(select(Article.withdrawn_at, Article.scheduled_at).order_by(Article.id)).all()
    assert [(gone is not None, later is not None) for gone, later in states] == [(True, False), (False, True)]


def test_what_is_typed_is_saved_by_itself_and_the_page_has_its_address(page, site):
    page.goto("/write/new")
    page.locator("#title").fill("自己存")
    page.locator("#body").press_sequentially("慢慢写。")

    expect(page.locator(".saved__words")).to_have_text(re.compile("^已保存 "), timeout=15_000)
    assert re.search(r"/write/\d+$", page.url) and stored(site) == "慢慢写。"
    page.locator("#body").press_sequentially("又一句。")
    press(page, "保存")

    expect(page.locator("#body")).to_have_value("慢慢写。又一句。")
    assert stored(site) == "慢慢写。又一句。"


def test_without_a_network_it_stays_on_the_device_and_is_saved_once_there_is_one(page, site):
    page.goto("/write/new")
    page.locator("#title").fill("断网")
    page.locator("#body").fill("有网时写的。")
    press(page, "保存")
    page.context.set_offline(True)
    page.locator("#body").press("Control+End")
    page.locator("#body").press_sequentially("没网时写的。")
    expect(page.locator(".saved__words")).to_have_text("没有连上，内容先存在这台设备上。", timeout=15_000)
    assert stored(site) == "有网时写的。"

    page.context.set_offline(False)

    expect(page.locator(".saved__words")).to_have_text(re.compile("^已保存 "), timeout=30_000)
    assert stored(site) == "有网时写的。没网时写的。"
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('write ')).length") == 0


def test_what_only_this_device_has_is_offered_and_taken(page, site):
    page.goto("/write/new")
    page.locator("#title").fill("断电")
    page.locator("#body").fill("存了的。")
    press(page, "保存")
    path = page.url
    page.context.set_offline(True)
    page.locator("#body").fill("存了的。没存的。")
    page.wait_for_function("text => Object.values(localStorage).some(one => one.includes(text))", arg="没存的")
    page.close()

    again = page.context.new_page()
    again.context.set_offline(False)
    again.goto(path)
    expect(again.locator("#body")).to_have_value("存了的。")
    again.get_by_role("button", name="用这一份").click()

    expect(again.locator("#body")).to_have_value("存了的。没存的。")
    expect(again.locator(".saved__words")).to_have_text(re.compile("^已保存 "), timeout=15_000)
    assert stored(site) == "存了的。没存的。"


def test_two_tabs_are_shown_to_each_other(page, site):
    page.goto("/write/new")
    page.locator("#title").fill("两处")
    page.locator("#body").fill("开头。")
    press(page, "保存")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#body").fill("那边的。")
    press(other, "保存")
    expect(other.locator("#body")).to_have_value("那边的。")

    page.locator("#body").fill("这边的。")
    expect(page.locator(".saved__words")).to_have_text("这篇文章在别处也改过。", timeout=15_000)
    press(page, "再存一次")
    expect(page.get_by_role("heading", name="两份不同的内容")).to_be_visible()
    press(page, "用我的")

    expect(page.locator("#body")).to_have_value("这边的。")
    assert stored(site) == "这边的。"
