"""The states of the moderation desk."""

import re

from sqlalchemy import select, update

from blueprints.auth.account_log import Origin
from blueprints.auth.login import Visitor
from blueprints.auth.models import Role, User
from blueprints.comments.appealing import appeal
from blueprints.comments.bans import ban
from blueprints.comments.flagging import flag
from blueprints.comments.models import Comment, CommentVersion, FlagReason, Status
from blueprints.comments.thread_queries import Whose
from blueprints.comments.word_rules import add_rule
from blueprints.moderation.cases import mail_case
from blueprints.moderation.decisions import Sitting, approve, decide, look_at
from core import clock
from core.database import db
from tests import builders
from tests.builders import hidden
from tests.stage import an_article, chosen, member, state

ADVERTISEMENT = "想减肥的朋友看[这里](https://slim.example/?from=paper)，加微信 shou-666，前一百名半价。"


def moderator(browser) -> User:
    """Log 山中客 in, who moderates, and return 林舟, who does too."""
    member(browser, Role.MODERATOR)
    return builders.user("林舟", "lin@example.com", Role.MODERATOR)


def the_moderator() -> User:
    return db.session.scalars(select(User).where(User.username == "山中客")).one()


def waiting() -> list[Comment]:
    """Make an article with replies that wait: one answers another, one is an advertisement, one is long."""
    article = an_article()
    first = builders.comment(
        article, "这问题本身就有毛病，两种读法怎么比较？", nickname="周默", email="zhou@example.com"
    )
    answer = builders.comment(
        article, "慢不是目的，读进去才是。\n\n我有一阵一天只读两页，读完就合上，走在路上还在想。", first,
        nickname="半夏", email="ban@example.com", held=True,
    )  # fmt: skip
    advertisement = builders.comment(
        article, ADVERTISEMENT, nickname="老秦", email="qin@example.com", address_block="203.0.113.0/24", held=True
    )
    advertisement.findings = [
        {"check": "host", "detail": "slim.example", "points": 20},
        {"check": "contact", "detail": "加微信 shou-666", "points": 30},
    ]
    long = "\n\n".join(f"第{number}段。" + "读书这件事，说来话长，一句两句讲不完。" * 8 for number in range(1, 9))
    letter = builders.comment(article, long, nickname="南山", held=True)
    db.session.commit()
    return [answer, advertisement, letter]


def flood(count: int = 12) -> None:
    """Make a family of nearly the same text."""
    article = builders.article("flood", "被灌水的一篇", author="沈未")
    for number in range(count):
        made = builders.comment(
            article, f"代开发票，联系 138 0000 00{number:02}", nickname=f"小王{number}", email=f"w{number}@example.com",
            address_block=f"198.51.{number}.0/24", held=True,
        )  # fmt: skip
        made.family = 4711
    db.session.commit()


def public(body: str = "一条公开的回复，有人不喜欢。") -> Comment:
    """Make an article with one public reply."""
    return builders.comment(an_article(), body, nickname="周默", email="zhou@example.com")


def reported() -> Comment:
    reply = public("想减肥的朋友看[这里](https://slim.example/?from=paper)。")
    for number, reason in enumerate((FlagReason.ADVERTISING, FlagReason.ADVERTISING, FlagReason.ABUSE)):
        who = Visitor(None, None, None, Origin(f"198.51.{number}.0/24", ""))
        flag(reply, who, reason, "每一篇下面都有他。" if number == 0 else "")
    db.session.commit()
    return reply


def press(browser, comment: Comment, act: str, **more: str):
    """Press a button of the case's page."""
    path = f"/moderation/comments/{comment.id}"
    page = browser.get(path).text
    found = re.search(
        r'name="csrf_token" value="([^"]*)"><input type="hidden" name="text" value="([^"]*)"'
        r'><input type="hidden" name="seen" value="([^"]*)"',
        page,
    )
    sent = dict(zip(("csrf_token", "text", "seen"), found.groups(), strict=True)) if found else {}
    return browser.post(path, data=sent | {"act": act} | more)


@state("queue")
def _(browser):
    moderator(browser)
    waiting()
    return browser.get("/moderation")


@state("queue-empty")
def _(browser):
    lin = moderator(browser)
    reply = waiting()[0]
    approve(look_at(reply), Sitting(lin))
    db.session.execute(update(Comment).values(status=Status.PUBLISHED))
    db.session.commit()
    return browser.get("/moderation")


@state("queue-flood")
def _(browser):
    moderator(browser)
    waiting()
    flood()
    return browser.get("/moderation")


@state("queue-narrowed")
def _(browser):
    moderator(browser)
    waiting()
    return browser.get("/moderation?q=减肥&article=hello&block=203.0.113.9&age=day")


@state("queue-after-an-act")
def _(browser):
    moderator(browser)
    _answer, advertisement, _letter = waiting()
    press(browser, advertisement, "spam")
    return browser.get("/moderation")


@state("queue-edits")
def _(browser):
    moderator(browser)
    reply = public()
    version = CommentVersion(
        comment_id=reply.id, number=2, body=ADVERTISEMENT, body_html="", status=Status.PENDING, held_reason="links"
    )
    db.session.add(version)
    db.session.commit()
    return browser.get("/moderation?which=edits")


@state("queue-reported")
def _(browser):
    moderator(browser)
    reported()
    return browser.get("/moderation?which=reported")


@state("queue-appealed")
def _(browser):
    lin = moderator(browser)
    reply = public()
    decide("remove", look_at(reply), Sitting(lin), "骂人或骚扰")
    appeal(reply, Whose(email_key=reply.email_key), "我没有骂谁，那句话是书里的原话。")
    db.session.commit()
    return browser.get("/moderation?which=appealed")


@state("queue-damaged")
def _(browser):
    moderator(browser)
    waiting()
    broken = waiting_row()
    db.session.execute(update(Comment).where(Comment.id == broken.id).values(version=0, nickname=""))
    db.session.commit()
    return browser.get("/moderation")


def waiting_row() -> Comment:
    return db.session.scalars(select(Comment).where(Comment.status == Status.PENDING).limit(1)).one()


@state("case")
def _(browser):
    lin = moderator(browser)
    reply = reported()
    decide("remove", look_at(reply), Sitting(lin), "广告")
    db.session.commit()
    return browser.get(f"/moderation/comments/{reply.id}")


@state("case-someone-was-first", 409)
def _(browser):
    lin = moderator(browser)
    reply, lin_id = waiting()[0], lin.id
    path = f"/moderation/comments/{reply.id}"
    token = hidden(browser.get(path), "csrf_token")
    reply = db.session.get_one(Comment, reply.id)
    approve(look_at(reply), Sitting(db.session.get_one(User, lin_id)))
    db.session.commit()
    sent = {
        "csrf_token": token,
        "text": f"{reply.id}.1",
        "seen": "pending",
        "act": "remove",
        "reason": "与文章无关，谢谢。",
    }
    return browser.post(path, data=sent)


@state("case-errors", 422)
def _(browser):
    moderator(browser)
    return press(browser, waiting()[0], "remove", reason="长" * 200)


@state("selected")
def _(browser):
    moderator(browser)
    answer, advertisement, letter = waiting()
    approve(look_at(letter), Sitting(the_moderator()))
    db.session.commit()
    return browser.get(
        f"/moderation/selected?pick={answer.id}.1:pending&pick={advertisement.id}.1:pending&pick={letter.id}.1:pending"
    )


@state("selected-family")
def _(browser):
    moderator(browser)
    flood()
    return browser.get("/moderation/selected?family=4711:999999&act=spam")


@state("selected-nothing")
def _(browser):
    moderator(browser)
    return browser.get("/moderation/selected")


@state("undo-refused", 409)
def _(browser):
    lin = moderator(browser)
    reply, lin_id = waiting()[0], lin.id
    batch = decide("remove", look_at(reply), Sitting(the_moderator()), "").batch
    db.session.commit()
    page = browser.get("/moderation").text
    found = re.search(rf'undo/{batch}"><input type="hidden" name="csrf_token" value="([^"]*)"', page)
    decide("approve", look_at(db.session.get_one(Comment, reply.id)), Sitting(db.session.get_one(User, lin_id)))
    db.session.commit()
    return browser.post(f"/moderation/undo/{batch}", data={"csrf_token": found[1] if found else ""})


@state("moderation-log")
def _(browser):
    lin = moderator(browser)
    answer, advertisement, _letter = waiting()
    approve(look_at(answer), Sitting(lin))
    decide("spam", look_at(advertisement), Sitting(the_moderator()), "广告")
    decide("remove", look_at(answer), Sitting(None), "与文章无关")
    db.session.commit()
    return browser.get("/moderation/log")


@state("moderation-log-empty")
def _(browser):
    moderator(browser)
    return browser.get("/moderation/log")


@state("words")
def _(browser):
    lin = moderator(browser)
    add_rule("代开发票", refuses=True, by=lin)
    add_rule("加微信", refuses=False, by=lin)
    db.session.commit()
    return browser.get("/moderation/words")


@state("words-tried")
def _(browser):
    moderator(browser)
    waiting()
    token = hidden(browser.get("/moderation/words"), "csrf_token")
    return browser.post("/moderation/words", data={"csrf_token": token, "words": "加 微信", "act": "try"})


@state("words-errors", 422)
def _(browser):
    moderator(browser)
    token = hidden(browser.get("/moderation/words"), "csrf_token")
    return browser.post("/moderation/words", data={"csrf_token": token, "words": " ", "act": "add"})


@state("bans")
def _(browser):
    lin = moderator(browser)
    reply = public()
    until = clock.at(clock.timestamp() + 7 * 86400)
    ban(reply, until=until, reason="每一篇下面贴同一个广告", with_network=True, by=lin)
    far = "203.0.113.0/24"
    other = builders.comment(reply.article, "又来了一个。", nickname="半夏", email="ban@example.com", address_block=far)
    ban(other, until=None, reason="", with_network=False, by=lin)
    db.session.commit()
    return browser.get("/moderation/bans")


@state("bans-empty")
def _(browser):
    moderator(browser)
    return browser.get("/moderation/bans")


@state("queue-forbidden", 403)
def _(browser):
    member(browser)
    return browser.get("/moderation")


def mailed(browser) -> tuple[str, Comment]:
    """Return the address a letter leads to, and the reply it is about."""
    reply = waiting()[1]
    path = f"/moderation/by-mail/{mail_case(moderator(browser), reply, 'seed')}"
    db.session.commit()
    return path, reply


@state("mailed-case")
def _(browser):
    path, _reply = mailed(browser)
    return browser.get(path)


@state("mailed-case-changed", 409)
def _(browser):
    path, reply = mailed(browser)
    token = hidden(browser.get(path), "csrf_token")
    db.session.execute(update(Comment).where(Comment.id == reply.id).values(version=2, body="改过的内容。"))
    db.session.commit()
    return browser.post(path, data={"csrf_token": token, "act": "approve"})


@state("mailed-case-done")
def _(browser):
    path, _reply = mailed(browser)
    return browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token"), "act": "spam"})


@state("mailed-case-used", 410)
def _(browser):
    path, _reply = mailed(browser)
    browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token"), "act": "spam"})
    return browser.get(path)


@state("removals")
def _(browser):
    lin = builders.user("林舟", "lin@example.com", Role.MODERATOR)
    reply = public()
    decide("remove", look_at(reply), Sitting(lin), "骂人或骚扰")
    db.session.commit()
    with chosen(browser, removals_public=True):
        return browser.get("/removals")


@state("removals-off", 404)
def _(browser):
    return browser.get("/removals")


@state("log-in-before-the-desk")
def _(browser):
    return browser.get("/moderation", follow_redirects=True)
