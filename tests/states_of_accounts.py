"""The states of registering, logging in, getting back in, and of an account."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from blueprints.auth.models import User
from blueprints.auth.second_factor import new_recovery_codes
from core import clock
from core.database import db
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


@state("register-name-taken", 422)
def _(browser):
    builders.user("山中客", "someone@example.com")
    return browser.post("/register", data=registration_form(browser))


@state("register-too-many", 429)
def _(browser):
    for number in range(10):
        other = browser.application.test_client()
        form = registration_form(other, username=f"读者{number}", email=f"r{number}@example.com")
        other.post("/register", data=form)
    return browser.post("/register", data=registration_form(browser))


@state("register-uneasy")
def _(browser):
    for number in range(5):
        other = browser.application.test_client()
        form = registration_form(other, username=f"读者{number}", email=f"r{number}@example.com")
        other.post("/register", data=form)
    return browser.get("/register")


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


@state("login-paused", 403)
def _(browser):
    mei = builders.user("山中客", "reader@example.com")
    mei.paused_at, mei.paused_until, mei.pause_reason = clock.now(), clock.now() + timedelta(days=30), "连续发广告"
    db.session.commit()
    return log_in(browser, "山中客")


@state("login-with-reply")
def _(browser):
    an_article()
    form = {"carry": "hello", "body": "写了很久的一段。\n\n第二段。", "parent": ""}
    return browser.post("/login", data=form)


@state("login-with-reply-done")
def _(browser):
    an_article()
    builders.user("山中客", "reader@example.com")
    return log_in(browser, "山中客", carry="hello", body="写了很久的一段。\n\n第二段。", parent="")


@state("login-too-many", 429)
def _(browser):
    for _number in range(10):
        log_in(browser, "山中客", "不是这个密码")
    return log_in(browser, "山中客", "不是这个密码")


@state("login-by-mail")
def _(browser):
    return browser.get("/login/by-mail")


@state("login-by-mail-sent")
def _(browser):
    return browser.get("/login/by-mail/sent")


@state("login-by-mail-wrong-digits", 422)
def _(browser):
    token = hidden(browser.get("/login/by-mail/sent"), "csrf_token")
    return browser.post("/login/by-mail/sent", data={"code": "000000", "csrf_token": token})


def _login_link(browser: FlaskClient) -> str:
    builders.user("山中客", "reader@example.com")
    token = hidden(browser.get("/login/by-mail"), "csrf_token")
    browser.post("/login/by-mail", data={"email": "reader@example.com", "csrf_token": token})
    return link_in(send_letters()[-1])


@state("mailed-login")
def _(browser):
    return browser.get(_login_link(browser))


@state("mailed-login-elsewhere", 403)
def _(browser):
    return browser.get(_login_link(browser.application.test_client()))


@state("mailed-login-expired", 410)
def _(browser):
    link = _login_link(browser)
    with later(minutes=31):
        return browser.get(link)


def _with_factor(browser: FlaskClient) -> None:
    member(browser)
    user = db.session.scalars(select(User)).one()
    user.totp_seed, user.has_second_factor = "a seed", True
    new_recovery_codes(user)
    db.session.commit()


@state("second-step")
def _(browser):
    _with_factor(browser.application.test_client())
    return log_in(browser, "山中客", follow=True)


@state("second-step-wrong", 422)
def _(browser):
    _with_factor(browser.application.test_client())
    token = hidden(log_in(browser, "山中客", follow=True), "csrf_token")
    return browser.post("/login/second-step", data={"code": "000000", "csrf_token": token})


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


def _page(path: str, status: int = 200, **form: str):
    """A page of my account; with fields, what comes back when they are sent."""

    def play(browser):
        member(browser)
        answer = browser.get(path)
        if form:
            answer = browser.post(path, data={"csrf_token": hidden(answer, "csrf_token")} | form)
        return answer

    name = "account" + path.partition("?")[0].removeprefix("/account").replace("/", "-")
    state(name + ("-errors" if status == 422 else ""), status)(play)


_page("/account/name")
_page("/account/name", 422, username="admin")
_page("/account/email")
_page("/account/email", 422, email="no-address", present="不是这个密码")
_page("/account/password")
_page("/account/password", 422, present="", password="1234567890", password_confirm="12345")
_page("/account/choices")
_page("/account/download")
_page("/account/delete")
_page("/account/delete", 422, present="不是这个密码")
_page("/account/second-factor")
_page("/account/second-factor/app")
_page("/account/second-factor/app", 422, code="000000", present=builders.PASSWORD)
_page("/account/second-factor/passkey")
_page("/account/second-factor/recovery-codes")
_page("/account/second-factor/recovery-codes", 422, present=builders.PASSWORD)


@state("account-sent-after-logout", 403)
def _(browser):
    return browser.post("/account/name", data={"username": "新名字"})


@state("account-email-waits")
def _(browser):
    member(browser)
    form = {"email": "new@example.com", "present": builders.PASSWORD}
    token = hidden(browser.get("/account/email"), "csrf_token")
    return browser.post("/account/email", data=form | {"csrf_token": token}, follow_redirects=True)


@state("account-email-prove")
def _(browser):
    member(browser)
    form = {"email": "new@example.com", "present": builders.PASSWORD}
    token = hidden(browser.get("/account/email"), "csrf_token")
    browser.post("/account/email", data=form | {"csrf_token": token})
    return browser.get(link_in(next(letter for letter in send_letters() if letter["To"] == "new@example.com")))


@state("account-email-undo")
def _(browser):
    member(browser)
    form = {"email": "new@example.com", "present": builders.PASSWORD}
    token = hidden(browser.get("/account/email"), "csrf_token")
    browser.post("/account/email", data=form | {"csrf_token": token})
    link = link_in(next(letter for letter in send_letters() if letter["To"] == "new@example.com"))
    browser.post(link, data={"csrf_token": hidden(browser.get(link), "csrf_token")})
    told = [letter for letter in send_letters() if letter["To"] == "reader@example.com"]
    return browser.get(link_in(told[-1]))


@state("account-sessions")
def _(browser):
    other = browser.application.test_client()
    other.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) Safari/605.1"
    member(other)
    log_in(other, "山中客", "不是这个密码")
    browser.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0"
    log_in(browser, "山中客")
    return browser.get("/account/sessions")


@state("account-second-factor-set")
def _(browser):
    _with_factor(browser)
    return browser.get("/account/second-factor")


@state("account-second-factor-remove")
def _(browser):
    _with_factor(browser)
    return browser.get("/account/second-factor/remove?which=app")


@state("confirm-elsewhere")
def _(browser):
    other = browser.application.test_client()
    other.post("/register", data=registration_form(other))
    return browser.get(link_in(send_letters()[-1]))


@state("account-recovery-codes-shown")
def _(browser):
    _with_factor(browser)
    token = hidden(browser.get("/account/second-factor/recovery-codes"), "csrf_token")
    form = {"present": builders.PASSWORD, "csrf_token": token}
    return browser.post("/account/second-factor/recovery-codes", data=form)


@state("account-replies")
def _(browser):
    article = an_article()
    member(browser)
    user = db.session.scalars(select(User)).one()
    for number in range(22):
        builders.comment(article, f"我写的第 {number + 1} 条，说的是停顿。", user=user)
    return browser.get("/account/replies")


@state("account-replies-empty")
def _(browser):
    member(browser)
    return browser.get("/account/replies")


@state("account-left")
def _(browser):
    an_article()
    member(browser)
    token = hidden(browser.get("/account/delete"), "csrf_token")
    form = {"present": builders.PASSWORD, "csrf_token": token}
    return browser.post("/account/delete", data=form, follow_redirects=True)


@state("reply-of-a-left-account")
def _(browser):
    article = an_article()
    user = builders.user("山中客", "reader@example.com")
    builders.comment(article, "留下的话。", user=user)
    user.leaves_at = clock.now() + timedelta(days=7)
    db.session.commit()
    return browser.get("/articles/hello")
