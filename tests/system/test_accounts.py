"""Accounts in a real browser against the running server: by ear, by key, by passkey, with scripts and without."""

import email
import email.policy
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import expect

from tests.builders import PASSWORD, link_in
from tests.system.conftest import Site

pytestmark = [pytest.mark.system, pytest.mark.browser]


def page_of(chromium, site, **options):
    context = chromium.new_context(base_url=site.address, locale="zh-CN", **options)
    return context.new_page()


def newest_letter(site: Site, text: str):
    """Return the newest letter in the outbox whose subject begins with `text`."""
    for _ in range(100):
        files = sorted(
            Path(site.environment["ZHISHANG_INSTANCE"], "outbox").glob("*.eml"),
            key=lambda file: file.stat().st_mtime_ns,
        )
        letters = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        found = [letter for letter in letters if letter["Subject"].startswith(text)]
        if found:
            return found[-1]
        time.sleep(0.1)
    raise AssertionError(f"no letter {text}")


def log_in(page, name="梅子", password=PASSWORD):
    page.goto("/login")
    page.get_by_label("用户名或邮箱").fill(name)
    page.locator("#password").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_who_sees_no_picture_registers_by_ear_and_keyboard(shared_site, chromium, scripts):
    page = page_of(chromium, shared_site, java_script_enabled=scripts)
    page.route("**/captcha/*.png", lambda route: route.abort())  # the picture is never looked at
    page.goto("/register")
    name = "听的人" if scripts else "听的人二"
    page.get_by_label("用户名").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(f"ear{int(scripts)}@example.com")
    for field in ("#password", "#password_confirm"):
        page.locator(field).focus()
        page.keyboard.type(PASSWORD)
    page.get_by_text("听一听").focus()
    page.keyboard.press("Enter")
    audio = page.locator("audio").first
    sound = page.request.get(audio.get_attribute("src"))
    assert sound.status == 200 and sound.headers["content-type"].startswith("audio/")
    if scripts:
        length = audio.evaluate(
            "one => new Promise((yes, no) => { one.onloadedmetadata = () => yes(one.duration); one.onerror = no; one.load(); })"
        )
        assert 3 < length < 15
    challenge = page.locator("[name=captcha_id]").get_attribute("value")
    digits = shared_site.flask("captcha", "answer", "--spoken", challenge).strip()
    assert re.fullmatch(r"\d{6}", digits)
    page.locator("#captcha").focus()
    page.keyboard.type(" ".join(digits))
    page.keyboard.press("Enter")

    page.wait_for_url("**/register/sent")
    letter = newest_letter(shared_site, "完成注册")
    page.goto(link_in(letter))
    page.get_by_role("button", name="完成注册").press("Enter")
    page.wait_for_url("**/login")
    log_in(page, name)
    page.get_by_role("link", name=name).wait_for()  # seen within the usual time, or the test fails


def test_a_passkey_made_in_the_browser_finishes_the_log_in(start, chromium):
    site = start()
    site.address = site.address.replace("127.0.0.1", "localhost")  # an IP address takes no passkeys
    site.flask("users", "create", "梅子", "mei@example.com", "--password-stdin", feed=PASSWORD + "\n")
    page = page_of(chromium, site)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": options | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    log_in(page)
    page.goto("/account/second-factor/passkey")
    page.get_by_label("名字").fill("这台电脑")
    page.locator("#present").fill(PASSWORD)
    page.get_by_role("button", name="添加通行密钥").click()
    page.locator(".recovery-codes li").first.wait_for()
    assert page.locator(".recovery-codes li").count() == 10

    page.get_by_role("button", name="退出").click()
    log_in(page)
    page.wait_for_url("**/login/second-step**")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url(site.address + "/")

    assert page.get_by_role("link", name="梅子").is_visible()
    page.goto("/account/second-factor")
    assert "这台电脑" in page.content() and "上次使用" in page.content()


def test_without_scripts_an_app_and_paper_do(start, chromium):
    site = start()
    site.flask("users", "create", "梅子", "mei@example.com", "--password-stdin", feed=PASSWORD + "\n")
    page = page_of(chromium, site, java_script_enabled=False)
    log_in(page)
    page.goto("/account/second-factor/app")
    key = re.sub(r"\s", "", page.locator(".app-key__letters").inner_text())
    assert page.locator(".app-key__picture path").count() == 1
    page.locator("#code").fill(pyotp.TOTP(key).now())
    page.locator("#present").fill(PASSWORD)
    page.get_by_role("button", name="保存").click()
    code = page.locator(".recovery-codes li").first.inner_text()
    page.get_by_role("button", name="退出").click()
    log_in(page)
    assert urlsplit(page.url).path == "/login/second-step"
    assert not page.get_by_role("button", name="用通行密钥登录").is_visible()

    page.get_by_label("动态码或恢复码").fill(code)
    page.get_by_role("button", name="登录", exact=True).click()

    expect(page.get_by_role("link", name="梅子")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_session_that_ended_while_writing_costs_nothing(start, chromium, scripts, tmp_path):
    site = start()
    site.flask("users", "create", "梅子", "mei@example.com", "--password-stdin", feed=PASSWORD + "\n")
    article = tmp_path / "hello.md"
    article.write_text("---\ntitle: 一篇\n---\n\n第一段。\n", encoding="utf-8")
    site.flask("articles", "publish", str(article))
    page = page_of(chromium, site, java_script_enabled=scripts)
    log_in(page)
    page.goto("/articles/hello")
    page.get_by_label("回复内容").fill("写了很久的一段。\n\n第二段。")
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="发表回复").click()
    expect(page.locator("main")).to_contain_text("登录过期了")

    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_label("用户名或邮箱").fill("梅子")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()

    assert page.get_by_label("回复内容").input_value() == "写了很久的一段。\n\n第二段。"
    page.get_by_role("button", name="发表回复").click()
    page.get_by_text("已发表。").wait_for()
    assert "第二段。" in page.locator(".comment__body").inner_text()
