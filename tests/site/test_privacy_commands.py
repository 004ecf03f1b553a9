"""What is known about one address, printed and forgotten."""

import json
from typing import Any

import pytest
from sqlalchemy import String, cast, insert, select

from blueprints.auth.models import AddressChange, LogEntry, Registration, User
from blueprints.auth.recovery import request_reset
from blueprints.comments.appealing import appeal
from blueprints.comments.guest_words import erase
from blueprints.comments.guests import ask_for_link, open_address
from blueprints.comments.models import Comment, Flag, FlagReason, GuestAddress, Status
from blueprints.comments.screening_models import Ban
from blueprints.comments.thread_queries import Whose
from blueprints.comments.visibility import reject
from blueprints.moderation.decisions import Sitting, ban, look_at
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.rules import add_words, lift_ban
from blueprints.moderation.undoing import undo
from blueprints.notifications.models import Frequency, Notification, Subscription, Why
from core import bounces, clock, jobs
from core.database import Base, db
from core.jobs import Job
from tests.builders import comment, send_letters

MEI = "mei@example.com"


@pytest.fixture
def run(app):
    """Run a command and return what it answered."""

    def go(*arguments):
        return app.test_cli_runner().invoke(args=["privacy", *arguments])

    return go


def export(run, address=MEI):
    result = run("export", address)
    assert result.exit_code == 0
    return json.loads(result.stdout) if result.stdout else None


@pytest.fixture
def traces(app, article, lin):
    """Everything a guest's address can leave behind; returns the guest's public reply."""
    guest: dict[str, Any] = {"nickname": "梅子", "email": "Mei@example.com"}
    public = comment(article, "一条公开的回复。", notify=True, **guest)
    held = comment(article, "一条待审的回复。", held=True, **guest)
    send_letters()
    address = db.session.scalars(select(GuestAddress)).one()
    open_address(address)
    reject(held, reason="广告")
    ban(look_at(public), Sitting(lin), until=None, reason="广告", with_network=True)
    undo(lift_ban(db.session.scalars(select(Ban)).one(), Sitting(lin)).batch, Sitting(lin))
    followed = Subscription(guest_address_id=address.id, article_id=article.id, wanted_since=clock.now())
    note = Notification(
        guest_address_id=address.id,
        why=Why.ARTICLE,
        comment_id=public.id,
        article_id=article.id,
        frequency=Frequency.DAILY,
    )
    registration: dict[str, Any] = {
        "username": "梅子二",
        "username_key": "k",
        "email": MEI,
        "email_key": MEI,
        "password_hash": "x",
    }
    registration |= {"token_hash": "t", "expires_at": clock.now(), "created_at": clock.now()}
    db.session.execute(insert(Registration), [registration])
    db.session.add_all([followed, note])
    bounces.pause(MEI, "550 no")
    ask_for_link(MEI, may=True)
    ask_for_link("lin@example.com", may=True)
    db.session.add(
        Job(
            kind="reply_notice",
            payload={"comment": public.id},
            language="zh",
            recipient=MEI,
            outcome="failed",
            done_at=clock.now(),
        )
    )
    db.session.commit()
    return public


def everywhere(words):
    """Return the columns of all tables that hold these words."""
    db.session.rollback()
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            rows = db.session.execute(select(cast(column, String)))
            if any(words.casefold() in (value or "").casefold() for (value,) in rows if isinstance(value, str)):
                found.append(f"{table.name}.{column.name}")
    return found


def test_an_address_nobody_knows_is_told_in_a_sentence(run, app):
    for command in ("export", "erase"):
        result = run(command, "nobody@example.com")
        assert (result.exit_code, result.output) == (0, "Nothing is known about this address.\n")
    assert run("export", "nobody@example.com").stdout == ""


@pytest.mark.parametrize("wrong", ["", "nobody", "a@b\nc", "x" * 250 + "@example.com"])
def test_what_is_no_address_is_refused(run, app, wrong):
    assert run("export", wrong).exit_code == 2
    assert run("erase", wrong).exit_code == 2


def test_everything_about_a_guests_address_is_printed(run, traces):
    known = export(run, "MEI@example.com")

    assert [reply["body"] for reply in known["replies"]] == ["一条公开的回复。", "一条待审的回复。"]
    assert known["guest"]["email"] == "Mei@example.com" and known["guest"]["open_in_browsers"] == 1
    assert known["bans"][0]["reason"] == "广告" and known["paused"]["reason"] == "550 no"
    assert [one["username"] for one in known["registrations"]] == ["梅子二"]
    assert len(known["told"]["follows"]) == len(known["told"]["notifications"]) == 1
    assert [one["kind"] for one in known["letters"]] == ["guest_link", "reply_notice"]
    assert len(known["letter_files"]) == 1
    assert "account" not in known


def test_what_a_writer_answered_to_a_decision_is_printed_with_the_reply(run, traces, account):
    held = db.session.scalars(select(Comment).where(Comment.body == "一条待审的回复。")).one()
    appeal(held, Whose(email_key=MEI), "那是书里的原话。")
    db.session.commit()

    known = export(run)

    answers = [reply["answer_to_decision"] for reply in known["replies"]]
    assert [one and one["body"] for one in answers] == [None, "那是书里的原话。"] and answers[1]["at"]
    assert [one["answer_to_decision"]["body"] for one in known["account"]["replies"]] == ["为什么？"]


def test_name_and_address_are_forgotten_and_the_replies_stay(run, traces, app):
    others: dict[str, Any] = {"nickname": "半夏", "email": "ban@example.com", "address_block": "203.0.113.0/24"}
    comment(traces.article, "别人的。", **others)

    result = run("erase", MEI)

    assert result.exit_code == 0
    for line in (
        "replies: 2",
        "guest: 1",
        "bans: 1",
        "follows: 1",
        "notifications: 1",
        "registrations: 1",
        "paused: 1",
        "letter files: 1",
    ):
        assert line in result.output.splitlines(), line
    assert everywhere(MEI) == [] and everywhere("梅子") == []
    bodies = {row.body: (row.nickname, row.status) for row in db.session.scalars(select(Comment))}
    assert bodies["一条公开的回复。"] == ("", Status.PUBLISHED) and bodies["别人的。"] == ("半夏", Status.PUBLISHED)
    assert [one["To"] for one in send_letters()] == [], "the letter that waited is gone, and its file"
    assert export(run) is None
    assert run("erase", MEI).output == "Nothing is known about this address.\n"


def test_with_texts_the_words_go_too(run, traces):
    assert run("erase", MEI, "--texts").exit_code == 0

    assert everywhere("公开的回复") == [] and everywhere("待审的回复") == []
    rows = db.session.scalars(select(Comment).order_by(Comment.id)).all()
    assert [(row.status, row.floor) for row in rows] == [(Status.DELETED, 1), (Status.DELETED, None)]


def test_the_log_of_moderators_forgets_who_was_banned_and_keeps_the_rest(run, traces, lin):
    add_words("梅子", Sitting(lin), refuses=False)
    others: dict[str, Any] = {"nickname": "半夏", "email": "ban@example.com", "address_block": "203.0.113.0/24"}
    stranger = comment(traces.article, "别人的。", **others)
    ban(look_at(stranger), Sitting(lin), until=None, reason="", with_network=False)
    db.session.commit()

    run("erase", MEI)

    db.session.rollback()
    lines = db.session.execute(select(Decision.act, Decision.subject).order_by(Decision.id)).all()
    assert [tuple(line) for line in lines] == [
        (Act.BAN, ""),
        (Act.LIFT_BAN, ""),
        (Act.UNDO, ""),
        (Act.ADD_WORDS, "梅子"),
        (Act.BAN, "半夏"),
    ]


def test_an_address_without_a_row_of_its_own_is_forgotten_just_the_same(run, article):
    comment(article, email=MEI)

    assert run("erase", MEI).output == "replies: 1\n"
    assert everywhere(MEI) == []


@pytest.fixture
def account(article, mei, lin):
    """What an account leaves behind."""
    written = comment(article, "账号写的一条。", user=mei, nickname="梅子", held=True)
    reject(written, reason="广告")
    appeal(written, Whose(user_id=mei.id), "为什么？")
    ban(look_at(written), Sitting(lin), until=None, reason="广告", with_network=False)
    db.session.add_all(
        [
            Flag(comment_id=written.id, user_id=mei.id, flagger_hash="f", reason=FlagReason.OTHER, note="看看"),
            AddressChange(
                user_id=mei.id,
                email="new@example.com",
                email_key="new@example.com",
                old_email=MEI,
                token_hash="t",
                expires_at=clock.now(),
            ),
        ]
    )
    request_reset(MEI)
    db.session.commit()
    return written


def test_an_account_is_printed_as_its_own_download_and_stays_unless_told_otherwise(run, account, mei):
    known = export(run)

    assert known["account"]["account"]["username"] == "梅子"
    assert [one["body"] for one in known["account"]["replies"]] == ["账号写的一条。"]
    assert [one["reason"] for one in known["account"]["bans"]] == ["广告"]
    assert known["account"]["reported"][0]["note"] == "看看" and "follows" in known["account"]
    assert mei.password_hash not in json.dumps(known)

    result = run("erase", MEI)

    assert result.output.splitlines()[-1] == "The account stays; --account erases it."
    assert db.session.scalars(select(User.email).where(User.username == "梅子")).all() == [MEI]


def test_with_account_and_texts_nothing_of_it_is_left_anywhere(run, account, app):
    send_letters()

    result = run("erase", MEI, "--account", "--texts")

    assert result.exit_code == 0 and result.output.splitlines()[-1] == "The account is erased."
    assert (
        everywhere(MEI) == []
        and everywhere("梅子") == []
        and everywhere("账号写的") == []
        and everywhere("为什么") == []
    )
    assert db.session.scalars(select(LogEntry)).all() == []
    assert not any("mei@" in path.read_text("utf-8", "replace") for path in app.config["ZHISHANG"].outbox.iterdir())
    assert export(run) is None
    while jobs.work_once("a:1"):
        pass


def test_a_pause_whose_address_was_forgotten_since_is_still_its_owners(run, traces):
    erase(db.session.scalars(select(GuestAddress)).one(), texts_too=True)
    db.session.commit()

    assert everywhere(MEI) != [] and [one["reason"] for one in export(run)["bans"]] == ["广告"]
    run("erase", MEI)

    assert db.session.scalars(select(Ban)).all() == [] and export(run) is None


def test_what_was_stopped_stays_stopped_without_the_address_being_known(run, traces):
    address = db.session.scalars(select(GuestAddress)).one()
    address.stopped_at = clock.now()
    db.session.commit()

    run("erase", MEI)

    assert everywhere(MEI) == [] and db.session.scalars(select(GuestAddress.stopped_at)).all() != [None]
    assert export(run) is None
