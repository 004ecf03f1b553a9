"""Two readers talk to the twelfth reply without scripts: one by account, one by the links of letters alone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.builders import link_in

pytestmark = [pytest.mark.system, pytest.mark.browser]

PASSWORD = "一把旧伞和三封没寄的信"
LINES = [
    "这篇文章我读了两遍，第二遍比第一遍慢。",
    "我也是。慢下来才看见第三段那个转折。",
    "转折之前的那句话，你怎么理解？",
    "我想他是说，**停下来**也算读。\n\n比如：\n\n- 合上书\n- 看一会儿窗外",
    "那跳着读呢？算不算？",
    "> 那跳着读呢？\n\n算，只是回来的路要自己找。",
    "回来的路我常常找不到。",
    "所以我在页边写字。",
    "电子书没有页边。",
    "那就写在这里，写给后来的人看。",
    "后来的人看得懂吗？",
    "看不懂也不要紧，3楼那个问题，他们会再问一遍。",
]
LOOKS = {"phone": (390, 844, "light"), "desktop": (1280, 900, "dark")}


def test_two_readers_talk_to_the_twelfth_reply(start, mailbox, database, chromium, tmp_path):
    mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(mailbox.port), "MAIL_SECURITY": "none"}
    site = start(DATABASE_URI=database, COMMENTS_PER_MINUTE="100", COMMENTS_PER_10_MINUTES="100", **mail)
    file = tmp_path / "slow.md"
    file.write_text("---\ntitle: 慢慢读\nslug: slow\n---\n\n第一段。\n\n第二段。\n\n第三段。\n", encoding="utf-8")
    site.flask("articles", "publish", str(file))
    site.flask("users", "create", "山中客", "reader@example.com", "--password-stdin", feed=PASSWORD)
    member = chromium.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    log_in(member, site)

    ask(member, f"{site.address}/articles/slow", LINES[0])
    first_by_guest(chromium, site, mailbox)
    for number in range(2, 12, 2):
        notice = mailbox.wait_for(number)[-1]  # of the guest's answer; the first letter held the guest's link
        assert f"{number} 楼 半夏 回应了你的 {number - 1} 楼" in plain(notice)
        answer(member, site.address + link_in(notice), LINES[number])
        notice = mailbox.wait_for(number + 1)[-1]
        assert notice["To"] == "banxia@example.com"
        with a_guest(chromium, site, mailbox) as page:
            answer(page, site.address + link_in(notice), LINES[number + 1], guest=True)

    the_guest_changes_and_takes_back_by_letter_alone(chromium, site, mailbox)
    member.goto(f"{site.address}/articles/slow")
    assert member.locator(".replies__count").inner_text() == "( 12 )"
    assert member.locator(".comment__author").all_inner_texts() == ["山中客", "半夏"] * 6
    assert [one.removesuffix(" 楼") for one in member.locator(".comment__floor").all_inner_texts()] == [
        str(number) for number in range(1, 13)
    ]
    assert member.locator(".comment__body a", has_text="3楼").get_attribute("href").startswith("/comments/")
    take_pictures(chromium, site)


def log_in(page, site):
    page.goto(f"{site.address}/login")
    page.get_by_label("用户名或邮箱").fill("山中客")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def ask(page, address, words):
    page.goto(address)
    send(page, words)


def answer(page, address, words, *, guest=False):
    """Follow the link of a letter to a reply and answer it."""
    page.goto(address)
    page.locator(f"#{page.url.rpartition('#')[2]} .comment__action", has_text="回复").click()
    expect(page.locator(".strip")).to_contain_text("回复 ")
    send(page, words, guest=guest)


def send(page, words, *, guest=False):
    if guest:
        page.locator("input[name=nickname]").fill("半夏")
        page.get_by_label("E-Mail").fill("banxia@example.com")
    page.get_by_label("回复内容").fill(words)
    page.get_by_label("有人回应时写信给我").check()
    page.get_by_role("button", name="发表回复").click()
    expect(page.locator("main")).to_contain_text("已发表。60 分钟内可以修改或撤回。")


def first_by_guest(chromium, site, mailbox):
    """The guest's first answer comes from nowhere; the box brings the one letter that proves the address."""
    page = chromium.new_context(java_script_enabled=False, locale="zh-CN").new_page()
    page.goto(f"{site.address}/articles/slow")
    page.locator(".comment__action", has_text="回复").click()
    send(page, LINES[1], guest=True)
    page.context.close()
    letters = mailbox.wait_for(2)
    assert sorted(letter["To"] for letter in letters) == ["banxia@example.com", "reader@example.com"]
    mailbox.letters.sort(key=lambda letter: letter["To"])  # the guest's link first
    with a_guest(chromium, site, mailbox) as page:
        assert page.locator(".tag", has_text="来信").is_visible()


class a_guest:  # noqa: N801  (reads as a sentence)
    """A browser that knows nothing, in which the link of the guest's first letter was opened."""

    def __init__(self, chromium, site, mailbox):
        self.context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
        self.address = site.address + link_in(mailbox.letters[0])

    def __enter__(self):
        page = self.context.new_page()
        page.goto(self.address)
        page.get_by_role("button", name="是我，打开").click()
        expect(page.get_by_role("heading", name="我的回复")).to_be_visible()
        return page

    def __exit__(self, *_exception):
        self.context.close()


def the_guest_changes_and_takes_back_by_letter_alone(chromium, site, mailbox):
    with a_guest(chromium, site, mailbox) as page:
        newest = page.locator(".article-list__item").first
        newest.get_by_role("link", name="修改").click()
        page.get_by_label("回复内容").fill(LINES[11] + "\n\n这样就好。")
        page.get_by_role("button", name="保存").click()
        expect(page.locator(".replies")).to_contain_text("这样就好。")
        expect(page.locator(".replies")).to_contain_text("已编辑")
        page.locator(".comment").last.get_by_role("link", name="撤回").click()
        page.get_by_role("button", name="撤回").click()
        expect(page.locator(".replies")).to_contain_text("这条回复已由本人撤回。")
        page.get_by_role("link", name="恢复").click()
        page.get_by_role("button", name="恢复").click()
        expect(page.locator(".replies")).to_contain_text("这样就好。")


def plain(letter):
    return letter.get_body(("plain",)).get_content()


def take_pictures(chromium, site):
    """Lay pictures of the conversation where the environment says, to be looked at."""
    folder = os.environ.get("ZHISHANG_PICTURES")
    for name, (width, height, scheme) in LOOKS.items() if folder else ():
        size = {"width": width, "height": height}
        context = chromium.new_context(viewport=size, color_scheme=scheme, locale="zh-CN")
        page = context.new_page()
        page.goto(f"{site.address}/articles/slow")
        page.screenshot(path=Path(str(folder)) / f"conversation-{name}.png", full_page=True)
        context.close()
