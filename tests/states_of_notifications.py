"""The states of following, of the inbox, and of the pages on which letters end."""

from sqlalchemy import select

from blueprints.auth.models import Role, User
from blueprints.comments.models import Comment
from blueprints.notifications.models import Frequency, Notification, Subscription
from blueprints.notifications.stopping import Kind, account_token, subscription_token
from core.database import db
from tests import builders
from tests.builders import hidden, link_in, send_letters
from tests.notifications.cast import followed, opened
from tests.stage import an_article, member, replies, state

FOLLOW = "/articles/hello/follow"


def reader() -> User:
    """Return 山中客, who is logged in."""
    return db.session.scalars(select(User).where(User.username == "山中客")).one()


def followed_by(browser, role: Role = Role.READER) -> User:
    """Log 山中客 in, who follows an article, a thread and a person."""
    member(browser, role)
    roots, me = replies(an_article()), reader()
    lin = builders.user("林舟", "lin@example.com", Role.MODERATOR)
    followed(me, article=roots[0].article, often=Frequency.DAILY)
    followed(me, root=roots[1])
    followed(me, person=lin, often=Frequency.WEEKLY)
    return me


def told(browser) -> None:
    """Log 山中客 in, who is told of answers, of replies and of a new article."""
    me = followed_by(browser)
    lin = db.session.scalars(select(User).where(User.username == "林舟")).one()
    lin.role = Role.AUTHOR
    article = db.session.scalars(select(Comment).order_by(Comment.id)).all()[0].article
    mine = builders.comment(article, "读完了，想再读一遍。", user=me, nickname=me.username)
    builders.comment(article, "第二遍会看到第一遍没看到的。", mine, nickname="周默", email="zhou@example.com")
    send_letters()
    row = db.session.scalars(select(Notification)).one()
    browser.get(f"/notifications/{row.id}")
    builders.comment(article, "还有人在读，真好。", nickname="老秦", email="qin@example.com")
    builders.article("walk", "散步的路线", author="林舟", summary="同一条路，走三遍。")
    send_letters()


def wish_of(browser) -> Subscription:
    """Return what 山中客 follows first."""
    followed_by(browser)
    return db.session.scalars(select(Subscription).order_by(Subscription.id)).all()[0]


def follow(browser, path: str = FOLLOW, **form: str):
    """Press the button of the page for following."""
    token = hidden(browser.get(path), "csrf_token")
    return browser.post(path, data={"frequency": "at_once", "csrf_token": token} | form, follow_redirects=True)


@state("notifications")
def _(browser):
    told(browser)
    return browser.get("/notifications")


@state("notifications-empty")
def _(browser):
    member(browser)
    return browser.get("/notifications")


@state("follow-guest")
def _(browser):
    an_article()
    return browser.get(FOLLOW)


@state("follow-guest-errors", 422)
def _(browser):
    an_article()
    return follow(browser, email="reader.example.com", frequency="hourly")


@state("follow-sent")
def _(browser):
    an_article()
    return follow(browser, email="reader@example.com")


@state("follow-guest-known")
def _(browser):
    an_article()
    opened(browser, "reader@example.com")
    return browser.get(FOLLOW)


@state("follow-member")
def _(browser):
    builders.user("沈未", "shen@example.com", Role.AUTHOR)
    an_article()
    member(browser)
    return browser.get(FOLLOW)


@state("follow-already")
def _(browser):
    followed_by(browser)
    return browser.get(FOLLOW)


@state("follow-comment")
def _(browser):
    member(browser)
    lin = builders.user("林舟", "lin@example.com", Role.MODERATOR)
    written = builders.comment(an_article(), "我来说两句。", user=lin, nickname="林舟")
    return browser.get(f"/comments/{written.id}/follow")


@state("follow-done")
def _(browser):
    an_article()
    member(browser)
    return follow(browser)


@state("follow-link")
def _(browser):
    an_article()
    follow(browser, email="reader@example.com")
    letter = send_letters()[-1]
    builders.article("walk", "散步的路线", summary="同一条路，走三遍。")
    follow(browser, "/articles/walk/follow", email="reader@example.com")
    send_letters()
    return browser.get(link_in(letter))


@state("following")
def _(browser):
    followed_by(browser, Role.MODERATOR)
    return browser.get("/account/following")


@state("following-empty")
def _(browser):
    member(browser)
    return browser.get("/account/following")


@state("following-guest")
def _(browser):
    article = an_article()
    guest = opened(browser, "reader@example.com")
    followed(guest, article=article)
    return browser.get("/mine/following")


@state("following-forbidden", 403)
def _(browser):
    return browser.get("/mine/following")


@state("stop-subscription")
def _(browser):
    return browser.get(f"/letters/stop/{subscription_token(wish_of(browser))}")


@state("stop-subscription-ended")
def _(browser):
    path = f"/letters/stop/{subscription_token(wish_of(browser))}"
    return browser.post(path, data={"which": "this"}, follow_redirects=True)


@state("stop-kind")
def _(browser):
    member(browser)
    return browser.get(f"/letters/stop/{account_token(reader(), Kind.OWN_ARTICLES)}")


@state("stop-everything")
def _(browser):
    path = f"/letters/stop/{subscription_token(wish_of(browser))}"
    return browser.post(path, data={"which": "all"}, follow_redirects=True)
