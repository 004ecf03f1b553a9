"""The states of the administrators' first page and of the page of letters."""

from datetime import datetime, timedelta

from sqlalchemy import insert

from blueprints.admin.letters import about_test
from blueprints.auth.models import Role
from blueprints.metrics.models import DailyCount
from blueprints.metrics.queries import days_before, today
from core import bounces, clock
from core.database import db
from core.jobs import AWAY, Job
from tests.builders import hidden, send_letters
from tests.stage import an_article, chosen, member, state
from tests.states_of_admin import administrator

SHAPES = {  # by the number of the day, from 0 to 55
    "opens": lambda day: 96 + 3 * day + (41 * day) % 37,
    "replies": lambda day: 9 + (7 * day) % 5 + day // 9,
    "held": lambda day: (3 * day) % 5,
    "spam": lambda day: (2 * day) % 3,
    "false_alarms": lambda day: 1 if day % 6 == 0 else 0,
    "wait": lambda day: 2400 + 400 * (day % 7),
    "wait_week": lambda day: 7200 - 90 * day,
    "letters_sent": lambda day: 20 + (5 * day) % 9,
    "letters_failed": lambda day: 1 if day % 8 == 0 else 0,
}


def count_days(number: int) -> None:
    """Keep the counts of so many days before today."""
    rows = [
        {"name": name, "day": day, "article_id": 0, "count": shape(56 - number + place)}
        for place, day in enumerate(days_before(today(), number))
        for name, shape in SHAPES.items()
    ]
    db.session.execute(insert(DailyCount), rows)
    db.session.commit()


def letter(kind: str, **more: object) -> None:
    """Store a letter as the worker left it."""
    ago = timedelta(minutes=int(str(more.pop("minutes", 0))))
    row = {"kind": kind, "payload": {"user": 1}, "language": "zh", "created_at": clock.now() - ago} | more
    db.session.add(Job(**row))
    db.session.commit()


def the_mail_server(browser) -> None:
    with chosen(browser, mail_server="smtp.example.org", mail_from="site@example.org"):
        pass


@state("figures")
def _(browser):
    administrator(browser)
    article = an_article(published_at=clock.now() - timedelta(days=80))
    count_days(56)
    for article_id, count in ((article.id, 1240), (0, 63)):
        db.session.add(DailyCount(name="opens", day=today(), article_id=article_id, count=count))
    db.session.commit()
    return browser.get("/admin")


@state("figures-two-weeks")
def _(browser):
    administrator(browser)
    count_days(14)
    return browser.get("/admin")


@state("figures-too-few")
def _(browser):
    administrator(browser)
    an_article()
    count_days(6)
    return browser.get("/admin")


@state("figures-unwell")
def _(browser):
    the_mail_server(browser)
    administrator(browser)
    letter("registration", minutes=45, last_error=AWAY + "[Errno 111] Connection refused", run_after=_ago(45))
    return browser.get("/admin")


@state("figures-forbidden", 403)
def _(browser):
    member(browser, Role.MODERATOR)
    return browser.get("/admin")


def _ago(minutes: int) -> datetime:
    return clock.now() - timedelta(minutes=minutes)


@state("mail")
def _(browser):
    the_mail_server(browser)
    owner = administrator(browser)
    count_days(9)
    letter("notice", minutes=4, attempts=2, recipient="mei@example.com", last_error="451 4.7.1 try again later")
    letter("guest_letter")
    letter("test_letter", about=about_test(owner), outcome="sent", done_at=_ago(3), minutes=4, payload={})
    bounces.pause("a-rather-long-address-to-be-broken-somewhere@mail.example.org", "550 5.1.1 no such person")
    bounces.pause("nanshan@example.com", "552 5.2.2 mailbox full, عبد الله")
    db.session.commit()
    return browser.get("/admin/mail")


@state("mail-failed")
def _(browser):
    the_mail_server(browser)
    administrator(browser)
    refused = {"outcome": "failed", "attempts": 1, "last_error": "550 5.1.1 no such person here", "done_at": _ago(20)}
    letter("password_reset", minutes=21, recipient="mei@example.com", **refused)
    letter("notice", minutes=9, recipient="nanshan@example.com", outcome="paused", attempts=1, done_at=_ago(8))
    for number in range(22):
        letter("notice", minutes=7, recipient=f"reader{number}@example.com", **refused)
    return browser.get("/admin/mail?which=failed")


@state("mail-empty")
def _(browser):
    administrator(browser)
    return browser.get("/admin/mail")


@state("mail-away")
def _(browser):
    the_mail_server(browser)
    owner = administrator(browser)
    letter("registration", minutes=45, last_error=AWAY + "[Errno 111] Connection refused", run_after=_ago(45))
    letter("test_letter", about=about_test(owner), minutes=2)
    return browser.get("/admin/mail")


@state("mail-test-sent")
def _(browser):
    administrator(browser)
    token = hidden(browser.get("/admin/mail"), "csrf_token")
    answer = browser.post("/admin/mail/test", data={"csrf_token": token})
    send_letters()
    return browser.get(answer.location)


@state("mail-errors", 422)
def _(browser):
    administrator(browser)
    return browser.post("/admin/mail/test")
