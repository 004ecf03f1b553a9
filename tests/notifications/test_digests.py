"""Digests: many lines in one letter, at eight in the morning by the site's clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from blueprints.comments.models import Comment
from blueprints.notifications.digests import LINES_MAX, latest_morning
from blueprints.notifications.models import Frequency, Notification
from blueprints.notifications.notices import notice
from core import clock, jobs
from core.database import db, writing
from core.jobs import Job
from tests.builders import comment, send_letters
from tests.moments import at_once
from tests.notifications.cast import followed, proved, stop_path, text_of, written

THURSDAY = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)  # 20:00 in Shanghai
FRIDAY_MORNING = datetime(2026, 3, 6, 0, 0, tzinfo=UTC)  # 08:00 there
MONDAY_MORNING = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)


def letters_at(moment: datetime) -> list:
    """Keep house at this moment, and return all letters so far."""
    with clock.standing_at(moment):
        jobs.tidy()
        return send_letters()


@pytest.fixture
def daily(article, mei):
    """梅子 follows the article, with a letter a day."""
    with clock.standing_at(THURSDAY - timedelta(hours=1)):
        followed(mei, article=article, often=Frequency.DAILY)
    return mei


def wrote(article, *bodies: str, at: datetime = THURSDAY) -> list[Comment]:
    with clock.standing_at(at):
        made = [written(article, body) for body in bodies]
        send_letters()
    return made


def test_a_day_is_one_letter_at_eight_by_the_sites_clock(article, daily):
    wrote(article, "第一条", "第二条")

    assert letters_at(FRIDAY_MORNING - timedelta(seconds=1)) == []
    (letter,) = letters_at(FRIDAY_MORNING)

    assert letter["To"] == "mei@example.com" and letter["Subject"].startswith("2 条新回应")
    text = text_of(letter)
    assert "第一条" in text and "第二条" in text and "《纸上的第一篇》" in text and "/notifications" in text
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert len(letters_at(FRIDAY_MORNING + timedelta(hours=1))) == 1


def test_a_week_is_one_letter_on_monday(article, mei):
    with clock.standing_at(THURSDAY):
        followed(mei, article=article, often=Frequency.WEEKLY)
    wrote(article, "这一周的", at=THURSDAY + timedelta(hours=1))

    assert letters_at(FRIDAY_MORNING) == [] and letters_at(MONDAY_MORNING - timedelta(seconds=1)) == []
    assert len(letters_at(MONDAY_MORNING)) == len(letters_at(MONDAY_MORNING + timedelta(days=1))) == 1


def test_a_week_whose_monday_was_missed_comes_as_soon_as_it_can(article, mei):
    with clock.standing_at(THURSDAY):
        followed(mei, article=article, often=Frequency.WEEKLY)
    wrote(article, "这一周的", at=THURSDAY + timedelta(hours=1))

    assert len(letters_at(MONDAY_MORNING + timedelta(days=2, hours=3))) == 1


def test_what_comes_at_eight_waits_for_the_next_morning(article, daily):
    wrote(article, "刚到八点", at=FRIDAY_MORNING)

    assert letters_at(FRIDAY_MORNING + timedelta(hours=1)) == []
    assert len(letters_at(FRIDAY_MORNING + timedelta(days=1))) == 1


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 28, 7, 0, tzinfo=UTC)),
        (datetime(2026, 3, 29, 5, 59, tzinfo=UTC), datetime(2026, 3, 28, 7, 0, tzinfo=UTC)),
        (datetime(2026, 3, 29, 6, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 7, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),
    ],
)
def test_eight_is_eight_also_when_the_clocks_change(choose, now, morning):
    choose(timezone=ZoneInfo("Europe/Berlin"))

    assert latest_morning(now) == morning


def test_of_several_workers_one_sends_it(app, article, daily):
    wrote(article, "只说一次")

    def keep_house() -> None:
        with app.app_context():
            jobs.tidy()
            while jobs.work_once("tests:2"):
                pass

    with clock.standing_at(FRIDAY_MORNING):
        at_once([keep_house] * 3)
        assert len(send_letters()) == 1


def test_a_digest_that_did_not_leave_holds_the_same_lines_when_it_is_tried_again(article, daily):
    wrote(article, "一定要到")
    with clock.standing_at(FRIDAY_MORNING):
        jobs.tidy()
        while db.session.scalar(select(Job.kind).where(Job.done_at.is_(None))) != "digest":
            jobs.work_once("tests:1")
        job = db.session.scalars(select(Job).where(Job.kind == "digest")).one()
        with writing():  # taken by a worker that dies
            job = db.session.get_one(Job, job.id)
            job.lease_owner, job.lease_until = "gone:1", clock.now() + jobs.LEASE
            db.session.commit()

    with clock.standing_at(FRIDAY_MORNING + timedelta(minutes=4)):
        (letter,) = send_letters()
    assert "一定要到" in text_of(letter)


def test_only_what_is_public_still_is_told(app, article, daily):
    gone, _stays = wrote(article, "后来移除的", "留下的")
    app.test_cli_runner().invoke(args=["comments", "remove", str(gone.id)])

    (letter,) = letters_at(FRIDAY_MORNING)

    assert "后来移除的" not in text_of(letter) and "留下的" in text_of(letter)


def test_nothing_left_to_tell_is_no_letter(app, article, daily):
    (gone,) = wrote(article, "后来移除的")
    app.test_cli_runner().invoke(args=["comments", "remove", str(gone.id)])

    assert letters_at(FRIDAY_MORNING) == []


def test_what_was_ended_meanwhile_is_not_told(article, daily):
    wrote(article, "不想知道了")
    with clock.standing_at(THURSDAY + timedelta(hours=2)):
        followed(daily, article=article, often=Frequency.NEVER)

    assert letters_at(FRIDAY_MORNING) == []


def test_a_long_day_is_cut_and_says_so(article, daily):
    wrote(article, *(f"第 {number} 条。" for number in range(LINES_MAX + 3)))

    (letter,) = letters_at(FRIDAY_MORNING)

    assert letter.get_body(("plain",)).get_content().count("/comments/") == LINES_MAX
    assert "还有 3 条。" in text_of(letter) and letter["Subject"].startswith("23 条新回应")


def test_a_guest_has_digests_too_and_can_end_all_letters_by_one_click(app, article):
    """S71, T07: and no link of a commenter's is live in a digest."""
    with clock.standing_at(THURSDAY - timedelta(hours=1)):
        followed(proved(), article=article, often=Frequency.DAILY)
    wrote(article, "看 https://evil.example/x 吧")

    (letter,) = letters_at(FRIDAY_MORNING)
    assert letter["To"] == "guest@example.com" and "evil.example" not in text_of(letter)
    app.test_client().post(stop_path(letter), data={"List-Unsubscribe": "One-Click"})

    wrote(article, "第二天", at=FRIDAY_MORNING + timedelta(hours=2))
    assert len(letters_at(FRIDAY_MORNING + timedelta(days=1))) == 1


def test_a_digest_is_in_its_readers_language(article, daily):
    daily.language = "en"
    db.session.commit()
    wrote(article, "中文写的")

    (letter,) = letters_at(FRIDAY_MORNING)

    assert '<html lang="en">' in text_of(letter)


def test_whoever_left_or_is_paused_gets_none(article, daily):
    wrote(article, "没人在")
    daily.paused_at = clock.now()
    db.session.commit()

    assert letters_at(FRIDAY_MORNING) == []


def test_more_than_ten_letters_an_hour_become_a_digest(article, mei):
    """T97: what is beyond ten an hour is not lost."""
    with clock.standing_at(THURSDAY - timedelta(hours=1)):
        followed(mei, article=article)
    wrote(article, *(f"第 {number} 条。" for number in range(15)))
    assert len(send_letters()) == 10

    letters = letters_at(FRIDAY_MORNING)

    assert len(letters) == 11 and letters[-1]["Subject"].startswith("5 条新回应")


def test_what_came_in_a_digest_because_it_was_too_much_is_ended_by_its_link(app, article, mei):
    """S71: no letter comes after it, neither of what was followed nor of answers."""
    asked = comment(article, "会员问的", user=mei, nickname="梅子", notify=True)
    with clock.standing_at(THURSDAY - timedelta(hours=1)):
        followed(mei, article=article)
    with clock.standing_at(THURSDAY):
        for number in range(12):
            written(article, f"第 {number} 条。", asked if number % 2 else None)
        send_letters()
    letters, program = letters_at(FRIDAY_MORNING), app.test_client()
    path = stop_path(letters[-1])
    assert letters[-1]["Subject"].startswith("2 条新回应") and "现在会写给你" in program.get(path).text

    assert program.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200

    assert "不再写了" in program.get(path).text
    with clock.standing_at(FRIDAY_MORNING + timedelta(hours=2)):
        written(article, "又一条"), written(article, "又回应", asked)
    assert len(letters_at(FRIDAY_MORNING + timedelta(days=2))) == len(letters)


def test_a_digest_is_one_letter_of_ten_an_hour(article, daily):
    wrote(article, *(f"第 {number} 条。" for number in range(12)))
    assert len(letters_at(FRIDAY_MORNING)) == 1
    with clock.standing_at(FRIDAY_MORNING + timedelta(minutes=1)):
        followed(daily, article=article)

    wrote(article, "马上要知道的", at=FRIDAY_MORNING + timedelta(minutes=2))

    assert len(send_letters()) == 2


def test_letters_that_could_not_be_sent_are_not_counted_again_when_they_are(article, mei):
    with clock.standing_at(THURSDAY - timedelta(hours=1)):
        followed(mei, article=article)
    wrote(article, *(f"第 {number} 条。" for number in range(10)))
    wrote(article, *(f"后来第 {number} 条。" for number in range(10)), at=THURSDAY + timedelta(hours=2))
    rows = db.session.scalars(select(Notification.id).order_by(Notification.id)).all()

    with clock.standing_at(THURSDAY + timedelta(hours=2, minutes=30)):
        again = [notice({"notification": row}) for row in rows]

    assert len(rows) == 20 and None not in again


def test_a_guests_lines_are_kept_as_long_as_their_letter_can_be_sent_again(article):
    with clock.standing_at(THURSDAY - timedelta(hours=1)):
        followed(proved(), article=article)
    wrote(article, "一条")

    letters_at(THURSDAY + timedelta(days=34))
    assert len(db.session.scalars(select(Notification)).all()) == 1

    letters_at(THURSDAY + timedelta(days=35, minutes=1))
    assert db.session.scalars(select(Notification)).all() == []
