"""The states of the site's settings and of its own pages."""

from blueprints.admin.page_queries import read_foot_anew
from blueprints.admin.pages import page_text, save_page
from blueprints.admin.settings import change_settings
from blueprints.auth.models import User
from core.database import db
from core.site_settings import newest_settings, read_settings_anew
from tests import builders
from tests.builders import hidden
from tests.stage import an_article, chosen, state
from tests.states_of_admin import administrator

WORDS = "这里的文章都写得慢。\n\n## 怎么联系\n\n写信到编辑部，一周内回。\n\n> 慢一点。"
ENGLISH = "What is here was written slowly.\n\n## How to reach us\n\nWrite to the editors; they answer within a week."


def settings_form(browser, **more: str) -> dict[str, str]:
    """Return what a browser sends when the settings are saved as they stand."""
    page = browser.get("/admin/settings")
    usual = {"site_name": "纸上", "site_description": "", "default_language": "zh", "security_contact": ""}
    usual |= {"registration": "open", "comments_hold": "suspicious", "removals_public": "0"}
    usual |= {"comments_per_minute": "5", "comments_per_10_minutes": "20", "comments_flood_per_minute": "60"}
    guards = {name: hidden_in_form(page.text, name) for name in ("csrf_token", "seen")}
    return usual | guards | more


def hidden_in_form(page: str, name: str) -> str:
    """Return a hidden field of the page's first form that has it."""
    return page.partition("<main")[2].partition(f'name="{name}" value="')[2].partition('"')[0]


def set_in_browser(by: User, **texts: str) -> None:
    """Let these settings count as if they had been saved on the page."""
    change_settings(texts, seen=newest_settings().revision, by=by)
    db.session.commit()
    read_settings_anew()


def page_form(browser, slug: str, lang: str = "zh", **more: str) -> dict[str, str]:
    """Return what a browser sends when a page of the site's own is saved."""
    page = browser.get(f"/admin/pages/{slug}/{lang}").text
    guards = {name: hidden_in_form(page, name) for name in ("csrf_token", "seen")}
    return guards | {"title": "关于这里", "body": WORDS} | more


def written(by: User, slug: str, lang: str = "zh", **more) -> None:
    """Let a page be written as if it had been saved in the browser."""
    values = {"title": "关于这里", "body": WORDS, "place": None} | more
    text = page_text(values["title"], values["body"], lang, values["place"])
    save_page(slug, lang, text, seen=more.get("seen", 0), by=by)
    db.session.commit()
    read_foot_anew()


def a_page(by: User) -> None:
    """Write /pages/colophon in both languages, the third link at the foot."""
    written(by, "colophon", title="版式", place=3)
    written(by, "colophon", "en", title="Colophon", body=ENGLISH, place=3)


@state("settings")
def _(browser):
    administrator(browser)
    return browser.get("/admin/settings")


@state("settings-saved")
def _(browser):
    set_in_browser(administrator(browser), comments_hold="first")
    form = settings_form(
        browser, site_name="慢慢读", site_description="写得慢的文章，和读得慢的人。", comments_hold="first"
    )
    return browser.post("/admin/settings", data=form, follow_redirects=True)


@state("settings-errors", 422)
def _(browser):
    administrator(browser)
    form = settings_form(
        browser, site_name="纸" * 41, security_contact="编辑部", comments_per_minute="五", comments_hold="first"
    )
    return browser.post("/admin/settings", data=form)


@state("settings-conflict", 409)
def _(browser):
    by = administrator(browser)
    form = settings_form(browser, site_name="慢慢读")
    set_in_browser(by, site_name="纸上谈", registration="closed")
    return browser.post("/admin/settings", data=form)


@state("settings-undo-conflict", 409)
def _(browser):
    by = administrator(browser)
    set_in_browser(by, site_name="慢慢读")
    set_in_browser(by, site_name="纸上谈")
    token = hidden(browser.get("/admin/settings"), "csrf_token")
    return browser.post("/admin/settings/undo", data={"csrf_token": token, "revision": "1"})


@state("settings-fixed")
def _(browser):
    administrator(browser)
    with chosen(browser, site_name="纸上", comments_hold="all", given=frozenset({"site_name", "comments_hold"})):
        return browser.get("/admin/settings")


@state("settings-described")
def _(browser):
    an_article()
    set_in_browser(
        builders.user("陆岸", "lu@example.com"), site_name="慢慢读", site_description="写得慢的文章，和读得慢的人。"
    )
    return browser.get("/")


@state("pages")
def _(browser):
    by = administrator(browser)
    written(by, "about")
    a_page(by)
    return browser.get("/admin/pages")


@state("pages-errors", 422)
def _(browser):
    administrator(browser)
    token = hidden(browser.get("/admin/pages"), "csrf_token")
    return browser.post("/admin/pages", data={"csrf_token": token, "slug": "关于 版式"})


@state("page-new")
def _(browser):
    administrator(browser)
    return browser.get("/admin/pages/colophon/zh")


@state("page-edit")
def _(browser):
    by = administrator(browser)
    written(by, "privacy", title="我们怎么看待隐私")
    written(by, "privacy", title="隐私", seen=1)
    return browser.get("/admin/pages/privacy/zh")


@state("page-saved")
def _(browser):
    administrator(browser)
    return browser.post("/admin/pages/about/zh", data=page_form(browser, "about"), follow_redirects=True)


@state("page-preview")
def _(browser):
    administrator(browser)
    return browser.post("/admin/pages/about/zh", data=page_form(browser, "about", preview="1"))


@state("page-errors", 422)
def _(browser):
    administrator(browser)
    return browser.post("/admin/pages/about/zh", data=page_form(browser, "about", title="", body=" "))


@state("page-conflict", 409)
def _(browser):
    by = administrator(browser)
    form = page_form(browser, "about", body="我在这台电脑上写的另一段。")
    written(by, "about")
    return browser.post("/admin/pages/about/zh", data=form)


@state("about-written")
def _(browser):
    by = builders.user("陆岸", "lu@example.com")
    written(by, "about")
    written(by, "about", "en", title="About this place", body=ENGLISH)
    return browser.get("/about")


@state("privacy-written")
def _(browser):
    by = builders.user("陆岸", "lu@example.com")
    written(by, "privacy", title="我们怎么看待隐私")
    written(by, "privacy", "en", title="What we think of privacy", body=ENGLISH)
    return browser.get("/privacy")


@state("page-written")
def _(browser):
    a_page(builders.user("陆岸", "lu@example.com"))
    return browser.get("/pages/colophon")
