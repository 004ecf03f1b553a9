"""The desk of moderators in a real browser, by keyboard alone, with scripts and without."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from blueprints.auth.models import Role
from blueprints.comments.models import Comment, Status
from core.database import db
from tests import builders
from tests.builders import PASSWORD
from tests.stage import an_article, empty
from tests.system.in_process import served

pytestmark = [pytest.mark.system, pytest.mark.browser]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(tmp_path_factory.mktemp("desk")) as site:
        yield site


@pytest.fixture(autouse=True)
def three_waiting(site):
    with site.app.app_context():
        empty()
        builders.user("林舟", "lin@example.com", Role.MODERATOR)
        article = an_article()
        for number in range(3):
            builders.comment(article, f"第{number}条在等。", nickname=f"读者{number}", held=True)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request, chromium, site):
    """The queue, in the browser of a moderator."""
    context = chromium.new_context(base_url=site.address, locale="zh-CN", java_script_enabled=request.param)
    page = context.new_page()
    page.goto("/login?next=/moderation")
    page.locator("#username").fill("林舟")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url("**/moderation")
    yield page
    context.close()


def states(site):
    with site.app.app_context():
        return list(db.session.scalars(select(Comment.status).order_by(Comment.id)))


def tab_to(page, target):
    """Press Tab until the focus is there."""
    wanted = target.element_handle()
    for _press in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement === wanted", wanted):
            return
    raise AssertionError("Tab never came there")


def test_a_reply_is_approved_removed_and_brought_back_by_keyboard(page, site):
    tab_to(page, page.locator("#case-1").get_by_role("button", name="通过"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("已通过 1 条")).to_be_visible()
    assert states(site) == [Status.PUBLISHED, Status.PENDING, Status.PENDING]

    tab_to(page, page.locator("#case-2 summary", has_text="移除"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#reason-remove-2"))
    page.keyboard.type("与文章无关")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已拒绝 1 条")).to_be_visible()
    assert states(site) == [Status.PUBLISHED, Status.REJECTED, Status.PENDING]

    tab_to(page, page.get_by_role("button", name="撤销"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("已撤销 1 条")).to_be_visible()
    assert states(site) == [Status.PUBLISHED, Status.PENDING, Status.PENDING]


def test_several_are_picked_and_marked_by_keyboard(page, site):
    for number in (1, 3):
        tab_to(page, page.locator(f"#case-{number} input[name=pick]"))
        page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="处理所选"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("所选 2 条")
    tab_to(page, page.get_by_role("button", name="垃圾"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("已标为垃圾 2 条")).to_be_visible()
    assert states(site) == [Status.SPAM, Status.PENDING, Status.SPAM]


@pytest.mark.parametrize("page", [True], indirect=True)
def test_one_box_picks_the_whole_page_and_says_how_many(page):
    page.get_by_label("选中这一页").check()

    expect(page.get_by_text("所选 3 条")).to_be_visible()
    page.locator("#case-2 input[name=pick]").uncheck()
    expect(page.get_by_text("所选 2 条")).to_be_visible()
    expect(page.get_by_label("选中这一页")).not_to_be_checked()
