"""One letter for one line: an answer, a new reply or article somebody follows, what was decided about their own reply."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from blueprints.comments.guests import link_of
from blueprints.comments.models import Comment, Status
from blueprints.comments.reading import signed
from blueprints.comments.wishes import stop_token
from blueprints.notifications.models import VERDICTS, Frequency, Notification, Why
from blueprints.notifications.queries import of_reader, told
from blueprints.notifications.recipients import is_wanted, reach
from blueprints.notifications.stopping import KIND_OF, account_token, subscription_token
from blueprints.notifications.verdicts import decided_anew, verdicts
from core import clock
from core.database import db
from core.jobs import GIVEN_UP_AFTER, KEPT, housekeeping, queue
from core.mail import Letter, site_link, writes
from core.text import excerpt, without_links

WORDS = 200
PER_HOUR = 10
SOON = timedelta(minutes=1)


@writes("notice")
def notice(payload: Mapping[str, Any]) -> Letter | None:
    """Tell somebody what they wanted to know at once, while it is public and still wanted.

    What is being decided anew is not told before that is. After ten letters within an hour the rest waits for the next digest: whoever writes a hundred answers sends no hundred letters.
    A letter that was counted once is not counted again when it is tried or sent again.
    """
    row = db.session.scalar(told().where(Notification.id == payload["notification"]))
    to = reach(row.user, row.address) if row is not None else None
    if row is None or to is None or row.frequency is not Frequency.AT_ONCE or not is_wanted(row):
        return None
    again_at = decided_anew(row)
    if again_at is not None:
        queue("notice", payload, run_after=max(again_at, clock.now() + SOON))
        return None
    if row.mailed_at is None and _told_lately(row):
        row.frequency = Frequency.DAILY
        return None
    row.mailed_at = clock.now()
    return _letter(row, to)


def _told_lately(row: Notification) -> bool:
    reader = row.user or row.address
    assert reader is not None
    letters = select(Notification.id).where(
        of_reader(Notification, reader),
        Notification.frequency == Frequency.AT_ONCE,
        Notification.mailed_at > clock.now() - timedelta(hours=1),
    )
    return db.session.scalar(letters.offset(PER_HOUR - 1).limit(1)) is not None


def _letter(row: Notification, to: tuple[str, str]) -> Letter:
    stop = site_link("letters.stop", token=_stop_token(row))
    values = {**line_of(row), "stop": stop, "is_guest": row.user is None}
    link = str(values.pop("link"))
    template = "decision" if row.why in VERDICTS else "reply_notice" if row.comment is not None else "article_notice"
    return Letter(to[0], template, values, link, to[1], stop)


def _stop_token(row: Notification) -> str:
    """Return what ends letters of this kind: one subscription, answers to one reply, or a kind of an account's letters."""
    if row.subscription is not None:
        return subscription_token(row.subscription)
    asked = row.comment.parent if row.comment is not None and row.why is Why.ANSWER else row.comment
    if row.user is not None and row.why in KIND_OF:
        return account_token(row.user, KIND_OF[row.why])
    assert asked is not None
    return stop_token(asked)


def line_of(row: Notification) -> dict[str, Any]:
    """Return what a letter says about one line. No link and no picture of a commenter's is live in it."""
    comment, article = row.comment, row.article
    line = {"why": row.why.value, "title": article.title, "article_id": article.id}
    if comment is None:
        link = site_link("articles.show", slug=article.slug)
        return line | {"nickname": without_links(article.author), "words": article.summary, "link": link}
    verdict = verdicts([row]).get(row.id)
    return line | {
        "nickname": without_links(signed(comment.user.username if comment.user is not None else comment.nickname)),
        "floor": comment.floor,
        "asked_floor": comment.parent.floor if comment.parent is not None else None,
        "words": excerpt(without_links(verdict.words if verdict else comment.body), WORDS),
        "is_public": verdict is None or verdict.is_public,
        "reason": verdict.reason if verdict else "",
        "link": _link(row, comment, is_public=verdict is None or verdict.is_public),
    }


def _link(row: Notification, comment: Comment, *, is_public: bool) -> str:
    """Return where the reply is; of what is not public where its writer reads why, and may answer once: a guest's replies first."""
    if is_public and comment.status is Status.PUBLISHED:
        return site_link("comments.show", comment_id=comment.id)
    if row.address is not None:
        return link_of(row.address)
    return site_link("own_comments.appeal", comment_id=comment.id)


@housekeeping
def forget_notifications() -> None:
    """Drop lines of half a year ago, and those of guests, who have no inbox, once their letter cannot be sent again any more."""
    now = clock.now()
    old = Notification.created_at < now - timedelta(days=180)
    is_over = Notification.user_id.is_(None) & (Notification.mailed_at < now - GIVEN_UP_AFTER - KEPT)
    db.session.execute(delete(Notification).where(old | is_over))
