"""Logging in by a mailed link: the way round for whoever is made to wait. It works in the browser that asked for it."""

from collections.abc import Mapping
from typing import Any

from blueprints.auth.mailed_links import ask_for_link, link_of, make_link
from blueprints.auth.models import MailedLink
from core.errors import NotAllowed
from core.i18n import _, _l
from core.mail import Letter, site_link, writes
from core.tokens import hash_of, same


class AnotherBrowser(NotAllowed):
    """The link was asked for in another browser, where its six digits log in."""

    title = _l("请回到原来的浏览器")
    again = "auth.login_by_mail"


def request_login(email: str, *, may: bool, browser: str, address_block: str) -> None:
    """Queue the question whether this address has an account and is to get a letter."""
    ask_for_link("login", email, may=may, browser=browser, address_block=address_block)


@writes("login_link")
def login_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Make the link and write the letter to the stored address."""
    made = make_link("login", payload)
    if made is None:
        return None
    user, link = made.user, site_link("auth.mailed_login", token=made.token)
    return Letter(user.email, "login_link", {"username": user.username, "code": made.code}, link, user.language)


def login_of(token: str, browser: str) -> MailedLink:
    """Return what a link logs in. Raises LinkDead, AnotherBrowser: nobody logs in by a link they did not ask for."""
    link = link_of("login", token)
    if not same(link.browser_hash or "", hash_of(browser)):
        raise AnotherBrowser(_("这封信是从另一个浏览器要的。把信里的六位数字填到那里，或者在这里重新要一封。"))
    return link
