"""The outbox: letters that leave with the commit, once, and again when the server wants it so."""

import email
import email.policy
import os
import socket
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import html5lib
import pytest
from sqlalchemy import delete, insert, select, text, update

from core import clock, jobs, mail
from core.database import db, writing
from core.deeds import does
from core.forgetting import stored_about
from core.jobs import PAUSES_MINUTES, Job
from core.mail import Letter, ServerAway, open_mail
from tests.builders import send_letters
from tests.moments import at_once, later
from tests.post_office import CUT

LINK = "http://127.0.0.1:8000/reset-password/abc"
TEMPLATES = [
    "address_asked",
    "address_changed",
    "address_proof",
    "already_registered",
    "article_notice",
    "decision",
    "digest",
    "factor_changed",
    "factor_guessed",
    "flood",
    "guest_link",
    "leaving",
    "login_link",
    "new_device",
    "password_changed",
    "password_reset",
    "paused",
    "registration",
    "reply_notice",
    "role_changed",
    "test_letter",
    "waiting",
]
STOP = "http://127.0.0.1:8000/letters/stop/a1.abc"
WITHOUT_LINK = ["paused"]
VALUES = {
    "username": "梅子",
    "nickname": "梅子",
    "title": "梅子的文章",
    "floor": 2,
    "asked_floor": 1,
    "words": "有道理。",
    "is_proved": False,
    "stop": STOP,
    "code": "123456",
    "email": "other@example.com",
    "device": "",
    "at": clock.now(),
    "leaves_at": clock.now(),
    "until": clock.now(),
    "reason": "广告",
    "contact": "us@example.com",
    "role": "author",
    "needs_password": False,
    "added": True,
    "follows": False,
    "why": "article",
    "is_public": True,
    "is_guest": False,
    "count": 2,
    "more": 1,
    "lines": [
        {
            "article_id": 1,
            "title": "梅子的文章",
            "nickname": "梅子",
            "said": "梅子：",
            "words": "梅子写的。",
            "count": 2,
            "link": LINK,
        }
    ],
}


@mail.writes("tests.greeting")
def greeting(payload):
    return Letter(payload["to"], payload.get("template", "password_changed"), VALUES, link=LINK)


@mail.writes("tests.nothing")
def nothing(_payload):
    return None


@mail.writes("tests.death")
def death(_payload):
    raise KeyboardInterrupt


@mail.writes("tests.stumble")
def stumble(_payload):
    raise ZeroDivisionError("a fault of ours")


done: list[int] = []


@does("tests.deed")
def deed(payload):
    done.append(payload["number"])


def queued(kind="tests.greeting", about=None, **payload):
    """Queue and commit one letter and return its id."""
    with writing():
        jobs.queue(kind, {"to": "mei@example.com"} | payload, about)
        db.session.commit()
    return db.session.scalars(select(Job.id).order_by(Job.id.desc()).limit(1)).one()


def job(job_id):
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True)


def letters_at(office) -> list[Any]:
    return [email.message_from_bytes(letter, policy=email.policy.default) for letter in office.letters]


def test_a_letter_leaves_after_the_commit_and_not_before(app):
    jobs.queue("tests.greeting", {"to": "mei@example.com"})
    db.session.flush()
    with app.app_context():
        assert jobs.work_once("a:1") is False

    db.session.commit()

    assert [letter["To"] for letter in send_letters()] == ["mei@example.com"]


def test_what_is_rolled_back_sends_nothing(app):
    jobs.queue("tests.greeting", {"to": "mei@example.com"})
    db.session.flush()

    db.session.rollback()

    assert send_letters() == []


def test_a_letter_sent_is_done_and_its_payload_gone(app):
    job_id = queued(secret="geheim")

    assert len(send_letters()) == 1

    done = job(job_id)
    assert (done.outcome, done.payload, done.lease_until, done.attempts) == ("sent", {}, None, 1)
    assert done.done_at is not None
    assert jobs.work_once("a:1") is False


def test_a_letter_that_need_not_be_written_is_done(app):
    job_id = queued("tests.nothing")

    assert send_letters() == []
    assert (job(job_id).outcome, job(job_id).payload) == ("nothing", {})


def test_letters_leave_in_the_order_they_were_queued(app):
    for number in range(3):
        queued(to=f"reader{number}@example.com")

    assert [letter["To"] for letter in send_letters()] == [f"reader{number}@example.com" for number in range(3)]


def test_two_workers_at_the_same_instant_send_a_letter_once(app):
    job_id = queued()

    def work(owner):
        with app.app_context():
            return jobs.work_once(owner)

    did = at_once([lambda: work("a:1"), lambda: work("b:2")])

    assert sorted(did) == [False, True]
    assert job(job_id).attempts == 1


def test_a_job_whose_worker_died_is_done_by_another_when_the_lease_is_over(app):
    job_id = queued("tests.death")
    with pytest.raises(KeyboardInterrupt):
        jobs.work_once("a:1")
    job(job_id).kind = "tests.greeting"
    db.session.commit()

    assert jobs.work_once("b:2") is False
    with later(minutes=3, seconds=1):
        assert jobs.work_once("b:2") is True

    assert (job(job_id).outcome, job(job_id).attempts, job(job_id).lease_owner) == ("sent", 2, "b:2")


def test_leases_of_dead_processes_of_this_machine_end_at_once_and_no_others(app):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    owners = [f"{socket.gethostname()}:{gone.pid}", f"{socket.gethostname()}:{os.getpid()}", f"elsewhere:{gone.pid}"]
    for owner in owners:
        job_id = queued()
        held = job(job_id)
        held.lease_owner, held.lease_until = owner, clock.now() + jobs.LEASE
        db.session.commit()

    jobs.free_leases_of_the_dead()

    free = db.session.scalars(select(Job.lease_owner).where(Job.lease_until.is_(None))).all()
    assert free == owners[:1]


def test_of_letters_about_one_thing_only_the_newest_is_sent(app):
    first = queued(about="mei", to="first@example.com")
    apart = queued(about="lin", to="apart@example.com")
    last = queued(about="mei", to="last@example.com")

    assert [letter["To"] for letter in send_letters()] == ["apart@example.com", "last@example.com"]
    assert [job(one).outcome for one in (first, apart, last)] == ["replaced", "sent", "sent"]


def test_letters_about_nothing_replace_nothing(app):
    queued()
    queued()

    assert len(send_letters()) == 2


def test_a_letter_goes_through_the_mail_server_with_name_and_date(office):
    queued()

    assert jobs.work_once("a:1")

    (letter,) = letters_at(office)
    assert {"mail from:<zhishang@127.0.0.1>", "rcpt to:<mei@example.com>"} <= {line.lower() for line in office.commands}
    assert letter["From"] == "纸上 <zhishang@127.0.0.1>"
    assert (letter["To"], letter["Subject"]) == ("mei@example.com", "密码已更换 · 纸上")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert abs(letter["Date"].datetime - clock.now()) < timedelta(minutes=1)
    assert LINK in letter.get_body(("plain",)).get_content()


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "TEXT"])
def test_a_letter_refused_for_good_has_failed_and_is_not_tried_again(office, command):
    office.answers = {command: ["550 no such person"]}
    job_id = queued(secret="geheim")

    assert jobs.work_once("a:1") is True

    failed = job(job_id)
    assert (failed.outcome, failed.recipient, failed.attempts) == ("failed", "mei@example.com", 1)
    assert failed.last_error == "550 no such person"
    with later(days=30):
        assert jobs.work_once("a:1") is False


@pytest.mark.parametrize(
    ("command", "answer"),
    [("RCPT", "451 later"), ("TEXT", "451 later"), ("MAIL", "451 later"), ("DATA", CUT), ("TEXT", CUT), ("RCPT", CUT)],
)
def test_a_letter_refused_for_now_or_cut_off_is_tried_again(office, command, answer):
    office.answers = {command: [answer]}
    job_id = queued()

    assert jobs.work_once("a:1") is True

    waiting = job(job_id)
    assert (waiting.done_at, waiting.lease_until, waiting.attempts) == (None, None, 1)
    assert waiting.last_error and not waiting.last_error.startswith("(")
    assert jobs.work_once("a:1") is False
    with later(minutes=1.2):
        assert jobs.work_once("a:1") is True
    assert (job(job_id).outcome, job(job_id).attempts) == ("sent", 2)


def test_a_letter_that_failed_is_sent_again_as_the_same_letter_when_somebody_wants_it(office):
    office.answers = {"TEXT": ["550 not this"]}
    job_id = queued(username="山中客")
    jobs.work_once("a:1")
    before = job(job_id).message_id

    with later(days=20):
        with writing():
            assert jobs.send_again(job_id=job_id) == 1
            db.session.commit()
        assert (jobs.oldest_waiting_seconds(), job(job_id).attempts, job(job_id).outcome) == (0, 0, None)
        assert jobs.work_once("a:1")

    (_refused, letter) = letters_at(office)
    assert letter["Message-ID"].startswith(f"<{before}@")
    sent = job(job_id)
    assert (sent.outcome, sent.recipient, sent.payload, sent.last_error) == ("sent", None, {}, None)


def test_a_letter_sent_again_has_five_days_again(office):
    office.answers = {"RCPT": ["550 no", "451 later"]}
    job_id = queued()
    jobs.work_once("a:1")

    with later(days=20):
        jobs.send_again(job_id=job_id)
        db.session.commit()
        jobs.work_once("a:1")

    assert (job(job_id).outcome, job(job_id).attempts) == (None, 1)


def test_all_that_failed_are_sent_again_a_thousand_at_a_time_and_no_others(app):
    now = clock.now()
    rows = [
        {
            "kind": "tests.greeting",
            "payload": {} if number == 0 else {"to": "mei@example.com"},
            "language": "zh",
            "message_id": f"m{number}",
            "run_after": now,
            "created_at": now,
            "attempts": 3,
            "done_at": now,
            "outcome": "sent" if number == 1 else "paused" if number == 2 else "failed",
        }
        for number in range(1005)
    ]
    db.session.execute(insert(Job), rows)
    db.session.commit()

    assert [jobs.send_again(), jobs.send_again(), jobs.send_again()] == [1000, 3, 0]
    done = db.session.scalars(select(Job.message_id).where(Job.done_at.is_not(None))).all()
    assert sorted(done) == ["m0", "m1"], "what is sent, and what nothing is left of to write it from"


def test_where_a_letter_could_not_go_is_known_until_it_arrives(office):
    office.answers = {"RCPT": ["451 later"]}
    job_id = queued()
    assert job(job_id).recipient is None

    jobs.work_once("a:1")
    assert job(job_id).recipient == "mei@example.com"

    with later(minutes=2):
        jobs.work_once("a:1")
    assert (job(job_id).outcome, job(job_id).recipient) == ("sent", None)


def test_a_letter_for_a_later_moment_does_not_wait_before_it(app):
    with clock.standing_at(clock.now().replace(microsecond=0)):
        with writing():
            jobs.queue("tests.greeting", {"to": "mei@example.com"}, run_after=clock.now() + timedelta(hours=2))
            db.session.commit()

        assert send_letters() == [] and jobs.oldest_waiting_seconds() == 0
        with later(hours=2, seconds=30):
            assert jobs.oldest_waiting_seconds() == 30
            assert len(send_letters()) == 1


def test_a_letter_has_the_same_message_id_however_often_it_is_tried(office):
    office.answers = {"TEXT": ["451 later", CUT]}
    queued()
    queued()

    for minutes in (0, 2, 10):
        with later(minutes=minutes):
            while jobs.work_once("a:1"):
                pass

    ids = [letter["Message-ID"] for letter in letters_at(office)]
    assert len(ids) > len(set(ids)) == 2
    assert all(one.endswith("@127.0.0.1>") for one in ids)


def test_the_pauses_grow_and_after_five_days_it_is_given_up(office):
    office.answers = {"RCPT": ["451 later"] * 20}
    job_id = queued()
    made_at, moment, pauses = job(job_id).created_at, clock.now(), []

    while job(job_id).done_at is None:
        with clock.standing_at(moment):
            jobs.work_once("a:1")
        pauses.append((job(job_id).run_after - moment).total_seconds() / 60)
        moment = job(job_id).run_after

    for number, minutes in enumerate(PAUSES_MINUTES):
        assert 0.9 * minutes <= pauses[number] <= 1.1 * minutes
    assert job(job_id).outcome == "failed"
    assert timedelta(days=5) < moment - made_at < timedelta(days=7)


def test_a_fault_in_writing_a_letter_is_tried_again_and_holds_up_no_other(app):
    broken = queued("tests.stumble")
    queued()

    assert len(send_letters()) == 1

    assert (job(broken).done_at, job(broken).attempts) == (None, 1)
    assert "a fault of ours" in job(broken).last_error


def test_a_server_that_is_away_costs_a_letter_nothing(app, choose):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        usual = app.config["ZHISHANG"]
        choose(mail_server="127.0.0.1", mail_port=closed.getsockname()[1], mail_security="none")
        open_mail(app, app.config["ZHISHANG"])
        job_id = queued()

        for _ in range(3):
            with pytest.raises(ServerAway):
                jobs.work_once("a:1")

    waiting = job(job_id)
    assert (waiting.attempts, waiting.done_at, waiting.lease_until) == (0, None, None)
    assert waiting.last_error.startswith(jobs.AWAY)
    open_mail(app, usual)
    choose(mail_server="")
    assert len(send_letters()) == 1


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        ({"CONNECT": ["421 busy"]}, {}),
        ({"CONNECT": [CUT]}, {}),
        ({"EHLO": ["250-here\r\n250 AUTH PLAIN"], "AUTH": ["535 no"]}, {"mail_username": "u", "mail_password": "p"}),
        ({}, {"mail_username": "u", "mail_password": "p"}),
        ({}, {"mail_security": "starttls"}),
        ({"EHLO": ["250-here\r\n250 STARTTLS"], "STARTTLS": ["454 not now"]}, {"mail_security": "starttls"}),
    ],
)
def test_a_server_that_does_not_let_us_in_safely_is_away_and_is_told_nothing(app, choose, office, answers, more):
    office.answers = {command: list(said) for command, said in answers.items()}
    choose(**more)
    open_mail(app, app.config["ZHISHANG"])
    job_id = queued()

    with pytest.raises(ServerAway):
        jobs.work_once("a:1")

    assert job(job_id).attempts == 0
    assert office.letters == []
    assert not any(command.upper().startswith("MAIL") for command in office.commands)


def test_without_a_mail_server_letters_are_files_for_the_owner_only(app):
    queued()
    send_letters()

    folder = app.config["ZHISHANG"].outbox
    (path,) = folder.iterdir()
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_letters_in_the_outbox_and_done_jobs_are_erased_after_30_days(app):
    queued()
    send_letters()
    waiting = queued()
    folder = app.config["ZHISHANG"].outbox

    with later(days=29):
        jobs.tidy()
    assert len(list(folder.iterdir())) == 1
    with later(days=31):
        jobs.tidy()

    assert list(folder.iterdir()) == []
    db.session.rollback()
    assert db.session.scalars(select(Job.id)).all() == [waiting]


def test_a_step_of_housekeeping_is_called_again_while_there_is_more_each_time_in_a_transaction_of_its_own(app, steps):
    for _ in range(5):
        queued()
    sizes = []

    def in_rounds():
        two = select(Job.id).limit(2)
        sizes.append(len(db.session.scalars(delete(Job).where(Job.id.in_(two)).returning(Job.id)).all()))
        if len(sizes) == 2:
            raise ZeroDivisionError("in the middle")
        return sizes[-1] == 2

    jobs.housekeeping(in_rounds)
    jobs.tidy()
    assert sizes == [2, 2] and len(db.session.scalars(select(Job.id)).all()) == 3, "the first round stays done"

    jobs.tidy()
    assert sizes == [2, 2, 2, 1]


def test_a_step_of_housekeeping_that_fails_keeps_no_other_from_its_work(app, steps, caplog):
    queued()

    def broken():
        raise ZeroDivisionError("a fault of ours")

    def sound():
        db.session.execute(update(Job).values(kind="tests.seen"))

    jobs.housekeeping(broken)
    jobs.housekeeping(sound)
    jobs.tidy()

    assert db.session.scalars(select(Job.kind)).all() == ["tests.seen"]
    assert "housekeeping stumbled at broken" in caplog.text


def test_what_is_odd_in_the_outbox_keeps_no_step_from_its_work(app, steps):
    queued()
    send_letters()
    folder = app.config["ZHISHANG"].outbox
    (folder / "old.letters").mkdir()
    (folder / "0.eml").symlink_to(folder / "nothing.eml")
    queued()
    jobs.housekeeping(mark_seen)

    with later(days=31):
        jobs.tidy()

    (folder / "old.letters").rmdir()
    assert [path.name for path in folder.glob("*")] == ["0.eml"]
    assert db.session.scalars(select(Job.kind)).all() == ["tests.seen"]


def test_limits_that_cannot_be_counted_keep_no_step_from_its_work(app, steps, no_limits, caplog):
    queued()
    jobs.housekeeping(mark_seen)

    jobs.tidy()

    assert db.session.scalars(select(Job.kind)).all() == ["tests.seen"]
    assert "housekeeping stumbled at tidy" in caplog.text


def test_what_a_killed_worker_left_of_a_letter_is_found_and_erased_with_the_others(app):
    queued()
    send_letters()
    (letter,) = app.config["ZHISHANG"].outbox.iterdir()
    unfinished = letter.rename(letter.with_suffix(".part"))

    assert stored_about("mei@example.com")["letter_files"] == [unfinished.name]
    with later(days=31):
        jobs.tidy()

    assert not unfinished.exists()


def mark_seen():
    db.session.execute(update(Job).values(kind="tests.seen"))


@pytest.fixture
def no_limits(app, choose, tmp_path):
    """What tidy are counted in cannot be used: its file is a folder, its table is not there."""
    if db.engine.dialect.name == "sqlite":
        (tmp_path / "limits.db").mkdir()
        choose(instance=tmp_path)
        yield
        (tmp_path / "limits.db").rmdir()
    else:
        rename_table("throttle_hit", "throttle_hit_away")
        yield
        rename_table("throttle_hit_away", "throttle_hit")


def rename_table(name, other):
    db.session.rollback()
    db.session.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))
    db.session.commit()


def test_what_a_step_of_housekeeping_prepares_keeps_nobody_from_writing(app, steps):
    """Somebody else writes while it is prepared: on SQLite the file's only write lock is free."""
    told: list[object] = []

    def slow():
        with db.engine.connect().execution_options(writing=True) as elsewhere, elsewhere.begin():
            elsewhere.execute(update(Job).values(kind="tests.seen"))
        return "prepared"

    queued()
    jobs.housekeeping(told.append, prepare=slow)
    jobs.tidy()

    assert told == ["prepared"] and db.session.scalars(select(Job.kind)).all() == ["tests.seen"]


@pytest.fixture
def steps():
    """The steps of housekeeping; those added are taken away after the test."""
    before = dict(jobs._housekeeping)
    yield
    jobs._housekeeping.clear()
    jobs._housekeeping.update(before)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_letter_fetches_nothing_and_says_the_same_in_both_parts(app, template):
    queued(template=template)

    (letter,) = send_letters()

    assert [part.get_content_type() for part in letter.walk() if not part.is_multipart()] == ["text/plain", "text/html"]
    html = letter.get_body(("html",)).get_content()
    for node in html5lib.parse(html, namespaceHTMLElements=False).iter():
        assert node.tag not in ("img", "style", "link", "script", "iframe", "object", "video", "form", "base")
        assert not {"src", "style", "background", "srcset", "onclick", "ping"} & set(node.attrib)
        assert node.get("href", LINK) in (LINK, STOP)
    assert (LINK in letter.get_body(("plain",)).get_content()) is (template not in WITHOUT_LINK)
    assert "梅子" in letter.get_body(("plain",)).get_content() and "梅子" in html


def test_every_letter_the_site_has_is_looked_at_here(app):
    folder = os.path.join(app.root_path, "templates", "mail")

    assert sorted(name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name))) == TEMPLATES


def test_how_long_the_oldest_waits_is_known(app):
    assert jobs.oldest_waiting_seconds() == 0
    with clock.standing_at(clock.now().replace(microsecond=0)):
        queued()

        with later(seconds=90):
            assert jobs.oldest_waiting_seconds() == 90


@pytest.mark.parametrize("answer", ["450 4.2.0 later", "450 4.1.2 no such domain now", "451 later"])
def test_a_letter_somebodys_server_defers_is_not_what_waits(office, answer):
    """13: an address given by a stranger turns no watchman's light red."""
    office.answers = {"RCPT": [answer]}
    queued(to="stranger@example.com")
    jobs.work_once("a:1")

    with later(hours=1):
        assert jobs.oldest_waiting_seconds() == 0
    queued()
    with later(hours=1):
        assert jobs.oldest_waiting_seconds() >= 3600


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("MAIL", "451 4.3.0 quota exceeded"),
        ("RCPT", "451 4.3.0 quota exceeded"),
        ("RCPT", "450 4.7.1 cannot find your host"),
        ("RCPT", "450 temporarily blocked"),
        ("RCPT", "421 closing"),
        ("RCPT", CUT),
        ("DATA", CUT),
        ("TEXT", "452 full"),
    ],
)
def test_a_letter_our_own_server_puts_off_is_what_waits(office, command, answer):
    """Where it says the same of every letter, none leaves."""
    office.answers = {command: [answer]}
    queued(to="stranger@example.com")
    jobs.work_once("a:1")

    with later(hours=1):
        assert jobs.oldest_waiting_seconds() >= 3600


def test_a_letter_that_stumbles_over_a_fault_of_ours_is_what_waits(app):
    queued("tests.stumble")
    send_letters()

    with later(hours=1):
        assert jobs.oldest_waiting_seconds() >= 3600


def test_a_letter_whose_server_is_away_is_what_waits(app):
    waiting = job(queued())
    waiting.attempts, waiting.last_error = 1, jobs.AWAY + "refused"
    db.session.commit()

    with later(hours=1):
        assert jobs.oldest_waiting_seconds() >= 3600


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("550 5.1.1 <mei@example.com>: no such person", "550 5.1.1 … no such person"),
        ("450 mei@example.com is greylisted", "450 … is greylisted"),
    ],
)
def test_the_log_names_no_address_a_server_repeats(office, caplog, answer, told):
    office.answers = {"RCPT": [answer]}
    job_id = queued()

    jobs.work_once("a:1")

    assert told in caplog.text and "example.com" not in caplog.text
    assert job(job_id).last_error.removeprefix(jobs.PUT_OFF) == answer, "an administrator may know"


def test_a_commit_wakes_the_worker(app):
    stop = threading.Event()
    worker = threading.Thread(target=jobs.work, args=(app, stop))
    worker.start()
    arrived = threading.Event()

    @mail.writes("tests.arrival")
    def arrival(_payload):
        arrived.set()

    queued("tests.arrival")
    assert arrived.wait(4)

    stop.set()
    queued("tests.nothing")
    worker.join(4)
    assert not worker.is_alive()


def test_a_deed_that_is_no_letter_does_not_wait_for_the_mail_server(app, choose):
    """F4: an inbox goes on filling while letters wait."""
    usual = app.config["ZHISHANG"]
    done.clear()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        choose(mail_server="127.0.0.1", mail_port=closed.getsockname()[1], mail_security="none")
        open_mail(app, app.config["ZHISHANG"])
        waiting, finished = queued(), queued("tests.deed", number=7)
        with pytest.raises(ServerAway):
            jobs.work_once("a:1")

        while jobs.work_once("a:1", deeds_only=True):
            pass

    open_mail(app, usual)
    assert done == [7]
    assert job(finished).done_at is not None
    assert job(waiting).done_at is None
