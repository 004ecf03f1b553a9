"""The states of what writers do with their own replies: by account, by cookie, by the link of a letter."""

from blueprints.comments.appealing import settle
from blueprints.comments.models import Comment, Status
from blueprints.comments.queries import version_of
from blueprints.comments.visibility import hold_again, reject, reject_version, remove
from core import clock
from core.database import db
from tests import builders
from tests.builders import hidden, link_in, reply_form, send_letters
from tests.moments import later
from tests.stage import an_article, chosen, member, post, replies, state

LONG = "\n\n".join(
    f"第 {number} 段。" + "读得慢，想得也慢，写下来的就更慢了，慢到一句话要改上三遍。" * 5 for number in range(1, 13)
)


def written(browser, **more):
    """A guest's reply, posted in this browser; returns it."""
    post(browser, **reply_form(browser, **({"body": "写了一半才想明白，先发出来。"} | more)))
    return db.session.query(Comment).order_by(Comment.id.desc()).first()


def edit(browser, reply, body, **more):
    page = browser.get(f"/comments/{reply.id}/edit")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": hidden(page, "version"), "body": body}
    return browser.post(f"/comments/{reply.id}/edit", data=form | more)


def press(browser, path, **form):
    return browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token")} | form)


def opened(browser):
    """Open the link of the letter that a ticked box brought."""
    replies(an_article())
    written(browser, notify="y")
    path = link_in(send_letters()[0])
    press(browser, path)
    return path


@state("own-reply")
def _(browser):
    replies(an_article())
    written(browser)
    return browser.get("/articles/hello")


@state("edit")
def _(browser):
    an_article()
    return browser.get(f"/comments/{written(browser).id}/edit")


@state("edit-preview")
def _(browser):
    an_article()
    return edit(browser, written(browser), "想明白了，**重新**说一遍。", preview="1")


@state("edit-errors", 422)
def _(browser):
    an_article()
    return edit(browser, written(browser), "")


@state("edit-elsewhere", 409)
def _(browser):
    an_article()
    reply = written(browser)
    page = browser.get(f"/comments/{reply.id}/edit")
    edit(browser, reply, "在另一个标签页里\n先改好了。")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "在这个标签页里又改了一遍。"}
    return browser.post(f"/comments/{reply.id}/edit", data=form)


@state("edit-too-late", 409)
def _(browser):
    an_article()
    reply = written(browser)
    page = browser.get(f"/comments/{reply.id}/edit")
    form = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "改了一个多小时。"}
    with later(minutes=61):
        return browser.post(f"/comments/{reply.id}/edit", data=form)


@state("edit-answered", 409)
def _(browser):
    made = an_article()
    reply = written(browser)
    builders.comment(made, "有人先回应了。", reply, nickname="半夏", email="ban@example.com")
    return browser.get(f"/comments/{reply.id}/edit")


@state("edited")
def _(browser):
    replies(an_article())
    return browser.get(edit(browser, written(browser), "想明白了。").location, follow_redirects=True)


@state("edit-waits")
def _(browser):
    replies(an_article())
    saved = edit(browser, written(browser), "都在这里：" + " https://example.org/" * 4)
    return browser.get(saved.location, follow_redirects=True)


@state("mine-unseen")
def _(browser):
    opened(browser)
    edit(browser, db.session.query(Comment).filter_by(notify=True).one(), "都在这里：" + " https://example.org/" * 4)
    return browser.get("/mine")


@state("changes")
def _(browser):
    an_article()
    reply = written(browser, body="第一段没有变。\n\n这里说错了一句话。\n\n最后一段也没有变。")
    edit(browser, reply, "第一段没有变。\n\n这里改对了一句话。\n\n最后一段也没有变。\n\n又补了一段。")
    return browser.get(f"/comments/{reply.id}/changes")


@state("withdraw")
def _(browser):
    an_article()
    return browser.get(f"/comments/{written(browser).id}/withdraw")


@state("withdrawn")
def _(browser):
    replies(an_article())
    return browser.get(press(browser, f"/comments/{written(browser).id}/withdraw").location, follow_redirects=True)


@state("withdraw-too-late", 409)
def _(browser):
    an_article()
    address = f"/comments/{written(browser).id}/withdraw"
    with later(minutes=61):
        return browser.get(address)


@state("restore")
def _(browser):
    an_article()
    reply = written(browser)
    press(browser, f"/comments/{reply.id}/withdraw")
    return browser.get(f"/comments/{reply.id}/restore")


@state("report")
def _(browser):
    return browser.get(f"/comments/{replies(an_article())[0].id}/report")


@state("report-errors", 422)
def _(browser):
    return press(browser, f"/comments/{replies(an_article())[0].id}/report", note="到处都是这个人。")


@state("reported")
def _(browser):
    done = press(browser, f"/comments/{replies(an_article())[0].id}/report", reason="advertising")
    return browser.get(done.location, follow_redirects=True)


@state("thread-removed")
def _(browser):
    gone = replies(an_article())[0]
    remove(gone, "广告")
    db.session.commit()
    return browser.get("/articles/hello")


@state("thread-folded")
def _(browser):
    builders.comment(an_article(), LONG, nickname="周默", email="zhou@example.com")
    return browser.get("/articles/hello")


@state("thread-new")
def _(browser):
    made = an_article()
    first = replies(made)[0]
    with later(hours=-2):
        member(browser)
        browser.get("/articles/hello")
    builders.comment(made, "刚刚的回应。", first, nickname="老秦", email="qin@example.com")
    builders.comment(made, "刚刚的一条。", nickname="周默", email="zhou@example.com")
    return browser.get("/articles/hello")


@state("mine-ask")
def _(browser):
    return browser.get("/mine")


@state("mine-ask-errors", 422)
def _(browser):
    return press(browser, "/mine", email="nanshan")


@state("mine-sent")
def _(browser):
    return browser.get("/mine/sent")


@state("mine-open")
def _(browser):
    replies(an_article())
    written(browser, notify="y")
    return browser.get(link_in(send_letters()[0]))


@state("mine-link-dead", 410)
def _(browser):
    return browser.get("/mine/open/nothing")


@state("mine")
def _(browser):
    opened(browser)
    return browser.get("/mine")


@state("mine-stopped")
def _(browser):
    opened(browser)
    token = hidden(browser.get("/mine"), "csrf_token")
    return browser.post("/mine/letters", data={"csrf_token": token}, follow_redirects=True)


@state("mine-closed", 403)
def _(browser):
    return browser.get("/mine/name")


@state("mine-name")
def _(browser):
    opened(browser)
    return browser.get("/mine/name")


@state("mine-name-taken", 422)
def _(browser):
    opened(browser)
    return press(browser, "/mine/name", nickname="沈未")


@state("mine-erase")
def _(browser):
    opened(browser)
    return browser.get("/mine/erase")


@state("mine-erase-errors", 422)
def _(browser):
    opened(browser)
    return press(browser, "/mine/erase")


@state("adopt")
def _(browser):
    made = an_article()
    builders.comment(made, "注册以前写的一条，说得还不太清楚。", nickname="山里人", email="reader@example.com")
    builders.comment(made, "这一条也是。", nickname="山里人", email="reader@example.com")
    member(browser)
    return browser.get("/account/earlier-replies")


@state("adopt-errors", 422)
def _(browser):
    builders.comment(an_article(), "注册以前写的一条。", nickname="山里人", email="reader@example.com")
    member(browser)
    return press(browser, "/account/earlier-replies")


@state("adopt-none")
def _(browser):
    member(browser)
    return browser.get("/account/earlier-replies")


@state("account-earlier")
def _(browser):
    builders.comment(an_article(), "注册以前写的一条。", nickname="山里人", email="reader@example.com")
    member(browser)
    return browser.get("/account")


@state("letters-stop")
def _(browser):
    opened(browser)
    mine = db.session.query(Comment).filter_by(notify=True).one()
    builders.comment(mine.article, "回应你。", mine, nickname="半夏", email="ban@example.com")
    return browser.get("/letters/stop/" + send_letters()[-1]["List-Unsubscribe"].strip("<>").rpartition("/")[2])


@state("letters-stop-all")
def _(browser):
    an_article()
    written(browser, notify="y")
    return browser.get("/letters/stop/" + send_letters()[0]["List-Unsubscribe"].strip("<>").rpartition("/")[2])


@state("letters-stopped")
def _(browser):
    return browser.get("/letters/stopped")


@state("rejected")
def _(browser):
    replies(an_article())
    with chosen(browser, comments_hold="all"):
        reply = written(browser)
    reply.status, reply.published_at = Status.REJECTED, clock.now()
    db.session.commit()
    return browser.get("/articles/hello")


def decided(browser, **more):
    """A reply of this browser's that waited and was not accepted; returns it."""
    an_article()
    with chosen(browser, comments_hold="all"):
        reply = written(browser, **more)
    reject(reply, reason="和文章无关")
    db.session.commit()
    return reply


@state("reply-rejected")
def _(browser):
    decided(browser)
    return browser.get("/articles/hello")


@state("reply-pulled-back")
def _(browser):
    hold_again(replies(an_article())[0], "like")
    db.session.commit()
    return browser.get("/articles/hello")


@state("appeal")
def _(browser):
    return browser.get(f"/comments/{decided(browser).id}/appeal")


@state("appeal-errors", 422)
def _(browser):
    return press(browser, f"/comments/{decided(browser).id}/appeal", body="长" * 1004)


@state("appeal-sent")
def _(browser):
    done = press(browser, f"/comments/{decided(browser).id}/appeal", body="我说的就是第二段。")
    return browser.get(done.location)


@state("appeal-settled")
def _(browser):
    reply = decided(browser)
    press(browser, f"/comments/{reply.id}/appeal", body="我说的就是第二段。")
    settle(reply)
    db.session.commit()
    return browser.get(f"/comments/{reply.id}/appeal")


@state("appeal-changed-text")
def _(browser):
    an_article()
    reply = written(browser)
    edit(browser, reply, "写了一半才想明白：加微信 vx12345 聊。")
    reject_version(version_of(reply, 2), "不要留联系方式")
    db.session.commit()
    return browser.get(f"/comments/{reply.id}/appeal")
