"""The outbox: what is to be done after the answer is a row in the same transaction, and a worker does it until it is done.

At least once: a worker that dies holding a job leaves a lease that runs out. Letters carry the row's Message-ID, so a
second copy is recognised as one.
"""

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import JSON, Index, String, cast, delete, event, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import bounces, clock, mail, throttle
from core.database import Base, Timestamped, UTCDateTime, db, writing
from core.deeds import DEEDS
from core.errors import Busy
from core.i18n import LANGUAGES, force_locale, language
from core.processes import is_gone, this_process
from core.tokens import new_token

log = logging.getLogger("zhishang.jobs")

LEASE = timedelta(minutes=3)  # longer than a letter can take: five SMTP commands of 20 seconds
PAUSES_MINUTES = (1, 5, 15, 60, 180, 360, 720, 1440)
LOOK_EVERY_SECONDS, SERVER_PAUSE_SECONDS_MAX = 5, 60
KEPT, GIVEN_UP_AFTER = timedelta(days=30), timedelta(days=5)
UNSENT = ("failed", "paused")
ROUND = 1000  # rows at most that one step of housekeeping, or one press of a button, takes up in one transaction
AWAY, PUT_OFF = "away: ", "put off: "  # before what was heard: where no letter leaves; where one recipient waits


class Job(Timestamped, Base):
    """One letter to write and send, or one deed. `about` names what it is about: of one kind only the newest about one thing is sent.

    It waits since `created_at`: when it was queued, or was to leave at the earliest, or was to be sent again.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "done_at", "run_after"),
        Index("ix_job_kind_about", "kind", "about"),
        Index("ix_job_outcome", "outcome", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str | None] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    recipient: Mapped[str | None] = mapped_column(String(254))  # where it could not be delivered to, until it is
    language: Mapped[str] = mapped_column(String(8))
    message_id: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: new_token()[:32])
    run_after: Mapped[Any] = mapped_column(UTCDateTime, default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[Any] = mapped_column(UTCDateTime, nullable=True)
    done_at: Mapped[Any] = mapped_column(UTCDateTime, nullable=True)
    outcome: Mapped[str | None] = mapped_column(String(16))  # sent, nothing, replaced; failed, paused: see UNSENT
    last_error: Mapped[str | None]


_wake = threading.Event()
_housekeeping: dict[Callable[..., object], Callable[[], object] | None] = {}  # each step, and what comes before it


def queue(
    kind: str, payload: Mapping[str, Any], about: str | None = None, *, run_after: datetime | None = None
) -> None:
    """Add a letter to the transaction; it leaves after the commit and never without it, not before `run_after`."""
    at = run_after or clock.now()
    job = Job(kind=kind, about=about, payload=dict(payload), language=language(), run_after=at, created_at=at)
    db.session.add(job)
    db.session.info["queued_a_job"] = True


def send_again(outcomes: Sequence[str] = UNSENT, job_id: int | None = None) -> int:
    """Give letters that did not arrive a fresh try, the oldest first: one, or a thousand at most; return how many.

    They keep their Message-ID. What their writers find out of date by now is not sent.
    """
    unsent = select(Job.id).where(Job.outcome.in_(outcomes), cast(Job.payload, String) != "{}")
    unsent = unsent.where(Job.id == job_id) if job_id is not None else unsent.order_by(Job.id).limit(ROUND)
    now = clock.now()
    fresh = {"outcome": None, "done_at": None, "last_error": None, "attempts": 0, "created_at": now, "run_after": now}
    ids = db.session.scalars(update(Job).where(Job.id.in_(unsent)).values(**fresh).returning(Job.id)).all()
    db.session.info["queued_a_job"] = True
    return len(ids)


Step = TypeVar("Step", bound=Callable[..., object])


def housekeeping(step: Step, prepare: Callable[[], object] | None = None) -> Step:
    """Have `step` called once an hour in a write transaction of its own, which is committed; again while it returns True.

    So it can take up a bounded number of rows each time, and nobody who writes meanwhile waits for long. Slow work belongs into
    `prepare`, which only reads, before the transaction; the step is handed what it returns.
    """
    _housekeeping[step] = prepare
    return step


@event.listens_for(Session, "after_commit")
def _wake_worker(session: Session) -> None:
    if session.info.pop("queued_a_job", False):
        _wake.set()


def wake() -> None:
    """Have the worker of this process look at once."""
    _wake.set()


def oldest_waiting_seconds() -> int:
    """Return for how long the longest waiting of the first thousand letters has waited, 0 when none waits; one whose recipient is put off does not count."""
    counting = or_(Job.last_error.is_(None), ~Job.last_error.startswith(PUT_OFF))
    waiting = select(Job.created_at).where(Job.outcome.is_(None), counting).order_by(Job.outcome, Job.id).limit(ROUND)
    oldest = db.session.scalar(select(func.min(waiting.subquery().c.created_at)))
    return 0 if oldest is None else max(0, int((clock.now() - oldest).total_seconds()))


def work_once(owner: str, *, deeds_only: bool = False) -> bool:
    """Do the oldest job that is due and tell whether there was one. Raises mail.ServerAway, which costs the job nothing."""
    job = _claim(owner, list(DEEDS) if deeds_only else None)
    if job is None:
        return False
    try:
        with force_locale(LANGUAGES[job.language]):
            _finish(job, _perform(job))
    except mail.ServerAway as problem:
        _release(job, problem)
        raise
    except mail.LetterRefused as problem:
        log.warning("letter %s (%s) was refused for good: %s", job.id, job.kind, mail.without_addresses(problem))
        _finish(job, "failed", str(problem), bounced=isinstance(problem, mail.RecipientRefused))
    except Exception as problem:
        words = mail.without_addresses(problem)
        log.warning("letter %s (%s) did not leave, attempt %s: %s", job.id, job.kind, job.attempts, words)
        _postpone(job, problem)
    return True


def _claim(owner: str, kinds: Sequence[str] | None) -> Job | None:
    now = clock.now()
    free = or_(Job.lease_until.is_(None), Job.lease_until < now)
    due = select(Job.id).where(Job.done_at.is_(None), Job.run_after <= now, free).order_by(Job.id).limit(1)
    due = due if kinds is None else due.where(Job.kind.in_(kinds))
    if db.session.scalar(due) is None:
        db.session.rollback()
        return None
    with writing():
        job_id = db.session.scalar(due.with_for_update(skip_locked=True))
        if job_id is None:
            return None
        job = db.session.get_one(Job, job_id)
        job.lease_owner, job.lease_until, job.attempts = owner, now + LEASE, job.attempts + 1
        db.session.commit()
        db.session.refresh(job)
        db.session.expunge(job)
    return job


def _perform(job: Job) -> str:
    with writing():
        if job.about is not None:
            newer = select(Job.id).where(Job.kind == job.kind, Job.about == job.about, Job.id > job.id).limit(1)
            if db.session.scalar(newer) is not None:
                return "replaced"
        letter = DEEDS[job.kind](job.payload) if job.kind in DEEDS else mail.write_letter(job.kind, job.payload)
        is_wished = letter is not None and bool(letter.stop_link) and not letter.is_asked
        is_paused = letter is not None and is_wished and bounces.is_paused(letter.recipient)
        db.session.commit()
    if letter is None:
        return "nothing"
    job.recipient = letter.recipient
    if is_paused:
        return "paused"
    mail.deliver(letter, job.message_id)
    return "sent"


def _finish(job: Job, outcome: str, error: str | None = None, *, bounced: bool = False) -> None:
    """Note what became of a letter. One that did not arrive keeps what it was made from, so that it can be sent again."""
    done: dict[str, Any] = {"done_at": clock.now(), "outcome": outcome, "last_error": error and error[:500]}
    kept: dict[str, Any] = {"recipient": job.recipient} if outcome in UNSENT else {"recipient": None, "payload": {}}
    with writing():
        db.session.execute(update(Job).where(Job.id == job.id).values(lease_until=None, **done, **kept))
        if job.recipient and bounced:
            bounces.pause(job.recipient, error or "")
        elif job.recipient and outcome == "sent":
            bounces.lift(job.recipient)
        db.session.commit()


def _release(job: Job, problem: Exception) -> None:
    back = {"lease_until": None, "attempts": Job.attempts - 1, "last_error": AWAY + str(problem)[:500]}
    with writing():
        db.session.execute(update(Job).where(Job.id == job.id).values(**back))
        db.session.commit()


def _postpone(job: Job, problem: Exception) -> None:
    if clock.now() - job.created_at > GIVEN_UP_AFTER:
        _finish(job, "failed", str(problem))
        return
    minutes = PAUSES_MINUTES[min(job.attempts, len(PAUSES_MINUTES)) - 1] * random.uniform(0.9, 1.1)
    later = {"lease_until": None, "run_after": clock.now() + timedelta(minutes=minutes)}
    mark = PUT_OFF if isinstance(problem, mail.RecipientDeferred) else ""
    told = {"last_error": mark + str(problem)[:500], "recipient": job.recipient}
    with writing():
        db.session.execute(update(Job).where(Job.id == job.id).values(**later, **told))
        db.session.commit()


def free_leases_of_the_dead() -> None:
    """Give back what workers of this machine held when they were killed."""
    held = select(Job).where(Job.done_at.is_(None), Job.lease_until.is_not(None))
    with writing():
        for job in db.session.scalars(held):
            if is_gone(str(job.lease_owner)):
                job.lease_until = None
        db.session.commit()


def work(app: Flask, stop: threading.Event) -> None:
    """Do jobs as they come until `stop` is set."""
    pause, tidied_at, freed = 0, 0.0, False
    while not stop.is_set():
        _wake.clear()
        try:
            with app.app_context():
                if not freed:
                    free_leases_of_the_dead()
                    freed = True
                if clock.timestamp() - tidied_at > 3600:
                    tidied_at = clock.timestamp()
                    tidy()
                while not stop.is_set() and work_once(this_process()):
                    pause = 0
        except mail.ServerAway as problem:
            pause = min(max(2 * pause, LOOK_EVERY_SECONDS), SERVER_PAUSE_SECONDS_MAX)
            log.warning("the mail server is away, next try in %s s: %s", pause, mail.without_addresses(problem))
            _do_deeds(app)
            stop.wait(pause)
            continue
        except Busy:
            pass  # somebody else writes; the next look comes soon
        except Exception:
            log.exception("the worker stumbled and goes on")
        _wake.wait(LOOK_EVERY_SECONDS)


def _do_deeds(app: Flask) -> None:
    """Do what needs no mail server while it is away."""
    try:
        with app.app_context():
            while work_once(this_process(), deeds_only=True):
                pass
    except Exception:
        log.exception("the worker stumbled at a deed and goes on")


def tidy() -> None:
    """Drop what has been kept long enough, here and in every room; a step that fails keeps no other from its work."""
    steps: dict[Callable[..., object], Callable[[], object]] = {throttle.tidy: throttle.tidy}
    steps[mail.empty_outbox] = partial(mail.empty_outbox, KEPT)
    steps |= {step: partial(_in_a_transaction, step, prepare) for step, prepare in _housekeeping.items()}
    for step, do in steps.items():
        try:
            while do():
                pass
        except Exception:
            log.exception("housekeeping stumbled at %s and goes on", step.__name__)


def _in_a_transaction(step: Callable[..., object], prepare: Callable[[], object] | None) -> bool:
    prepared = [prepare()] if prepare is not None else []
    with writing():
        is_more = step(*prepared)
        db.session.commit()
    return bool(is_more)


@housekeeping
def forget_done() -> bool:
    """Drop what was done long ago, a thousand rows at a time."""
    old = select(Job.id).where(Job.done_at < clock.now() - KEPT).limit(ROUND)
    return len(db.session.scalars(delete(Job).where(Job.id.in_(old)).returning(Job.id)).all()) == ROUND


def start_worker(app: Flask) -> None:
    """Start this process's worker thread, once."""
    if "worker" not in app.extensions:
        app.extensions["worker"] = threading.Event()
        threading.Thread(target=work, args=(app, app.extensions["worker"]), name="jobs", daemon=True).start()
