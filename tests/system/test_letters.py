"""Letters leave at least once, whatever happens to the worker's process and whatever the mail server does."""

import email
import email.policy
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import func, insert, select, update

from app import create_app
from blueprints.auth.models import Role, User
from blueprints.auth.passwords import hash_password
from blueprints.auth.recovery import request_reset
from core import clock
from core.config import read_settings
from core.database import db, writing
from core.jobs import PUT_OFF, Job
from tests import stage
from tests.builders import PASSWORD, link_in
from tests.post_office import CUT, SILENT, USUAL, PostOffice, post_office
from tests.system.conftest import environment, free_port
from tests.system.worker import worker_of

pytestmark = pytest.mark.system

LETTERS, KILLS = 1000, 50
MOMENTS = ("START", "CONNECT", "RCPT", "DATA", "TEXT", "QUIT", "BETWEEN")


@contextmanager
def site_with(letters: int, folder: Path, port: int, database: str = "") -> Iterator[dict[str, str]]:
    """Make a site in whose outbox so many reset letters wait, step into its context and give its environment."""
    mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_SECURITY": "none"}
    given = environment(folder / "instance", free_port(), DATABASE_URI=database, **mail)
    app = create_app(read_settings(given), testing=True)
    app.test_client_class = stage.Browser
    with app.app_context():
        db.create_all()
        secret = hash_password(PASSWORD)
        with writing():
            db.session.execute(insert(User), [reader(number, secret) for number in range(letters)])
            for number in range(letters):
                request_reset(address(number))
            db.session.commit()
        yield given
    stage.close(app)


def address(number: int) -> str:
    return f"reader{number:03}@example.com"


def reader(number: int, secret: str) -> dict[str, object]:
    names = {"username": f"山中客{number}", "username_key": f"山中客{number}"}
    addresses = {"email": address(number), "email_key": address(number)}
    return names | addresses | {"password_hash": secret, "role": Role.READER}


def until(holds: Callable[[], bool], seconds: int = 60) -> None:
    """Wait until it holds; `seconds` only end a test that has failed."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, Counter((job.outcome, job.attempts, job.last_error) for job in rows())
        time.sleep(0.05)


def rows() -> list[Job]:
    """Return the outbox as it is now, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(select(Job).order_by(Job.id).execution_options(populate_existing=True)))


def waiting() -> int:
    db.session.rollback()
    return db.session.scalars(select(func.count()).select_from(Job).where(Job.done_at.is_(None))).one()


def read(office: PostOffice):
    """Return the letters handed in by recipient, each one's in the order they came."""
    found = defaultdict(list)
    for text in office.letters:
        letter = email.message_from_bytes(text, policy=email.policy.default)
        found[letter["To"]].append(letter)
    return found


def kill_at(moment: str, count: int, worker: BaseProcess, office: PostOffice, dice: random.Random) -> None:
    """Kill the worker the `count`-th time the office comes to this moment of a letter, and wait for its end.

    START is somewhere in the worker's first half second, BETWEEN somewhere after a letter was handed over.
    """
    come = Counter[str]()
    soon = dice.uniform(0, 0.03)

    def watch(command: str) -> None:
        come[command] += 1
        if come[command] == count and command == moment:
            worker.kill()
        elif come[command] == count and command == "QUIT" and moment == "BETWEEN":
            threading.Timer(soon, worker.kill).start()

    office.watch = watch
    if moment == "START":
        time.sleep(dice.uniform(0, 0.5))
        worker.kill()
    worker.join(60)
    assert worker.exitcode == -signal.SIGKILL


def test_a_thousand_letters_outlive_fifty_killed_workers(database, tmp_path):
    dice = random.Random(KILLS)
    with post_office() as office, site_with(LETTERS, tmp_path, office.port, database) as given:
        for number in range(KILLS):
            left = LETTERS - len(office.letters)
            count = dice.randint(1, 2 * left // (KILLS - number + 1))
            with worker_of(given) as worker:
                kill_at(MOMENTS[number % len(MOMENTS)], count, worker, office, dice)
        with worker_of(given):
            until(lambda: waiting() == 0, seconds=120)

        letters = read(office)
        assert {job.outcome for job in rows()} == {"sent"}
        assert sorted(letters) == [address(number) for number in range(LETTERS)]
        assert LETTERS <= len(office.letters) <= LETTERS + KILLS
        assert all(len({letter["Message-ID"] for letter in copies}) == 1 for copies in letters.values())
        assert len({copies[0]["Message-ID"] for copies in letters.values()}) == LETTERS
        links = {link_in(copies[-1]) for copies in letters.values()}
        assert len(links) == LETTERS
        browser = current_app.test_client()
        assert {browser.get(link).status_code for link in links} == {200}


def test_letters_nobody_takes_wait_untried_and_leave_oldest_first(tmp_path):
    port = free_port()
    with site_with(5, tmp_path, port) as given, worker_of(given):
        until(lambda: rows()[0].last_error is not None)
        tries_before = [job.attempts for job in rows()]
        with post_office(port) as office:
            until(lambda: waiting() == 0)

        assert tries_before == [0] * 5
        assert list(read(office)) == [address(number) for number in range(5)]
        assert [(job.outcome, job.attempts) for job in rows()] == [("sent", 1)] * 5


def test_a_server_that_falls_silent_is_left_and_the_others_leave(tmp_path):
    """One worker meets silence before its letter, the other in the middle of one: both wait out the one time-out."""
    with post_office() as office, site_with(5, tmp_path, office.port) as given:
        office.answers = {"CONNECT": [SILENT], "RCPT": [SILENT]}
        with worker_of(given), worker_of(given):
            until(lambda: waiting() == 1)

        (left,) = [job for job in rows() if job.done_at is None]
        assert (left.attempts, left.lease_until) == (1, None)
        assert "timed out" in (left.last_error or "") and left.run_after > clock.now()
        assert sorted(job.attempts for job in rows() if job.outcome == "sent") == [1] * 4
        assert len(office.letters) == 4


def test_a_server_slow_with_every_byte_is_waited_for(tmp_path):
    with post_office() as office, site_with(3, tmp_path, office.port) as given:
        office.byte_seconds = 0.02
        with worker_of(given):
            until(lambda: waiting() == 0)

        assert list(read(office)) == [address(number) for number in range(3)]
        assert [(job.outcome, job.attempts) for job in rows()] == [("sent", 1)] * 3


def test_what_the_server_says_of_one_letter_holds_up_no_other(tmp_path):
    with post_office() as office, site_with(8, tmp_path, office.port) as given:
        office.answers = {
            "RCPT": ["451 later", "550 no such person"],
            "LINE": [USUAL, USUAL, CUT],
            "TEXT": ["452 full", "554 not this", CUT],
        }
        with worker_of(given):
            until(lambda: waiting() == 4)
            heard = [(job.outcome, job.last_error and job.last_error.removeprefix(PUT_OFF)) for job in rows()]
            at_first = [(outcome, words and words.split()[0].strip("(,")) for outcome, words in heard]
            later = [job.run_after > clock.now() for job in rows() if job.done_at is None]
            with writing():
                db.session.execute(update(Job).values(run_after=clock.now()))  # the minute is over
                db.session.commit()
            until(lambda: waiting() == 0)

        cut = "Connection"
        assert at_first == [
            (None, "451"), ("failed", "550"), (None, "452"), ("failed", "554"), (None, cut), (None, cut), ("sent", None), ("sent", None),
        ]  # fmt: skip
        assert later == [True] * 4
        assert [job.outcome for job in rows()] == ["sent", "failed", "sent", "failed"] + ["sent"] * 4
        assert [job.attempts for job in rows()] == [2, 1, 2, 1, 2, 2, 1, 1]
        copies = read(office)
        assert [len(copies[address(number)]) for number in range(8)] == [1, 0, 2, 1, 1, 2, 1, 1]
        assert all(len({letter["Message-ID"] for letter in same}) <= 1 for same in copies.values())
