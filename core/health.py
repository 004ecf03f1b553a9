"""Whether the site is well: the database answers and takes changes, its schema is the right one, letters leave."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, select, update
from sqlalchemy.exc import SQLAlchemyError

from core.database import db, writing
from core.errors import Busy
from core.jobs import AWAY, Job, oldest_waiting_seconds
from core.server import schema_problem

LETTERS_LATE_SECONDS = 15 * 60


@dataclass(frozen=True)
class Health:
    """What was found at one moment; `oldest_letter_seconds` is how long the longest waiting letter has waited.

    One whose recipient is put off turns nothing red: anybody can give an address whose server does that.
    """

    is_readable: bool = False
    is_writable: bool = False
    is_schema_right: bool = False
    oldest_letter_seconds: int = 0

    @property
    def are_letters_late(self) -> bool:
        return self.oldest_letter_seconds > LETTERS_LATE_SECONDS

    @property
    def is_well(self) -> bool:
        return self.is_readable and self.is_writable and self.is_schema_right and not self.are_letters_late


@dataclass(frozen=True)
class Away:
    """The mail server does not answer: since when no letter leaves, and what was heard last."""

    since: datetime
    words: str


def health() -> Health:
    """Look, and change nothing. It ends the session's transaction."""
    try:
        is_schema_right = schema_problem() is None
        seconds = oldest_waiting_seconds()
    except SQLAlchemyError:
        db.session.rollback()
        return Health()
    return Health(True, _takes_changes(), is_schema_right, seconds)


def _takes_changes() -> bool:
    try:
        with writing():
            db.session.execute(update(Job).where(false()).values(attempts=0))
    except (SQLAlchemyError, Busy):
        return False
    return True


def mail_server_away() -> Away | None:
    """Return what is known about a mail server that does not answer, None when it does or nothing was to be sent.

    The oldest letter is tried again and again then, so the first rows tell.
    """
    waiting = select(Job).where(Job.outcome.is_(None)).order_by(Job.outcome, Job.id).limit(20)
    for job in db.session.scalars(waiting):
        if (job.last_error or "").startswith(AWAY):
            return Away(job.run_after, (job.last_error or "").removeprefix(AWAY))
    return None
