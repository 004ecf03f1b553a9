"""Figures: what a day came to, what of it stays when rows are erased, and how it is told."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import delete, select, update

from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.metrics.drawing import BASE, BESIDE, HEIGHT, LABEL_HEIGHT, TOP, WIDTH, draw
from blueprints.metrics.figures import figures
from blueprints.metrics.models import DailyCount
from blueprints.metrics.queries import today
from blueprints.metrics.tallying import keep_days, tally, untallied
from blueprints.metrics.words import change, duration, number
from blueprints.moderation.decisions import Sitting, approve, look_at
from blueprints.moderation.models import Act, Decision
from core import clock
from core.config import settings
from core.database import db
from core.i18n import force_locale, pgettext
from core.jobs import Job
from tests import builders
from tests.moments import later

LONG_AGO = timedelta(days=80)
LETTER = 7.6  # how wide a letter of a label is in the middle, a little generously


@pytest.fixture
def old_article(app):
    made = builders.article()
    made.created_at = clock.now() - LONG_AGO
    db.session.commit()
    return made


def posted(on, days_ago, *, floor=None, status=Status.PENDING, **more):
    """Store a reply as it came in at noon, so many days ago."""
    row = Comment(
        article_id=on.id,
        nickname="南山",
        body="一条。",
        body_html="<p>一条。</p>",
        created_at=noon(days_ago),
        floor=floor,
        status=status,
        **more,
    )
    db.session.add(row)
    db.session.flush()
    return row


def noon(days_ago):
    here = clock.now().astimezone(settings().timezone)
    return here.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def decided(comment, act, after=timedelta(hours=1), **more):
    values = {"before": {"status": "pending", "edit": False}} | more
    db.session.add(Decision(act=act, comment_id=comment.id, created_at=comment.created_at + after, batch="b", **values))
    db.session.flush()


def letter(outcome, days_ago):
    done = {"outcome": outcome, "done_at": noon(days_ago)} if outcome else {}
    db.session.add(Job(kind="paused", payload={}, language="zh", created_at=noon(days_ago), **done))


def counted(days_ago):
    day = today() - timedelta(days=days_ago)
    return {name: count for (name, _day), count in tally([day]).items()}


def test_a_day_is_what_came_in_was_held_was_caught_and_was_let_through(old_article):
    published = {"floor": 1, "status": Status.PUBLISHED}
    posted(old_article, 1, **published)
    alarm = posted(old_article, 1, floor=2, status=Status.PUBLISHED, published_at=noon(1) + timedelta(hours=1))
    decided(alarm, Act.APPROVE)
    decided(posted(old_article, 1, status=Status.SPAM), Act.SPAM, timedelta(hours=3))
    decided(posted(old_article, 1, status=Status.REJECTED), Act.REJECT, timedelta(hours=2))
    public = posted(old_article, 1, floor=3, status=Status.SPAM, published_at=noon(1))
    decided(public, Act.SPAM, timedelta(minutes=30))
    posted(old_article, 1)
    posted(old_article, 1, held_reason="mail")
    posted(old_article, 0)
    posted(old_article, 2)

    assert counted(1) == {
        "replies": 7,
        "held": 4,
        "spam": 1,
        "false_alarms": 1,
        "letters_sent": 0,
        "letters_failed": 0,
        "wait": 7200,
        "wait_week": 7200,
    }


def test_a_decision_that_was_undone_is_none(old_article):
    decided(posted(old_article, 1, status=Status.PENDING), Act.SPAM, undone_at=noon(1))
    decided(posted(old_article, 1, floor=1, status=Status.PUBLISHED), Act.APPROVE, undone_at=noon(1))

    assert (counted(1)["spam"], counted(1)["false_alarms"]) == (0, 0)
    assert counted(1)["held"] == 1, "it is the one that waits again"


def test_a_later_text_of_a_public_reply_was_not_held_and_is_no_false_alarm(old_article, lin):
    public = posted(old_article, 1, floor=1, status=Status.PUBLISHED, published_at=noon(1))
    add = {
        "comment_id": public.id,
        "number": 2,
        "status": Status.PENDING,
        "body": "两条。",
        "body_html": "<p>两条。</p>",
    }
    db.session.add(CommentVersion(created_at=noon(1), **add))
    db.session.flush()

    approve(look_at(public), Sitting(lin)).created_at = noon(1)
    db.session.flush()

    assert (counted(1)["held"], counted(1)["false_alarms"]) == (0, 0)


def test_a_reply_a_moderator_let_through_was_held_and_was_a_false_alarm(old_article, lin):
    waiting = posted(old_article, 1)

    approve(look_at(waiting), Sitting(lin)).created_at = noon(1)
    db.session.flush()

    assert (counted(1)["held"], counted(1)["false_alarms"]) == (1, 1)


def test_days_begin_at_midnight_of_the_sites_time_zone(old_article):
    before, after = posted(old_article, 1), posted(old_article, 1)
    midnight = noon(1).replace(hour=0)
    before.created_at, after.created_at = midnight - timedelta(seconds=1), midnight
    db.session.flush()

    assert (counted(1)["replies"], counted(2)["replies"]) == (1, 1)


def test_the_waiting_time_of_a_week_is_the_median_over_all_its_decisions(old_article):
    for days_ago, minutes in ((1, 10), (2, 20), (2, 30), (7, 40), (8, 600)):
        decided(posted(old_article, days_ago, status=Status.REJECTED), Act.REJECT, timedelta(minutes=minutes))

    assert (counted(1)["wait"], counted(1)["wait_week"]) == (600, 25 * 60)
    assert counted(2)["wait"] == 25 * 60 and "wait" not in counted(3)


def test_a_later_text_of_a_public_reply_does_not_count_as_long_waiting(old_article):
    public = posted(old_article, 3, floor=1, status=Status.PUBLISHED, published_at=noon(3))
    decided(public, Act.APPROVE, timedelta(days=2))

    assert "wait" not in counted(1)


def test_days_that_are_over_are_kept_and_what_is_erased_later_changes_nothing(old_article):
    for days_ago in (0, 1, 9, 40, 55):
        decided(posted(old_article, days_ago, status=Status.SPAM), Act.SPAM)
        letter("sent", days_ago)
    db.session.commit()
    while keep_days():
        db.session.commit()
    db.session.commit()

    def told():
        rows = select(DailyCount.day, DailyCount.count).where(DailyCount.name == "spam", DailyCount.count > 0)
        return sorted((today() - day).days for day, _count in db.session.execute(rows))

    assert told() == [1, 9, 40, 55] and untallied() == []
    before = [one.sentences for one in figures()]
    for table in (Decision, Job):
        db.session.execute(delete(table).where(table.created_at < noon(0)))
    db.session.execute(delete(Comment).where(Comment.created_at < noon(0)))
    db.session.commit()
    assert [one.sentences for one in figures()] == before
    with later(days=1):
        assert len(untallied()) == 1


def test_letters_of_which_nothing_is_known_any_more_are_not_kept_as_none(old_article):
    while keep_days():
        pass

    days = db.session.scalars(select(DailyCount.day).where(DailyCount.name == "letters_sent")).all()
    assert len(days) == 29 and min(days) == today() - timedelta(days=29)


def test_a_site_without_articles_has_no_days(app):
    assert untallied() == [] and keep_days() is False
    assert {one.sentences[0] for one in figures()} == {"数据太少，满 7 天后显示。"}


def test_figures_begin_with_the_seventh_full_day(app):
    made = builders.article()
    made.created_at = noon(6)
    db.session.commit()
    assert "数据太少" in figures()[1].sentences[0] and figures()[1].series == []

    made.created_at = noon(7)
    db.session.commit()

    replies = figures()[1]
    assert replies.sentences[0] == "7 天里收到 0 条回复。" and len(replies.series[0].weeks) == 1
    assert replies.drawing is None, "one week is no line"


def test_a_figure_tells_the_week_what_changed_and_today(old_article):
    for days_ago, count in ((0, 2), (1, 5), (7, 4), (8, 6)):
        for _ in range(count):
            posted(old_article, days_ago)
    db.session.commit()

    replies = figures()[1]

    assert replies.sentences == ["7 天里收到 9 条回复。", "比再往前 7 天多 50%。", "今天到现在 2。"]
    assert [week.total for week in replies.series[0].weeks] == [0, 0, 0, 0, 0, 0, 6, 9]
    assert list(replies.series[0].weeks[-1].counts) == [4, 0, 0, 0, 0, 0, 5]
    assert replies.drawing is not None


def test_numbers_and_times_are_written_as_the_language_has_them(app):
    assert (number(1240), number(None), duration(40), duration(5400), duration(300_000)) == (
        "1,240",
        "–",
        "1分钟",
        "90分钟",
        "3天",
    )
    assert [change(3, 2), change(1, 2), change(2, 2)] == [
        "比再往前 7 天多 50%。",
        "比再往前 7 天少 50%。",
        "和再往前 7 天一样多。",
    ]
    with force_locale("en"):
        assert (number(1240), duration(5400)) == ("1,240", "90 minutes")


def test_lines_stay_on_the_sheet_and_labels_apart():
    drawn = draw([[0, 5, 100], [1, 1, 99], [0, 0, 98]])

    for line in drawn.lines:
        assert 0 <= line.x <= WIDTH and TOP <= line.y <= BASE and 0 <= line.label_y <= HEIGHT
    ys = sorted(line.label_y for line in drawn.lines)
    assert all(low + LABEL_HEIGHT <= high for low, high in pairwise(ys))
    assert drawn.lines[0].y < drawn.lines[1].y < drawn.lines[2].y
    assert draw([[7, 7, 7]]).lines[0].y == TOP and draw([[0, 0]]).lines[0].y == BASE


def test_the_longest_labels_find_room_beside_the_last_point(app):
    with force_locale("en"):
        alone, named = duration(119 * 60), f"{pgettext('figure', '后来通过')} {number(1240)}"

    assert (alone, named) == ("119 minutes", "Let through 1,240")
    for label, drawn in ((alone, draw([[1, 2]])), (named, draw([[1, 2]] * 3))):
        assert drawn.lines[0].x + BESIDE + LETTER * len(label) <= WIDTH


def test_labels_at_the_bottom_are_pushed_up_and_a_gap_breaks_the_line():
    low = draw([[100, 0], [0, 0], [0, 0]])
    assert max(line.label_y for line in low.lines) <= BASE
    assert len({line.label_y for line in low.lines}) == 3

    assert draw([[1, None, 2, 2]]).lines[0].path.count("M") == 2
    assert draw([[1, None, 2, 2]]).lines[0].path.count("L") == 1


def test_a_flood_of_replies_costs_no_more_queries(old_article, statements):
    figures()
    few = len(statements)
    for number_of in range(50):
        decided(posted(old_article, number_of % 20, status=Status.SPAM), Act.SPAM)
    db.session.execute(update(Comment).values(nickname="别人"))
    db.session.commit()
    statements.clear()

    figures()

    assert len(statements) == few <= 22
