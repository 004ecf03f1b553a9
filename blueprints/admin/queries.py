"""What can be asked about letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from blueprints.metrics.models import LETTERS_SENT
from blueprints.metrics.queries import days_before, kept_counts, today
from core import clock
from core.database import LARGEST_ID, db
from core.jobs import UNSENT, Job
from core.paging import Page, cut

LETTERS_PER_PAGE = 20
COUNTED_MAX = 10_000
TEST = "test_letter"


@dataclass(frozen=True)
class Count:
    """How many rows there are; with `is_more` there are more than were counted."""

    number: int
    is_more: bool


def letters(which: str, mark: int | None = None) -> Page[Job]:
    """Return a page of the letters that wait, the oldest first, or of those that did not arrive, the newest first.

    `mark` is the id of the last one before it.
    """
    mark = mark if mark is not None and 0 < mark <= LARGEST_ID else None
    found = _unsent(mark) if which == "failed" else _waiting(mark)
    return cut(found, LETTERS_PER_PAGE, has_earlier=mark is not None)


def _waiting(mark: int | None) -> Sequence[Job]:
    waiting = select(Job).where(Job.outcome.is_(None), Job.id > (mark or 0)).order_by(Job.outcome, Job.id)
    return db.session.scalars(waiting.limit(LETTERS_PER_PAGE + 1)).all()


def _unsent(mark: int | None) -> Sequence[Job]:
    """Each outcome by its own index, then the newest of all."""
    found: list[Job] = []
    for outcome in UNSENT:
        of_one = select(Job).where(Job.outcome == outcome, *([Job.id < mark] if mark else []))
        found.extend(db.session.scalars(of_one.order_by(Job.id.desc()).limit(LETTERS_PER_PAGE + 1)))
    return sorted(found, key=lambda job: job.id, reverse=True)[: LETTERS_PER_PAGE + 1]


def waiting_letters() -> Count:
    """Return how many letters wait."""
    return _count(Job.outcome.is_(None))


def unsent_letters() -> Count:
    """Return how many letters did not arrive and can be sent again."""
    return _count(Job.outcome.in_(UNSENT))


def sent_lately() -> Count:
    """Return how many letters left within the last 24 hours."""
    return _count(Job.outcome == "sent", Job.done_at > clock.now() - timedelta(days=1))


def _count(*conditions: ColumnElement[bool]) -> Count:
    """Count no further than is told."""
    some = select(Job.id).where(*conditions).limit(COUNTED_MAX + 1).subquery()
    number = db.session.scalar(select(func.count()).select_from(some)) or 0
    return Count(min(number, COUNTED_MAX), number > COUNTED_MAX)


def sent_by_day() -> list[tuple[date, int]]:
    """Return how many letters left on each of the seven days before today, the newest first, as far as it is known."""
    kept = kept_counts()
    days = reversed(days_before(today(), 7))
    return [(day, kept[LETTERS_SENT, day]) for day in days if (LETTERS_SENT, day) in kept]


def latest_trial(about: str) -> Job | None:
    """Return the newest test letter somebody asked for, None when there was none lately."""
    asked = select(Job).where(Job.kind == TEST, Job.about == about)
    return db.session.scalar(asked.order_by(Job.id.desc()).limit(1))
