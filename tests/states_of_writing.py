"""The states of the desk of authors."""

import re
from datetime import timedelta

from sqlalchemy import select

from blueprints.articles.models import Article, ArticleVersion
from blueprints.articles.scheduling import withdraw
from blueprints.auth.models import Role, User
from core import clock
from core.database import db
from tests import builders
from tests.builders import hidden, log_in
from tests.stage import an_article, state

MULTIPART = "multipart/form-data"
BODY = "雨下了一夜。\n\n## 早上\n\n他说,今天不走了.她没有回答......\n\n- 一把伞\n- 一封信\n\n> 慢一点。"


def author(browser, role: Role = Role.AUTHOR) -> User:
    """Log 沈未 in, who writes here."""
    made = builders.user("沈未", "shen@example.com", role)
    log_in(browser, "沈未")
    return made


def typed(**more: str) -> dict[str, str]:
    """Return what an author's browser sends of the editor's fields."""
    filled = {"title": "雨夜", "summary": "一封没有寄的信。", "body": BODY, "tags": "随笔，夜里", "slug": "rainy-night"}
    return filled | {"lang": "zh", "comments": "open"} | more


def write(browser, path: str = "/write/new", act: str = "save", **more: str):
    """Open an editor, fill it in and press a button."""
    return browser.post(path, data=opened(browser, path) | typed(**more) | {"act": act}, content_type=MULTIPART)


def opened(browser, path: str) -> dict[str, str]:
    """Open an editor and return its hidden fields."""
    form = browser.get(path).text.partition('class="form editor"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def draft(browser, **more: str) -> str:
    """Begin a draft and return the path of its editor."""
    return str(write(browser, **more).location)


def press(browser, path: str, **more: str | list[str]):
    """Press the button of a small form."""
    page = browser.get(path)
    return browser.post(path, data={name: hidden(page, name) for name in ("csrf_token", "mark")} | more)


def published(browser, **more: str) -> str:
    path = draft(browser, **more)
    assert press(browser, f"{path}/publish").status_code == 303
    return path


def act(browser, path: str, name: str):
    """Press one of the buttons beside the editor."""
    page = browser.get(path)
    return browser.post(f"{path}/{name}", data={"csrf_token": hidden(page, "csrf_token")})


@state("write-empty")
def _(browser):
    author(browser)
    return browser.get("/write")


@state("write")
def _(browser):
    author(browser)
    one = published(browser)
    article = db.session.scalars(select(Article)).one()
    builders.comment(article, "同意，写得很慢。")
    builders.comment(article, "要等一等的话。", nickname="周默", email="zhou@example.com", held=True)
    write(browser, one, body=BODY + "\n\n又加了一段。")
    draft(browser, title="没写完的", slug="")
    later = draft(browser, title="下个月的信", slug="letter")
    at = (clock.now() + timedelta(days=20)).strftime("%Y-%m-%dT08:30")
    press(browser, f"{later}/publish", when="later", at=at)
    gone = published(browser, title="撤下的一篇", slug="gone")
    act(browser, gone, "withdraw")
    return browser.get("/write")


@state("write-forbidden", 403)
def _(browser):
    builders.user("山中客", "reader@example.com")
    log_in(browser, "山中客")
    return browser.get("/write")


@state("editor-new")
def _(browser):
    author(browser)
    return browser.get("/write/new")


@state("editor")
def _(browser):
    author(browser)
    return browser.get(draft(browser))


@state("editor-saved")
def _(browser):
    author(browser)
    path = draft(browser)
    write(browser, path, body=BODY + "\n\n再写一段。")
    return browser.get(path)


@state("editor-wrong", 422)
def _(browser):
    author(browser)
    return write(browser, draft(browser), title="看不见的\ufffd字")


@state("editor-public")
def _(browser):
    author(browser, Role.ADMINISTRATOR)
    return browser.get(published(browser))


@state("editor-changed")
def _(browser):
    author(browser)
    path = published(browser)
    write(browser, path, body=BODY + "\n\n又加了一段。")
    return browser.get(path)


@state("editor-scheduled")
def _(browser):
    author(browser)
    path = draft(browser)
    at = (clock.now() + timedelta(days=20)).strftime("%Y-%m-%dT08:30")
    press(browser, f"{path}/publish", when="later", at=at)
    return browser.get(path)


@state("editor-withdrawn")
def _(browser):
    author(browser)
    path = published(browser)
    act(browser, path, "withdraw")
    return browser.get(path)


@state("editor-taken-down")
def _(browser):
    author(browser)
    path = published(browser)
    withdraw(db.session.scalars(select(Article)).one(), builders.user("林舟", "lin@example.com", Role.MODERATOR))
    db.session.commit()
    return browser.get(path)


@state("editor-two-versions", 409)
def _(browser):
    author(browser)
    path = draft(browser)
    stale = opened(browser, path)
    write(browser, path, body=BODY.replace("一夜", "两夜") + "\n\n那边加的一段。")
    mine = typed(body=BODY.replace("雨下了", "雪下了"), tags="随笔，雪", comments="closed") | {"act": "save"}
    return browser.post(path, data=stale | mine, content_type=MULTIPART)


@state("editor-logged-out", 403)
def _(browser):
    author(browser)
    path = draft(browser)
    browser.delete_cookie("session")
    return browser.post(path, data=typed(body=BODY + "\n\n还没存的一段。"), content_type=MULTIPART)


@state("editor-preview")
def _(browser):
    author(browser)
    return browser.get(draft(browser) + "/preview")


@state("punctuation")
def _(browser):
    author(browser)
    return browser.get(draft(browser) + "/punctuation")


@state("punctuation-none-chosen", 422)
def _(browser):
    author(browser)
    return press(browser, draft(browser) + "/punctuation")


@state("punctuation-done")
def _(browser):
    author(browser)
    path = draft(browser)
    press(browser, path + "/punctuation", change="0")
    return browser.get(path)


@state("punctuation-nothing")
def _(browser):
    author(browser)
    return browser.get(draft(browser, body="好好的一句话。") + "/punctuation")


@state("publish-check")
def _(browser):
    author(browser)
    long = "很长的一段话。" * 100
    body = f"{long}\n\n## 一\n\n#### 跳了级\n\n见[那一篇](/articles/nowhere)。"
    return browser.get(draft(browser, summary="", tags="", body=body) + "/publish")


@state("publish-well")
def _(browser):
    author(browser)
    return browser.get(draft(browser) + "/publish")


@state("publish-faults", 422)
def _(browser):
    author(browser)
    an_article()
    path = draft(browser, title="", slug="hello")
    return press(browser, path + "/publish")


@state("publish-wrong-time", 422)
def _(browser):
    author(browser)
    return press(browser, draft(browser) + "/publish", when="later", at="2020-01-01T08:00")


@state("publish-time-beside-now", 422)
def _(browser):
    author(browser)
    return press(browser, draft(browser) + "/publish", when="now", at="2030-01-01 08:30")


@state("revisions")
def _(browser):
    author(browser)
    path = published(browser)
    write(browser, path, body="改成很短。")
    write(browser, path, body=BODY + "\n\n又写回来。")
    press(browser, path + "/publish")
    return browser.get(path + "/revisions")


@state("revisions-none")
def _(browser):
    author(browser)
    return browser.get(draft(browser) + "/revisions")


@state("revision")
def _(browser):
    author(browser)
    path = draft(browser)
    write(browser, path, title="雪夜", body=BODY.replace("雨下了", "雪下了") + "\n\n又加了一段。")
    version = db.session.scalars(select(ArticleVersion)).first()
    assert version is not None
    return browser.get(f"{path}/revisions/{version.id}")


@state("write-help")
def _(browser):
    author(browser)
    return browser.get("/write/help")
