"""The states of a reply, from the empty form to every way it can fail."""

from core import clock
from core.database import db
from tests.builders import hidden, reply_form
from tests.moments import later
from tests.stage import an_article, chosen, member, post, replies, state
from tests.twelve_ways import WAYS


@state("reply-to")
def _(browser):
    target = replies(an_article())[0]
    return browser.get(f"/articles/hello?to={target.id}")


@state("reply-member")
def _(browser):
    replies(an_article())
    member(browser)
    return browser.get("/articles/hello")


@state("reply-preview")
def _(browser):
    an_article()
    return post(browser, **reply_form(browser, body="**先看看**样子\n\n再发。", preview="1"))


@state("reply-errors", 422)
def _(browser):
    replies(an_article())
    return post(browser, **reply_form(browser, nickname="", email="nanshan.example.com", body="写了很久的一段话。"))


@state("reply-name-taken", 422)
def _(browser):
    an_article(author="沈未")
    return post(browser, **reply_form(browser, nickname="沈未"))


@state("reply-too-long", 422)
def _(browser):
    an_article()
    return post(browser, **reply_form(browser, body="长" * 20_320))


@state("reply-too-old", 422)
def _(browser):
    an_article()
    with later(hours=-72):
        form = reply_form(browser)
    return post(browser, **form)


@state("reply-target-gone", 422)
def _(browser):
    an_article()
    return post(browser, **reply_form(browser, parent="99"))


@state("reply-too-fast", 429)
def _(browser):
    an_article()
    for number in range(5):
        post(browser, **reply_form(browser, body=f"第 {number} 条"))
    return post(browser, **reply_form(browser, body="第六条"))


@state("reply-closed-meanwhile", 409)
def _(browser):
    replies(an_article())
    form = reply_form(browser, body="写了一半，关门了。")
    an_article(comments_open=False)
    return post(browser, **form)


@state("reply-gone-meanwhile", 410)
def _(browser):
    made = an_article()
    form = reply_form(browser, body="写了一半，文章没了。")
    made.withdrawn_at = clock.now()
    db.session.commit()
    return post(browser, **form)


@state("reply-session-ended", 403)
def _(browser):
    an_article()
    member(browser)
    page = browser.get("/articles/hello")
    browser.delete_cookie("session")
    return post(browser, body="登录过期时写的。", csrf_token=hidden(page, "csrf_token"))


@state("reply-published")
def _(browser):
    replies(an_article())
    return browser.get(post(browser, **reply_form(browser)).location, follow_redirects=True)


@state("reply-sent-twice")
def _(browser):
    replies(an_article())
    form = reply_form(browser)
    browser.get(post(browser, **form).location, follow_redirects=True)
    return browser.get(post(browser, **form).location, follow_redirects=True)


@state("reply-pending")
def _(browser):
    replies(an_article())
    with chosen(browser, comments_hold="all"):
        return browser.get(post(browser, **reply_form(browser)).location, follow_redirects=True)


@state("reply-cite")
def _(browser):
    target = replies(an_article())[0]
    return browser.get(f"/articles/hello?to={target.id}&cite=1")


def doubted(browser):
    """The form comes back with a captcha, for a machine could have sent it."""
    form = reply_form(browser, body="不是机器写的一段话。", website="https://example.org")
    return form, post(browser, **form)


@state("reply-captcha", 422)
def _(browser):
    an_article()
    return doubted(browser)[1]


@state("reply-captcha-wrong", 422)
def _(browser):
    an_article()
    form, page = doubted(browser)
    return post(browser, **form, captcha_id=hidden(page, "captcha_id"), captcha="WRONG")


@state("reply-waits-for-mail")
def _(browser):
    replies(an_article())
    form, page = doubted(browser)
    sent = post(browser, **form, captcha_id=hidden(page, "captcha_id"), by_mail="1")
    return browser.get(sent.location, follow_redirects=True)


@state("reply-database-busy", 503)
def _(browser):
    replies(an_article())
    form = reply_form(browser, body="写的时候数据库正忙。")
    with WAYS["database busy"].meanwhile(browser.application):
        return post(browser, **form)


@state("reply-withdrawn-answering", 410)
def _(browser):
    made = an_article()
    target = replies(made)[0]
    form = reply_form(browser, query=f"?to={target.id}", body="写了一半，文章没了。", parent=str(target.id))
    made.withdrawn_at = clock.now()
    db.session.commit()
    return post(browser, **form)
