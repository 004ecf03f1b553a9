"""What a writer is told of a decision about their reply."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from blueprints.comments.models import Comment, CommentVersion, GuestAddress, Status
from blueprints.moderation.decisions import Sitting, approve, look_at, turn_down
from blueprints.moderation.undoing import undo
from blueprints.notifications.choosing import choose
from blueprints.notifications.models import Frequency, Notification, Why
from blueprints.notifications.queries import unread_count
from core import clock, jobs
from core.database import db, writing
from core.jobs import Job
from tests.builders import comment, link_in, log_in, reply_form, send_letters
from tests.moments import later
from tests.notifications.cast import lines, opened, stop_path, text_of
from tests.notifications.test_digests import FRIDAY_MORNING, THURSDAY, letters_at


@pytest.fixture
def held(article, mei) -> Comment:
    """A reply of 梅子's that waits, with the box for letters ticked."""
    return comment(article, "请看一下这一条", user=mei, nickname="梅子", held=True, notify=True)


def decide(written: Comment, deed, actor, *more, **named):
    """Let a moderator decide, and return the line of the log."""
    with writing():
        decision = deed(look_at(written), Sitting(actor), *more, **named)
        db.session.commit()
    return decision


def letters_after(**duration: float) -> list:
    with later(**duration):
        return [letter for letter in send_letters() if letter["To"] != "lin@example.com"]


def test_an_approved_writer_is_told_after_five_minutes_with_the_link(held, lin, mei):
    decide(held, approve, lin)

    assert letters_after(minutes=4) == []
    (letter,) = letters_after(minutes=6)
    assert letter["To"] == "mei@example.com" and "你的回复已经公开" in letter["Subject"]
    assert f"/comments/{held.id}" in text_of(letter) and "List-Unsubscribe" in letter
    assert lines() == [("mei@example.com", Why.DECISION)] and unread_count(mei) == 1


def test_who_did_not_ask_for_letters_finds_the_decision_in_the_inbox(article, lin, mei):
    held = comment(article, "请看一下这一条", user=mei, nickname="梅子", held=True)

    decide(held, approve, lin)

    assert letters_after(minutes=6) == []
    assert lines() == [("mei@example.com", Why.DECISION)] and unread_count(mei) == 1


def test_a_rejected_writer_reads_the_reason_and_where_to_answer_once(client, held, lin, mei):
    decide(held, turn_down, lin, "广告太多")

    (letter,) = letters_after(minutes=6)

    assert "没有通过" in letter["Subject"] and "理由：广告太多" in text_of(letter)
    assert link_in(letter) == f"/comments/{held.id}/appeal"
    log_in(client, "梅子")
    page = client.get("/notifications").text
    row = db.session.scalars(select(Notification)).one()
    assert "你的回复没有通过" in page and "广告太多" in page
    assert client.get(f"/notifications/{row.id}").location == f"/comments/{held.id}/appeal"


def test_whoever_is_taken_for_spam_is_told_nothing(held, lin):
    decide(held, turn_down, lin, "", is_spam=True)

    assert letters_after(minutes=6) == [] and lines() == []


def test_what_was_undone_within_minutes_is_not_told(held, lin):
    decision = decide(held, turn_down, lin, "看错了")
    with later(minutes=3), writing():
        undo(decision.batch, Sitting(lin))
        db.session.commit()

    assert letters_after(minutes=30) == [] and lines() == []


def test_a_public_reply_that_was_removed_and_is_back_within_minutes_is_not_told(article, mei, lin):
    public = comment(article, "公开的", user=mei, nickname="梅子")
    decision = decide(public, turn_down, lin, "看错了")
    with later(minutes=3), writing():
        undo(decision.batch, Sitting(lin))
        db.session.commit()
    assert public.status is Status.PUBLISHED

    assert letters_after(minutes=30) == []


@pytest.mark.parametrize("minutes", [4, 6])
def test_who_was_told_of_a_removal_is_told_when_it_is_undone_later(article, mei, lin, minutes):
    public = comment(article, "公开的", user=mei, nickname="梅子", notify=True)
    decision = decide(public, turn_down, lin, "看错了")
    told = [letter["Subject"] for letter in letters_after(minutes=minutes)]
    with later(minutes=minutes), writing():
        undo(decision.batch, Sitting(lin))
        db.session.commit()

    assert told == ["你的回复没有通过 · 纸上"] * (minutes > 5)
    assert letters_after(minutes=minutes + 4)[len(told) :] == []
    told_since = [letter["Subject"] for letter in letters_after(minutes=minutes + 6)][len(told) :]
    assert told_since == ["你的回复已经公开 · 纸上"] * (minutes > 5)


@pytest.mark.parametrize("minutes", [4, 6])
def test_who_was_not_told_of_spam_is_not_told_that_it_was_undone(article, mei, lin, minutes):
    public = comment(article, "公开的", user=mei, nickname="梅子", notify=True)
    decision = decide(public, turn_down, lin, "", is_spam=True)
    assert letters_after(minutes=minutes) == []
    with later(minutes=minutes), writing():
        undo(decision.batch, Sitting(lin))
        db.session.commit()

    assert letters_after(minutes=30) == [] and lines() == []


def test_only_the_last_of_several_decisions_is_told(held, lin):
    decide(held, turn_down, lin, "看错了")
    with later(minutes=2):
        decide(held, approve, lin)

    (letter,) = letters_after(minutes=30)
    assert "已经公开" in letter["Subject"]


@pytest.fixture
def put_off(held, lin):
    """Let a letter about a rejection be put off by a mail server until so many minutes after the decision."""

    def until(minutes: float) -> None:
        decide(held, turn_down, lin, "离题")
        with later(minutes=6):
            while (job := db.session.scalar(select(Job).where(Job.kind == "notice"))) is None:
                assert jobs.work_once("tests:1")
        job.run_after = clock.now() + timedelta(minutes=minutes)
        db.session.commit()

    return until


@pytest.mark.parametrize("minutes", [12, 60])
def test_a_letter_that_was_put_off_tells_nothing_that_another_letter_tells(held, lin, put_off, minutes):
    put_off(minutes)
    with later(minutes=10):
        decide(held, approve, lin)

    assert letters_after(minutes=14) == []
    assert [letter["Subject"] for letter in letters_after(minutes=16)] == ["你的回复已经公开 · 纸上"]
    assert len(letters_after(hours=2)) == 1


def test_a_letter_that_was_put_off_tells_of_no_slip_that_is_undone_within_minutes(held, lin, put_off):
    put_off(minutes=12)
    with later(minutes=10):
        slip = decide(held, approve, lin)
    assert letters_after(minutes=13) == []
    with later(minutes=14), writing():
        undo(slip.batch, Sitting(lin))
        db.session.commit()

    assert letters_after(minutes=18) == []
    letters_after(minutes=20)
    assert [letter["Subject"] for letter in letters_after(minutes=22)] == ["你的回复没有通过 · 纸上"]


def test_a_digest_tells_nothing_that_was_decided_within_minutes(held, lin, mei):
    choose(mei, decisions=Frequency.DAILY)
    db.session.commit()
    with clock.standing_at(THURSDAY):
        decide(held, turn_down, lin, "离题")
    with clock.standing_at(THURSDAY + timedelta(minutes=6)):
        send_letters()
    with clock.standing_at(FRIDAY_MORNING - timedelta(minutes=1)):
        slip = decide(held, approve, lin)

    assert letters_at(FRIDAY_MORNING) == []
    with clock.standing_at(FRIDAY_MORNING + timedelta(minutes=2)), writing():
        undo(slip.batch, Sitting(lin))
        db.session.commit()
    (letter,) = letters_at(FRIDAY_MORNING + timedelta(hours=1))
    assert "你的回复没有通过" in text_of(letter)


def test_a_guest_is_told_where_they_asked_and_their_address_is_proved(article, lin):
    for name, is_proved, asks in (("one", True, True), ("two", False, True), ("three", True, False)):
        address = f"{name}@example.com"
        now = clock.now() if is_proved else None
        db.session.add(GuestAddress(email=address, email_key=address, proved_at=now, asked_count=3))
        held = comment(article, f"{name} 写的，请看一下", nickname=name, email=address, held=True, notify=asks)
        held.notify_since = now if asks else None
        db.session.commit()
        decide(held, turn_down, lin, "离题")

    (letter,) = letters_after(minutes=6)

    assert letter["To"] == "one@example.com" and link_in(letter).startswith("/mine/open/")


@pytest.mark.parametrize("deed", [turn_down, approve])
def test_a_stranger_who_types_a_proved_address_sends_its_owner_nothing(client, other, choose, article, lin, deed):
    """T04: whose letters these are was shown for the owner's reply, not for the stranger's."""
    opened(client, "owner@example.com")
    choose(comments_hold="all")
    typed = reply_form(other, nickname="路人", email="owner@example.com", notify="y", body="我知道你住在哪里。")
    other.post("/articles/hello/comments", data=typed)
    written = db.session.scalars(select(Comment).where(Comment.nickname == "路人")).one()
    before = len(send_letters())

    decide(written, deed, lin, *(["骂人"] if deed is turn_down else []))

    assert len(letters_after(minutes=6)) == before and lines() == []


def test_no_letter_where_letters_about_decisions_are_not_wanted(app, held, lin, mei):
    """S71: one click in such a letter has the same effect, and the inbox still tells."""
    decide(held, turn_down, lin, "离题")
    (letter,) = letters_after(minutes=6)
    app.test_client().post(stop_path(letter), data={"List-Unsubscribe": "One-Click"})

    with later(minutes=10):
        decide(held, approve, lin)

    assert len(letters_after(minutes=20)) == 1 and unread_count(mei) == 1


def test_decisions_can_come_with_the_digest(held, lin, mei):
    choose(mei, decisions=Frequency.DAILY)
    db.session.commit()
    decide(held, approve, lin)

    assert letters_after(minutes=6) == []
    assert lines() == [("mei@example.com", Why.DECISION)]


def test_no_link_of_a_writers_is_live_in_the_letter(article, mei, lin):
    """T07."""
    held = comment(article, "看 https://evil.example/x 吧", user=mei, nickname="梅子", held=True, notify=True)
    decide(held, approve, lin)

    (letter,) = letters_after(minutes=6)

    assert "evil.example" not in text_of(letter)


@pytest.fixture
def changed(article, mei) -> CommentVersion:
    """Another text of a public reply of 梅子's, which waits."""
    reply = comment(article, "原来的内容。", user=mei, nickname="梅子", notify=True)
    version = CommentVersion(
        comment_id=reply.id, number=2, body="改过的内容。", body_html="<p>改过的内容。</p>", status=Status.PENDING
    )
    db.session.add(version)
    db.session.commit()
    return version


def test_whoever_changed_a_reply_reads_why_the_text_was_not_accepted(client, changed, lin, mei):
    reply = changed.comment
    decide(reply, turn_down, lin, "改成了广告")

    (letter,) = letters_after(minutes=6)

    assert "你改过的内容没有通过" in letter["Subject"] and link_in(letter) == f"/comments/{reply.id}/appeal"
    assert all(one in text_of(letter) for one in ("改过的内容。", "理由：改成了广告", "可以对这个决定回应一次"))
    assert lines() == [("mei@example.com", Why.EDIT)]
    log_in(client, "梅子")
    for path in ("/notifications", "/account/replies"):
        assert "改过的内容。" in client.get(path).text and "改成了广告" in client.get(path).text
    row = db.session.scalars(select(Notification)).one()
    page = client.get(f"/notifications/{row.id}", follow_redirects=True)
    assert "回应这个决定" in page.text and "改过的内容。" in page.text


def test_whoever_changed_a_reply_is_told_when_everyone_reads_the_new_text(changed, lin, mei):
    decide(changed.comment, approve, lin)

    (letter,) = letters_after(minutes=6)

    assert "你改过的内容已经公开" in letter["Subject"] and "改过的内容。" in text_of(letter)


def test_a_text_that_waits_since_makes_nothing_of_a_rejection(client, changed, lin, mei):
    """What is said is what was decided about that very text, whatever became of the reply since."""
    choose(mei, decisions=Frequency.DAILY)
    db.session.commit()
    decide(changed.comment, turn_down, lin, "改成了广告")
    letters_after(minutes=6)
    db.session.add(
        CommentVersion(
            comment_id=changed.comment_id, number=3, body="再改的。", body_html="<p>再改的。</p>", status=Status.PENDING
        )
    )
    db.session.commit()

    with later(days=1, hours=12):
        jobs.tidy()
    (letter,) = letters_after(days=1, hours=12)

    log_in(client, "梅子")
    for told in (text_of(letter), client.get("/notifications").text):
        assert "你改过的内容没有通过" in told and "改过的内容。" in told
        assert "已经公开" not in told and "原来的内容。" not in told


@pytest.mark.parametrize(("deed", "more"), [(turn_down, [""]), (approve, [])])
def test_a_decision_about_a_changed_text_that_was_undone_is_told_no_more(client, changed, lin, mei, deed, more):
    choose(mei, decisions=Frequency.DAILY)
    db.session.commit()
    decision = decide(changed.comment, deed, lin, *more)
    letters_after(minutes=6)
    log_in(client, "梅子")
    assert "你改过的内容" in client.get("/notifications").text and unread_count(mei) == 1
    with later(minutes=10), writing():
        undo(decision.batch, Sitting(lin))
        db.session.commit()

    assert "你改过的内容" not in client.get("/notifications").text and unread_count(mei) == 0
    with later(days=1, hours=12):
        jobs.tidy()
    assert letters_after(days=1, hours=12) == []


def test_what_was_decided_about_a_changed_text_is_not_told_of_a_reply_that_was_removed_since(client, changed, lin, mei):
    decide(changed.comment, approve, lin)
    letters_after(minutes=6)
    decide(changed.comment, turn_down, lin, "离题")
    letters_after(minutes=12)

    log_in(client, "梅子")
    page = client.get("/notifications").text

    assert "你的回复没有通过" in page and "你改过的内容" not in page and unread_count(mei) == 1


def test_a_decision_about_a_changed_text_that_was_undone_within_minutes_is_not_told(changed, lin, mei):
    decision = decide(changed.comment, turn_down, lin, "看错了")
    with later(minutes=3), writing():
        undo(decision.batch, Sitting(lin))
        db.session.commit()

    assert letters_after(minutes=30) == [] and lines() == []
    assert changed.status is Status.PENDING and changed.removed_reason is None


def test_whose_changed_text_is_taken_for_spam_is_told_nothing(changed, lin, mei):
    decide(changed.comment, turn_down, lin, "", is_spam=True)

    assert letters_after(minutes=6) == [] and lines() == []


def test_whose_changed_text_is_taken_for_spam_instead_is_told_nothing(client, changed, lin, mei):
    first = decide(changed.comment, turn_down, lin, "看错了")
    with writing():
        undo(first.batch, Sitting(lin))
        db.session.commit()
    decide(changed.comment, turn_down, lin, "", is_spam=True)

    assert letters_after(minutes=6) == [] and lines() == []
    log_in(client, "梅子")
    assert "改过的内容没有通过" in client.get("/account/replies").text


def test_decisions_about_changed_texts_come_with_the_digest_too(changed, lin, mei):
    choose(mei, decisions=Frequency.DAILY)
    db.session.commit()
    decide(changed.comment, turn_down, lin, "改成了广告")
    assert letters_after(minutes=6) == []

    with later(days=1, hours=12):
        jobs.tidy()
    (letter,) = letters_after(days=1, hours=12)

    assert "你改过的内容没有通过：" in text_of(letter)
