"""States of the reply form that screening brings: a word that is refused, a writer who is banned."""

from datetime import timedelta

from blueprints.comments.bans import ban
from blueprints.comments.word_rules import add_rule
from core import clock
from core.database import db
from tests import builders
from tests.stage import an_article, member, post, replies, state

BODY = "读到这里想起一件事。\n\n要代开发票的可以找我。"


@state("reply-word-refused", 422)
def _reply_word_refused(browser):
    replies(an_article())
    add_rule("代开发票", refuses=True, by=None)
    db.session.commit()
    return post(browser, **builders.reply_form(browser, body=BODY))


@state("reply-banned", 403)
def _reply_banned(browser):
    first = replies(an_article())[0]
    ban(first, until=clock.now() + timedelta(days=7), reason="广告", with_network=False, by=None)
    db.session.commit()
    return post(browser, **builders.reply_form(browser, email="zhou@example.com", nickname="周默", body=BODY))


@state("reply-network-banned", 403)
def _reply_network_banned(browser):
    first = replies(an_article())[0]
    first.address_block = "127.0.0.0/24"
    ban(first, until=None, reason="广告", with_network=True, by=None)
    db.session.commit()
    return post(browser, **builders.reply_form(browser, body=BODY))


@state("member-banned", 403)
def _member_banned(browser):
    an_article()
    member(browser)
    token = builders.hidden(browser.get("/articles/hello"), "csrf_token")
    post(browser, csrf_token=token, body="第一条")
    ban(builders.the_comment(), until=None, reason="", with_network=False, by=None)
    db.session.commit()
    return post(browser, csrf_token=token, body=BODY)
