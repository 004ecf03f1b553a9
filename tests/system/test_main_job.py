"""The main job, from registering to a new password, in a real browser against the real parts."""

from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from tests.builders import link_in

pytestmark = [pytest.mark.system, pytest.mark.browser]

PASSWORD, NEW_PASSWORD = "一把旧伞和三封没寄的信", "换成另外一把更旧的伞"
ESSAY = "第一段写得慢一些。\n\n第二段也是，\n换一行接着写。"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_main_job(start, mailbox, database, chromium, scripts, tmp_path):
    site = start(DATABASE_URI=database, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(mailbox.port), MAIL_SECURITY="none")
    file = tmp_path / "slow.md"
    file.write_text("---\ntitle: 慢慢读\nslug: slow\n---\n\n正文第一段。\n", encoding="utf-8")
    assert site.flask("articles", "publish", str(file)).strip() == f"{site.address}/articles/slow"
    context = chromium.new_context(java_script_enabled=scripts, locale="zh-CN")
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))

    page.goto(site.address)
    page.get_by_role("link", name="慢慢读").click()
    expect(page.locator("article")).to_contain_text("正文第一段。")
    assert context.cookies() == []

    register(page, site, scripts)
    (letter,) = mailbox.wait_for(1)
    page.goto(site.address + link_in(letter))
    page.get_by_role("button", name="完成注册").click()
    expect(page.locator("main")).to_contain_text("邮箱已确认，请登录。")
    log_in(page, PASSWORD)
    assert page.locator(".masthead").inner_text().split() == ["纸上", "文章", "搜索", "通知", "山中客", "退出"]

    page.goto(f"{site.address}/articles/slow")
    page.get_by_label("回复内容").fill(ESSAY)
    page.get_by_role("button", name="发表回复").click()
    first = page.locator(".comment").first
    assert first.locator(".comment__author").inner_text() == "山中客"
    assert first.locator(".comment__body p").all_inner_texts() == ["第一段写得慢一些。", "第二段也是，\n换一行接着写。"]
    assert page.url.endswith(f"#{first.get_attribute('id')}")

    page.get_by_role("button", name="退出").click()
    expect(page.locator(".masthead")).not_to_contain_text("退出")
    get_back_in(page, site, mailbox)
    log_in(page, PASSWORD)
    assert "用户名或密码不对。" in page.inner_text("main")
    log_in(page, NEW_PASSWORD)
    page.get_by_role("button", name="退出").click()

    reply_as_guest(page, site)
    assert faults == [fault for fault in faults if "422" in fault], (
        "nothing but the refused forms is told on the console"
    )
    context.close()
    assert site.stop() == 0


def register(page, site, scripts):
    page.goto(f"{site.address}/register")
    page.get_by_label("用户名").fill("山中客")
    page.get_by_label("邮箱").fill("reader@example.com")
    before = page.locator("[name=captcha_id]").get_attribute("value")
    page.get_by_role("button", name="更换验证码图片").click()
    page.wait_for_function(
        "before => document.querySelector('[name=captcha_id]').value !== before", arg=before
    ) if scripts else None
    challenge = page.locator("[name=captcha_id]").get_attribute("value")
    assert challenge != before
    assert page.get_by_label("用户名").input_value() == "山中客"
    assert page.evaluate("document.querySelector('.captcha__image').naturalWidth") == 288 or not scripts
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password_confirm]").fill(PASSWORD)
    page.locator("[name=captcha]").fill(site.flask("captcha", "answer", challenge).strip())
    page.get_by_role("button", name="注册", exact=True).click()
    expect(page).to_have_url(f"{site.address}/register/sent")
    assert "请查收邮件" in page.inner_text("h1")


def log_in(page, password):
    page.goto(urljoin(page.url, "/login"))
    page.get_by_label("用户名或邮箱").fill("山中客")
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def get_back_in(page, site, mailbox):
    page.goto(f"{site.address}/login")
    page.get_by_role("link", name="忘记密码了？").click()
    expect(page.locator("main")).to_contain_text(
        "忘记密码了？输入你的注册邮箱，并点击重置，稍后，你将会收到一封密码重置邮件。"
    )
    page.get_by_label("邮箱").fill("reader@example.com")
    page.get_by_role("button", name="重置").click()
    expect(page).to_have_url(f"{site.address}/forgot-password/sent")
    letter = mailbox.wait_for(2)[1]
    page.goto(site.address + link_in(letter))
    page.locator("[name=password]").fill(NEW_PASSWORD)
    page.locator("[name=password_confirm]").fill(NEW_PASSWORD)
    page.get_by_role("button", name="保存新密码").click()
    expect(page.locator("main")).to_contain_text("密码已更换，请用新密码登录。")
    assert mailbox.wait_for(3)[2]["Subject"] == "密码已更换 · 纸上"


def reply_as_guest(page, site):
    page.goto(f"{site.address}/articles/slow")
    page.get_by_role("button", name="发表回复").click()
    expect(page.locator("main")).to_contain_text("有三处需要修改")
    page.locator("input[name=nickname]").fill("半夏")
    page.get_by_label("E-Mail").fill("ban@example.com")
    page.get_by_label("回复内容").fill("路过，说一句。")
    page.get_by_role("button", name="发表回复").click()
    expect(page.locator(".replies")).to_contain_text("已发表。")
    page.locator("#comment-1").get_by_role("link", name="回复 山中客").click()
    expect(page.locator(".strip")).to_contain_text("回复 1 楼 山中客")
    page.locator("input[name=nickname]").fill("半夏")
    page.get_by_label("E-Mail").fill("ban@example.com")
    page.get_by_label("回复内容").fill("这一句答一楼。")
    page.get_by_role("button", name="发表回复").click()
    expect(page.locator(".thread__replies .comment")).to_contain_text("这一句答一楼。")
    assert page.inner_text("#replies-title") == "回复 ( 3 )"
