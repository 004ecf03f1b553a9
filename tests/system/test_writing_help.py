"""What scripts add to writing a reply, in a real browser: nothing typed is lost; and without scripts nothing is missing."""

import dataclasses
import re

import pytest
from playwright.sync_api import expect

from tests.stage import an_article, empty, replies
from tests.system.in_process import served

pytestmark = [pytest.mark.system, pytest.mark.browser]

PAGE = "/articles/hello"
ANSWER, CITE = '[data-floor="2"] [data-answer] >> nth=0', '[data-floor="2"] [data-answer] >> nth=1'
KEPT = "草稿存在这台设备上"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(tmp_path_factory.mktemp("writing")) as site:
        yield site


@pytest.fixture(autouse=True)
def four_replies(site):
    with site.app.app_context():
        empty()
        replies(an_article())


@pytest.fixture
def context(chromium, site):
    context = chromium.new_context(base_url=site.address, locale="zh-CN", viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context):
    return opened(context)


def opened(context, path=PAGE):
    page = context.new_page()
    page.goto(path)
    return page


def write(page, text):
    """Type a text and wait until it is kept."""
    page.locator("#body").press("Control+End")
    page.locator("#body").press_sequentially(text)
    page.wait_for_function("text => Object.values(localStorage).some(one => one.includes(text))", arg=text)
    expect(page.get_by_text(KEPT)).to_be_visible()


def drafts(page):
    return page.evaluate(
        "Object.keys(localStorage).filter(key => key.startsWith('draft ')).map(key => localStorage[key])"
    )


def sign(page):
    page.locator("#nickname").fill("试写的人")
    page.locator("#email").fill("try@example.com")


def publish(page):
    page.get_by_role("button", name="发表回复").click()
    page.wait_for_url("**/*#comment-*")


def test_a_draft_comes_back_with_what_it_answers_and_goes_once_published(page, context):
    sign(page)
    page.locator(ANSWER).click()
    expect(page.locator(".strip")).to_contain_text("回复 2 楼")
    write(page, "写了一半的话")
    assert "try@example.com" not in "".join(drafts(page)) and "试写的人" not in "".join(drafts(page))
    page.close()

    again = opened(context)
    expect(again.locator("#body")).to_have_value("写了一半的话")
    expect(again.locator(".strip")).to_contain_text("回复 2 楼")
    sign(again)
    publish(again)

    expect(again.get_by_text("已发表。")).to_be_visible()
    expect(again.locator("[data-mine] .comment__body")).to_have_text("写了一半的话")
    expect(again.locator("#body")).to_have_value("")
    assert drafts(again) == []


def test_a_draft_leaves_the_address_alone(page, context):
    page.locator(ANSWER).click()
    expect(page.locator(".strip")).to_contain_text("回复 2 楼")
    write(page, "写了一半的话")

    page.goto("/privacy")
    page.goto(f"{PAGE}?sort=newest#replies")
    expect(page.locator(".strip")).to_contain_text("回复 2 楼")
    assert page.url.endswith(f"{PAGE}?sort=newest#replies")
    page.reload()
    expect(page.locator(".strip")).to_contain_text("回复 2 楼")
    expect(page.locator("#body")).to_have_value("写了一半的话")
    page.get_by_role("link", name="取消").click()
    expect(page.locator(".strip")).to_have_count(0)
    page.reload()
    expect(page.locator("#body")).to_have_value("写了一半的话")
    expect(page.locator(".strip")).to_have_count(0)
    expect(page.locator("[name=parent]")).to_have_value("")
    assert "sort=newest" in page.url


def test_what_waits_for_a_moderator_leaves_no_draft_either(page, site):
    chosen = site.app.config["ZHISHANG"]
    site.app.config["ZHISHANG"] = dataclasses.replace(chosen, comments_hold="all")
    sign(page)
    write(page, "先等一等再说")
    publish(page)
    site.app.config["ZHISHANG"] = chosen

    expect(page.get_by_text("待审，目前只有你能看到。")).to_be_visible()
    assert drafts(page) == []


def test_a_draft_stays_while_the_server_has_not_taken_the_text(page):
    write(page, "昵称忘了写的一段")
    page.get_by_role("button", name="发表回复").click()
    expect(page.get_by_text("请写昵称。").first).to_be_visible()
    expect(page.locator("#body")).to_have_value("昵称忘了写的一段")

    page.goto(PAGE)

    expect(page.locator("#body")).to_have_value("昵称忘了写的一段")


def test_what_is_typed_while_a_reply_is_on_its_way_is_not_lost(page, context):
    sign(page)
    write(page, "已经发出的话")
    page.evaluate("document.querySelector('form.form').addEventListener('submit', event => event.preventDefault())")
    page.get_by_role("button", name="发表回复").click()
    assert '"isSent":true' in drafts(page)[0]

    write(page, "，又加了一句")

    assert '"isSent":true' not in drafts(page)[0]
    expect(opened(context).locator("#body")).to_have_value("已经发出的话，又加了一句")


def test_a_prefilled_quotation_comes_behind_the_draft_and_alone_is_none(page):
    cited = page.locator(CITE).get_attribute("href")
    page.goto(cited)
    expect(page.locator("#body")).to_have_value(re.compile("^> "))
    assert drafts(page) == []
    page.goto(PAGE)
    write(page, "先写的话")

    page.goto(cited)

    expect(page.locator("#body")).to_have_value(re.compile("^先写的话\n\n> "))


def test_a_draft_is_cleared_and_that_is_undone(page):
    write(page, "不想要了")
    page.get_by_role("button", name="清除").click()
    expect(page.locator("#body")).to_have_value("")
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('draft '))")

    page.get_by_role("button", name="撤销").click()

    expect(page.locator("#body")).to_have_value("不想要了")
    page.wait_for_function("() => Object.keys(localStorage).some(key => key.startsWith('draft '))")
    expect(page.get_by_text(KEPT)).to_be_visible()


def test_two_tabs_keep_a_draft_each(page, context):
    write(page, "第一页写的")
    second = opened(context)
    expect(second.locator("#body")).to_have_value("第一页写的")
    second.locator("#body").fill("")
    write(second, "第二页改成了这样")
    write(page, "，还在写")

    assert sorted(re.findall('"text":"(.*?)"', "".join(drafts(page)))) == ["第一页写的，还在写", "第二页改成了这样"]
    second.reload()
    expect(second.locator("#body")).to_have_value("第二页改成了这样")


def test_a_draft_is_kept_for_thirty_days(page, context):
    write(page, "放了很久的话")
    age = "const key = Object.keys(localStorage).find(one => one.startsWith('draft '));"
    age += 'localStorage[key] = localStorage[key].replace(/"at":\\d+/, \'"at":\' + (Date.now() - days * 864e5))'
    page.evaluate(f"days => {{ {age} }}", 29)
    expect(opened(context).locator("#body")).to_have_value("放了很久的话")
    page.evaluate(f"days => {{ {age} }}", 31)

    late = opened(context)

    expect(late.locator("#body")).to_have_value("")
    assert drafts(late) == []


def test_where_nothing_can_be_kept_the_form_is_what_it_is(context):
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        "  Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.goto(PAGE)
    sign(page)
    page.get_by_label("记住昵称和邮箱").check()
    page.locator("#body").press_sequentially("什么也存不下的浏览器写的")
    publish(page)

    expect(page.get_by_text("已发表。")).to_be_visible()
    assert faults == []


def test_an_edit_has_a_draft_of_its_own(page, context):
    sign(page)
    page.locator("#body").fill("要改的话")
    publish(page)
    page.get_by_role("link", name="修改").last.click()
    expect(page.locator("#body")).to_have_value("要改的话")
    assert drafts(page) == []
    write(page, "，改了一半")
    address = page.url
    expect(opened(context).locator("#body")).to_have_value("")
    page.close()

    again = opened(context, address)
    expect(again.locator("#body")).to_have_value("要改的话，改了一半")
    again.get_by_role("button", name="保存").click()
    expect(again.get_by_text("已保存。")).to_be_visible()

    assert drafts(again) == []


def test_the_writer_is_remembered_while_the_box_is_ticked(page, context):
    box = page.get_by_label("记住昵称和邮箱")
    expect(box).not_to_be_checked()
    sign(page)
    page.locator("#body").fill("不留名字")
    publish(page)
    assert page.evaluate("localStorage.getItem('writer')") is None

    sign(page)
    page.get_by_label("记住昵称和邮箱").check()
    later = opened(context)
    expect(later.locator("#nickname")).to_have_value("试写的人")
    expect(later.locator("#email")).to_have_value("try@example.com")
    later.get_by_label("记住昵称和邮箱").uncheck()

    assert page.evaluate("localStorage.getItem('writer')") is None
    expect(opened(context).locator("#nickname")).to_have_value("")


@pytest.mark.parametrize("key", ["Control", "Meta"])
def test_keys_send_a_reply(page, key):
    sign(page)
    expect(page.get_by_text("⌘ + Enter")).to_be_visible()
    page.locator("#body").fill(f"用按键发的，{key}")

    page.locator("#body").press(f"{key}+Enter")

    expect(page.get_by_text("已发表。")).to_be_visible()


def test_two_quick_presses_send_once(page):
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    sign(page)
    page.locator("#body").fill("按了两次的话")

    page.locator("#submit").dblclick()

    expect(page.get_by_text("已发表。")).to_be_visible()
    assert len(posts) == 1


def test_what_is_left_is_counted_near_the_end_as_a_reader_counts(page):
    field, aloud = page.locator("#body"), page.locator(".field [role=status]")
    field.fill("👩‍👩‍👧" * 1000)
    expect(page.locator("count-characters")).to_have_text("")
    field.fill("👩‍👩‍👧" + "长" * 17_999)
    expect(page.get_by_text("还可以写 2000 字").first).to_be_visible()
    expect(aloud).to_have_text("还可以写 2000 字")
    field.fill("长" * 18_500)
    expect(page.locator("count-characters")).to_have_text("还可以写 1500 字")
    expect(aloud).to_have_text("还可以写 2000 字")

    field.fill("长" * 20_320)

    expect(page.locator("count-characters")).to_have_text("超出 320 字")
    expect(aloud).to_have_text("超出 320 字")


def test_the_form_comes_to_the_reply_and_goes_back(page):
    page.evaluate("window.isSame = true")
    page.locator("#body").fill("前一句。后一句。")
    page.locator("#body").evaluate("field => field.setSelectionRange(4, 4)")

    page.locator(CITE).click()

    expect(page.locator('[data-floor="2"] + .write .strip')).to_contain_text("回复 2 楼")
    expect(page.locator("#body")).to_be_focused()
    expect(page.locator("#body")).to_have_value(re.compile("^前一句。\n\n> .*\n\n后一句。$"))
    assert "cite=1" in page.url
    page.get_by_role("link", name="取消").click()
    expect(page.locator("answer-here > .write")).to_have_count(1)
    expect(page.locator("[name=parent]")).to_have_value("")
    expect(page.locator(CITE)).to_be_focused()
    assert "to=" not in page.url
    page.go_back()
    expect(page.locator('[data-floor="2"] + .write .strip')).to_have_count(1)
    expect(page.locator("#body")).to_have_value(re.compile("^前一句。\n\n> [^>]*\n\n后一句。$"))
    assert page.evaluate("window.isSame")
    page.reload()
    expect(page.locator(".strip")).to_contain_text("回复 2 楼")
    expect(page.locator("#body")).to_have_value(re.compile("^前一句。\n\n> [^>]*\n\n后一句。$"))


def test_a_quotation_alone_goes_with_what_it_was_from(page):
    page.locator(CITE).click()
    expect(page.locator("#body")).to_have_value(re.compile("^> "))

    page.get_by_role("link", name="取消").click()

    expect(page.locator("#body")).to_have_value("")


def test_a_paragraph_is_quoted_without_a_new_page(page):
    page.evaluate("window.isSame = true")
    page.locator("#body").fill("读到这一段：")
    page.locator(".paragraph__quote").nth(1).evaluate("link => link.click()")

    expect(page.locator(".strip")).to_contain_text("引自第 2 段")
    expect(page.locator("#body")).to_have_value(re.compile("^读到这一段：\n\n> "))
    assert page.evaluate("window.isSame")


def test_when_the_server_cannot_be_asked_the_link_is_followed(page):
    page.locator("#body").press_sequentially("没存之前就点了")
    page.route(
        "**/articles/*", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
    )

    page.locator(ANSWER).click()

    page.wait_for_url("**/*to=*")
    expect(page.locator("answer-here > .write .strip")).to_contain_text("回复 2 楼")
    expect(page.locator("#body")).to_have_value("没存之前就点了")


def test_without_scripts_nothing_is_offered_and_nothing_is_missing(chromium, site):
    context = chromium.new_context(base_url=site.address, locale="zh-CN", java_script_enabled=False)
    page = opened(context)
    for words in (KEPT, "记住昵称和邮箱", "⌘ + Enter", "撤销"):
        expect(page.get_by_text(words)).to_be_hidden()
    page.locator(CITE).click()
    expect(page.locator(".strip")).to_contain_text("回复 2 楼")
    expect(page.locator("#body")).to_have_value(re.compile("^> "))
    sign(page)
    page.locator("#body").fill("没有脚本也一样写")
    publish(page)

    expect(page.get_by_text("已发表。")).to_be_visible()
    context.close()
