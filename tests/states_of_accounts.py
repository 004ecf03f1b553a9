"""The states of registering, logging in, getting back in, and of an account."""

from flask.testing import FlaskClient

from tests import builders
from tests.builders import hidden, link_in, log_in, registration_form, send_letters
from tests.moments import later
from tests.stage import an_article, chosen, member, post, state


@state("register")
def _(browser):
    return browser.get("/register")


@state("register-errors", 422)
def _(browser):
    builders.user("山中客", "someone@example.com")
    return browser.post("/register", data=registration_form(browser, captcha="WRONG"))


@state("register-closed")
def _(browser):
    with chosen(browser, registration="closed"):
        return browser.get("/register")


@state("register-sent")
def _(browser):
    return browser.get("/register/sent")


@state("register-sent-late")
def _(browser):
    with chosen(browser, mail_server="mail.example.com"):
        browser.post("/register", data=registration_form(browser))
        with later(minutes=6):
            return browser.get("/register/sent")


@state("confirm")
def _(browser):
    browser.post("/register", data=registration_form(browser))
    return browser.get(link_in(send_letters()[-1]))


@state("confirm-used", 410)
def _(browser):
    browser.post("/register", data=registration_form(browser))
    link = link_in(send_letters()[-1])
    browser.post(link, data={"csrf_token": hidden(browser.get(link), "csrf_token")})
    return browser.get(link)


@state("confirmed")
def _(browser):
    browser.post("/register", data=registration_form(browser))
    link = link_in(send_letters()[-1])
    return browser.post(link, data={"csrf_token": hidden(browser.get(link), "csrf_token")}, follow_redirects=True)


@state("login")
def _(browser):
    return browser.get("/login")


@state("login-wrong", 422)
def _(browser):
    return log_in(browser, "山中客", "不是这个密码")


@state("login-too-many", 429)
def _(browser):
    for _number in range(10):
        log_in(browser, "山中客", "不是这个密码")
    return log_in(browser, "山中客", "不是这个密码")


@state("logout-again", 422)
def _(browser):
    member(browser)
    return browser.post("/logout")


@state("forgot-password")
def _(browser):
    return browser.get("/forgot-password")


@state("forgot-password-error", 422)
def _(browser):
    token = hidden(browser.get("/forgot-password"), "csrf_token")
    return browser.post("/forgot-password", data={"email": "reader.example.com", "csrf_token": token})


@state("forgot-password-sent")
def _(browser):
    return browser.get("/forgot-password/sent")


def _reset_link(browser: FlaskClient) -> str:
    builders.user("山中客", "reader@example.com")
    token = hidden(browser.get("/forgot-password"), "csrf_token")
    browser.post("/forgot-password", data={"email": "reader@example.com", "csrf_token": token})
    return link_in(send_letters()[-1])


@state("reset-password")
def _(browser):
    return browser.get(_reset_link(browser))


@state("reset-password-errors", 422)
def _(browser):
    link = _reset_link(browser)
    token = hidden(browser.get(link), "csrf_token")
    return browser.post(link, data={"password": "1234567890", "password_confirm": "12345", "csrf_token": token})


@state("reset-password-expired", 410)
def _(browser):
    link = _reset_link(browser)
    with later(minutes=31):
        return browser.get(link)


@state("reset-password-saved")
def _(browser):
    link = _reset_link(browser)
    form = {"password": builders.PASSWORD, "password_confirm": builders.PASSWORD}
    token = hidden(browser.get(link), "csrf_token")
    return browser.post(link, data=form | {"csrf_token": token}, follow_redirects=True)


@state("account")
def _(browser):
    an_article()
    member(browser)
    post(browser, body="我写的一条。", csrf_token=hidden(browser.get("/articles/hello"), "csrf_token"))
    return browser.get("/account")


@state("account-empty")
def _(browser):
    member(browser)
    return browser.get("/account")
