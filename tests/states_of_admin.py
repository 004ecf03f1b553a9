"""The states of the pages for administrators, and of the first run of a new site."""

import re
from datetime import timedelta

from flask import current_app
from sqlalchemy import select

from blueprints.auth.account_log import Origin
from blueprints.auth.first_administrator import first_run_link
from blueprints.auth.models import Role, User
from blueprints.auth.people import pause
from core import clock
from core.database import db
from tests import builders
from tests.builders import PASSWORD, hidden, log_in
from tests.stage import an_article, member, state

HERE = Origin("198.51.100.0/24", "Firefox · Linux")


def administrator(browser) -> User:
    """Log 山中客 in, who is an administrator."""
    member(browser, Role.ADMINISTRATOR)
    return db.session.scalars(select(User).where(User.role == Role.ADMINISTRATOR)).one()


def people() -> list[User]:
    """Make four people, the last paused."""
    mei = builders.user("梅子", "mei@example.com")
    builders.user("林舟", "lin@example.com", Role.MODERATOR)
    builders.user("沈未", "shen@example.com", Role.AUTHOR)
    loud = builders.user("عبد الله", "a-rather-long-address-to-be-broken-somewhere@mail.example.org")
    return [mei, loud]


def paused(browser) -> User:
    """Make a person who is paused for a week."""
    actor, person = administrator(browser), people()[1]
    pause(person, "在三篇文章下贴同一个广告", clock.now() + timedelta(days=7), actor=actor, origin=HERE)
    db.session.commit()
    return person


def act(browser, user: User, name: str, **more: str):
    """Press the button of an act on the page of a person."""
    path = f"/admin/people/{user.id}"
    page = browser.get(path).text
    token = re.search(rf'action="{path}/{name}".*?name="csrf_token" value="([^"]+)"', page, re.DOTALL)
    return browser.post(f"{path}/{name}", data=({"csrf_token": token[1]} if token else {}) | more)


def first_run_path() -> str:
    """Return the path of the link that makes the first administrator."""
    link = first_run_link()
    assert link
    return link.removeprefix(current_app.config["ZHISHANG"].address)


def owner(**more: str) -> dict[str, str]:
    """Return what the owner of a new site fills in."""
    filled = {"username": "山中客", "email": "owner@example.com", "password": PASSWORD + "和一张旧船票"}
    return filled | {"password_confirm": filled["password"]} | more


@state("people")
def _(browser):
    paused(browser)
    return browser.get("/admin/people")


@state("people-empty-search")
def _(browser):
    administrator(browser)
    return browser.get("/admin/people?q=没有这个人&role=author")


@state("people-forbidden", 403)
def _(browser):
    member(browser, Role.MODERATOR)
    return browser.get("/admin/people")


@state("person")
def _(browser):
    administrator(browser)
    mei, _loud = people()
    builders.comment(an_article(), "我写的一条。", user=mei, nickname=mei.username)
    log_in(browser.application.test_client(), "梅子")
    return browser.get(f"/admin/people/{mei.id}")


@state("person-paused")
def _(browser):
    return browser.get(f"/admin/people/{paused(browser).id}")


@state("person-oneself")
def _(browser):
    return browser.get(f"/admin/people/{administrator(browser).id}")


@state("person-errors", 422)
def _(browser):
    administrator(browser)
    mei, _loud = people()
    return act(browser, mei, "pause", reason="", days="30")


@state("person-errors-role", 422)
def _(browser):
    administrator(browser)
    return act(browser, people()[0], "role", role="administrator", present="不是这个密码")


@state("first-run")
def _(browser):
    return browser.get(first_run_path())


@state("first-run-errors", 422)
def _(browser):
    path = first_run_path()
    token = hidden(browser.get(path), "csrf_token")
    return browser.post(path, data=owner(csrf_token=token, email="owner.example.com", password_confirm="别的"))


@state("first-run-done")
def _(browser):
    path = first_run_path()
    token = hidden(browser.get(path), "csrf_token")
    return browser.post(path, data=owner(csrf_token=token), follow_redirects=True)


@state("first-run-used", 410)
def _(browser):
    path = first_run_path()
    builders.user("山中客", "owner@example.com", Role.ADMINISTRATOR)
    return browser.get(path)
