"""Addresses that refuse letters for good: paused, spared what nobody asked for, and written to again when one arrives."""

import pytest
from sqlalchemy import func, select

from core import bounces, jobs, mail
from core.bounces import PausedAddress
from core.database import db, writing
from core.jobs import Job
from core.mail import Letter
from tests.moments import at_once

STOP = "http://127.0.0.1:8000/letters/stop/a1.abc"
MEI = "mei@example.com"


@mail.writes("tests.asked")
def asked(payload):
    return Letter(payload["to"], "password_changed", {"username": "梅子"}, link="http://127.0.0.1:8000/login")


@mail.writes("tests.unasked")
def unasked(payload):
    return Letter(payload["to"], "password_changed", {"username": "梅子"}, stop_link=STOP)


def send(kind="tests.asked", to=MEI):
    """Queue a letter, try it once and return what became of it."""
    with writing():
        jobs.queue(kind, {"to": to})
        db.session.commit()
    jobs.work_once("a:1")
    db.session.rollback()
    return db.session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()


def paused():
    db.session.rollback()
    return {one.email: one.reason for one in db.session.scalars(select(PausedAddress)).all()}


@pytest.mark.parametrize(
    "answer",
    [
        "550 no such person",
        "550 5.1.1 unknown",
        "552 5.2.2 full",
        "521 5.3.2 takes no mail",
        "550 5.4.1 Recipient address rejected: Access denied",
        "550 <relay@spam.example>: no such person",
        "550 no such person at 5.7.1.3",
    ],
)
def test_an_address_refused_for_good_is_paused_with_the_servers_words(office, answer):
    office.answers = {"RCPT": [answer]}

    job = send(to="Mei@Example.com")

    assert (job.outcome, job.recipient) == ("failed", "Mei@Example.com")
    assert paused() == {"Mei@Example.com": answer}


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("TEXT", "550 spam"),
        ("RCPT", "450 later"),
        ("RCPT", "554 5.7.1 relay access denied"),
        ("RCPT", "550 relay not permitted"),
        ("RCPT", "550 Blocked, see our policy"),
        ("RCPT", "550 <mei@example.com>: not from you (#5.7.1)"),
        ("MAIL", "550 not you"),
    ],
)
def test_an_address_is_not_blamed_for_a_text_a_delay_or_our_own_server(office, command, answer):
    office.answers = {command: [answer]}

    send()

    assert paused() == {}


def test_to_a_paused_address_nothing_unasked_is_written_and_the_letter_is_kept(office):
    bounces.pause("MEI@example.com", "550 no")
    db.session.commit()

    job = send("tests.unasked")

    assert (job.outcome, job.recipient, job.payload) == ("paused", MEI, {"to": MEI})
    assert office.letters == [] and office.commands == []
    assert send("tests.unasked", to="lin@example.com").outcome == "sent"


def test_a_letter_somebody_asked_for_is_tried_all_the_same_and_lifts_the_pause_when_it_arrives(office):
    bounces.pause(MEI, "550 no")
    db.session.commit()
    office.answers = {"RCPT": ["550 still no"]}

    assert send(to="MEI@example.com").outcome == "failed"
    assert list(paused().values()) == ["550 still no"]

    assert send(to="MEI@example.com").outcome == "sent"
    assert paused() == {}
    assert send("tests.unasked").outcome == "sent"


def test_what_was_held_back_is_sent_again_after_the_pause(office):
    bounces.pause(MEI, "550 no")
    db.session.commit()
    job_id = send("tests.unasked").id

    with writing():
        assert bounces.lift("Mei@example.com") is True
        assert bounces.lift("Mei@example.com") is False
        jobs.send_again(job_id=job_id)
        db.session.commit()
    jobs.work_once("a:1")

    assert len(office.letters) == 1


def test_two_workers_whose_letters_to_one_address_are_refused_at_once_pause_it_once(app):
    def refuse(words):
        with app.app_context(), writing():
            bounces.pause(MEI, words)
            db.session.commit()

    at_once([lambda: refuse("550 a"), lambda: refuse("550 b")])

    assert db.session.scalar(select(func.count()).select_from(PausedAddress)) == 1


def test_the_words_of_a_server_are_cut_and_the_list_is_found_by_key(app):
    for number in range(21):
        bounces.pause(f"r{number:02}@example.com", "长" * 600)
    db.session.commit()

    first = bounces.paused_addresses()
    rest = bounces.paused_addresses(first.items[-1].email_key)

    assert (len(first.items), first.has_later, [one.email for one in rest.items]) == (20, True, ["r20@example.com"])
    assert len(first.items[0].reason) == 500


@mail.writes("tests.wanted")
def wanted(payload):
    values = {"username": "梅子"}
    return Letter(payload["to"], "password_changed", values, stop_link=STOP, is_asked=True)


def test_a_letter_asked_for_at_this_moment_is_tried_though_it_can_be_stopped(office):
    office.answers = {"RCPT": ["550 no such person"]}
    send()
    office.answers = {}

    assert send("tests.unasked").outcome == "paused"
    assert send("tests.wanted").outcome == "sent"
    assert paused() == {}
