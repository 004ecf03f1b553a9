"""What happened on one day, counted from the rows while they are there; days that are over are kept as counts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select

from blueprints.articles.models import Article
from blueprints.comments.models import BY_MAIL, Comment, Status
from blueprints.metrics.counting import insert_counts
from blueprints.metrics.models import (
    FALSE_ALARMS,
    HELD,
    LETTERS_FAILED,
    LETTERS_SENT,
    REPLIES,
    SPAM,
    WAIT,
    WAIT_WEEK,
    DailyCount,
)
from blueprints.metrics.queries import DAYS, days_before, last_tallied, today
from blueprints.moderation.models import Act, Decision
from core.config import settings
from core.database import db
from core.jobs import Job, housekeeping

AT_ONCE = 7  # days
DECISIONS_READ = 20_000
LETTERS_KNOWN_DAYS = 29

Counts = dict[tuple[str, date], int]


def beginning_of(day: date) -> datetime:
    """Return the first moment of a day in the site's time zone."""
    return datetime.combine(day, time(), settings().timezone)


def tally(days: Sequence[date]) -> Counts:
    """Count what the rows tell of these days, which follow one another."""
    counts: Counts = {}
    for begin in range(0, len(days), AT_ONCE):
        part = days[begin : begin + AT_ONCE]
        columns = [
            query.scalar_subquery().label(f"{name}:{day}") for day in part for name, query in _counted(day).items()
        ]
        found = db.session.execute(select(*columns)).one()._mapping
        counts |= {(name, date.fromisoformat(day)): n for (name, _, day), n in _named(found)}
    return counts | _waits(days)


def _named(found: Any) -> Iterable[tuple[tuple[str, str, str], int]]:
    return ((key.partition(":"), value) for key, value in found.items())


def _counted(day: date) -> dict[str, Select[Any]]:
    begins, ends = beginning_of(day), beginning_of(day + timedelta(days=1))
    posted = and_(Comment.created_at >= begins, Comment.created_at < ends)
    decided = and_(Decision.created_at >= begins, Decision.created_at < ends, Decision.undone_at.is_(None))
    done = and_(Job.done_at >= begins, Job.done_at < ends)
    spam = _count(Decision, decided, Decision.act == Act.SPAM).join(Comment, Comment.id == Decision.comment_id)
    return {
        REPLIES: _count(Comment, posted),
        HELD: _count(Comment, posted, _was_held()),
        SPAM: spam.where(Comment.floor.is_(None)),
        FALSE_ALARMS: _count(Decision, decided, _let_through()),
        LETTERS_SENT: _count(Job, done, Job.outcome == "sent"),
        LETTERS_FAILED: _count(Job, done, Job.outcome == "failed"),
    }


def _count(table: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).select_from(table).where(*conditions)


def _was_held() -> ColumnElement[bool]:
    """It waits for a moderator, was turned down before anybody saw it, or was let through by one."""
    unseen = and_(
        Comment.floor.is_(None),
        Comment.status.in_((Status.PENDING, Status.REJECTED, Status.SPAM)),
        or_(Comment.held_reason.is_(None), Comment.held_reason != BY_MAIL),
    )
    let_through = select(Decision.id).where(Decision.comment_id == Comment.id, _let_through())
    return or_(unseen, let_through.exists())


def _let_through() -> ColumnElement[bool]:
    """It was a waiting reply that a moderator let through, and no later text of a public one."""
    was_waiting = Decision.before["status"].as_string() == Status.PENDING.value
    is_reply = Decision.before["edit"].as_boolean().is_not(True)
    return and_(Decision.act == Act.APPROVE, Decision.undone_at.is_(None), was_waiting, is_reply)


def _waits(days: Sequence[date]) -> Counts:
    """Return the median number of seconds from a reply to the decision about it: of each day, and of the week each day ends."""
    since, until = beginning_of(days[0] - timedelta(days=6)), beginning_of(days[-1] + timedelta(days=1))
    decided = select(Decision.created_at, Comment.created_at, Comment.published_at)
    decided = decided.join(Comment, Comment.id == Decision.comment_id).where(
        Decision.created_at >= since,
        Decision.created_at < until,
        Decision.act.in_((Act.APPROVE, Act.REJECT, Act.SPAM)),
    )
    waits: defaultdict[date, list[float]] = defaultdict(list)
    for at, posted_at, published_at in db.session.execute(
        decided.order_by(Decision.created_at.desc()).limit(DECISIONS_READ)
    ):
        if published_at is None or published_at > at - timedelta(minutes=1):  # else a later text of a public reply
            waits[at.astimezone(settings().timezone).date()].append((at - posted_at).total_seconds())
    counts: Counts = {}
    for day in days:
        week = [seconds for one in [*days_before(day, 6), day] for seconds in waits.get(one, [])]
        counts |= {(WAIT, day): round(median(waits[day]))} if waits.get(day) else {}
        counts |= {(WAIT_WEEK, day): round(median(week))} if week else {}
    return counts


def untallied() -> list[date]:
    """Return the days before today that are to be kept and are not yet, at most eight weeks, the first first."""
    last = last_tallied()
    first_article = db.session.scalar(select(func.min(Article.created_at)))
    if first_article is None:
        return []
    begun = first_article.astimezone(settings().timezone).date()
    return [day for day in days_before(today(), DAYS) if day >= begun and (last is None or day > last)]


@housekeeping
def keep_days() -> bool:
    """Keep the counts of a week that is over, so that what is erased later does not change them."""
    days = untallied()[:AT_ONCE]
    if not days:
        return False
    known = today() - timedelta(days=LETTERS_KNOWN_DAYS)  # letters sent before are forgotten
    rows = [
        {"name": name, "day": day, "article_id": 0, "count": count}
        for (name, day), count in tally(days).items()
        if day >= known or name not in (LETTERS_SENT, LETTERS_FAILED)
    ]
    db.session.execute(insert_counts().values(rows).on_conflict_do_nothing())  # another worker may have been first
    return True


@housekeeping
def forget_articles() -> None:
    """Drop what was counted for single articles eight weeks ago; the site's own counts stay."""
    old = delete(DailyCount).where(DailyCount.article_id != 0, DailyCount.day < today() - timedelta(days=DAYS))
    db.session.execute(old)
