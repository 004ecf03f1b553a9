"""What is forgotten by the clock: where replies came from, what was held, the log of moderators."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from blueprints.comments.appealing import appeal
from blueprints.comments.models import UNSEEN, Appeal, Comment, CommentVersion, Flag, FlagReason, Status
from blueprints.comments.screening_models import Lesson
from blueprints.comments.thread_queries import Whose
from blueprints.comments.visibility import remove
from blueprints.moderation.decisions import Sitting, look_at, turn_down
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.undoing import undo
from core import clock, jobs
from core.database import db
from tests.builders import comment
from tests.moments import later


def there(row):
    db.session.expire_all()
    return db.session.get(Comment, row.id)


def texts():
    return db.session.scalars(select(Comment.body)).all()


def of_age(on, days, status=Status.SPAM, **more):
    row = Comment(
        article_id=on.id,
        nickname="南山",
        email="nanshan@example.com",
        email_key="nanshan@example.com",
        body="一条。",
        body_html="<p>一条。</p>",
        status=status,
        created_at=clock.now() - timedelta(days=days),
        **more,
    )
    db.session.add(row)
    db.session.commit()
    return row


def test_where_a_reply_came_from_is_forgotten_after_90_days_and_nothing_else(article):
    """S83."""
    row = comment(article, writer_token="w" * 43)

    with later(days=89):
        jobs.tidy()
        assert there(row).address_block is not None and there(row).writer_hash is not None
    with later(days=90, minutes=1):
        jobs.tidy()

    kept = there(row)
    assert (kept.address_block, kept.writer_hash) == (None, None)
    assert (kept.nickname, kept.email, kept.status) == ("南山", "nanshan@example.com", Status.PUBLISHED)


def test_how_long_it_is_known_is_a_setting(article, choose):
    row = comment(article)
    choose(comments_origin_days=7)

    with later(days=8):
        jobs.tidy()

    assert there(row).address_block is None


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM])
def test_what_was_held_and_never_public_is_gone_after_90_days(article, status):
    old, younger = of_age(article, 91, status), of_age(article, 89, status)
    old_id = old.id
    db.session.add_all(
        [
            CommentVersion(comment_id=old_id, number=2, body="x", body_html="x", status=Status.DELETED),
            Flag(comment_id=old_id, flagger_hash="f", reason=FlagReason.OTHER),
            Appeal(comment_id=old_id, body="为什么？", created_at=clock.now() - timedelta(days=90, minutes=1)),
            Lesson(comment_id=old_id, is_wanted=False),
            Decision(act=Act.SPAM, comment_id=old_id, batch="b", created_at=clock.now() - timedelta(days=31)),
        ]
    )
    db.session.commit()

    jobs.tidy()

    db.session.expire_all()
    assert db.session.scalars(select(Comment.id)).all() == [younger.id]
    assert [
        db.session.scalar(select(func.count()).select_from(one)) for one in (CommentVersion, Flag, Appeal, Lesson)
    ] == [0] * 4
    assert db.session.scalars(select(Decision.comment_id)).all() == [None], "the line of the log stays"


def test_an_id_is_never_given_to_another_reply(article):
    newest = of_age(article, 91, findings=[{"points": 3}])
    number = newest.id

    jobs.tidy()

    emptied = there(newest)
    assert (emptied.status, emptied.body, emptied.body_html, emptied.nickname) == (Status.DELETED, "", "", "")
    assert (emptied.email, emptied.email_key, emptied.findings) == (None, None, None)
    assert comment(article).id > number
    jobs.tidy()
    assert there(newest) is not None


def test_what_was_public_once_keeps_its_floor_and_what_is_public_its_text(article):
    public, removed = comment(article), comment(article, "另一条，后来移除了。", nickname="半夏")
    remove(removed, "广告", status=Status.SPAM)
    db.session.execute(update(Comment).values(created_at=clock.now() - timedelta(days=400)))
    db.session.commit()

    jobs.tidy()

    assert there(public).body and there(removed).floor == 2 and there(removed).body


def test_changed_texts_the_public_never_saw_go_with_the_same_time(article):
    row = comment(article)
    old = clock.now() - timedelta(days=91)
    for number, status in enumerate((*UNSEEN, Status.DELETED, Status.PUBLISHED), start=2):
        version = CommentVersion(
            comment_id=row.id, number=number, body="x", body_html="x", status=status, created_at=old
        )
        db.session.add(version)
    db.session.commit()

    jobs.tidy()

    db.session.expire_all()
    assert db.session.scalars(select(CommentVersion.status)).all() == [Status.PUBLISHED]


def test_a_decision_can_be_undone_for_30_days_however_old_the_reply_is(article, lin, mei):
    held, public = comment(article, "请再看看。", held=True), comment(article, "公开的。", user=mei, nickname="梅子")
    db.session.add(CommentVersion(comment_id=public.id, number=2, body="x", body_html="x", status=Status.PENDING))
    comment(article, "最新的一条。", nickname="半夏")
    with later(days=88):
        decided = [turn_down(look_at(one), Sitting(lin), "看错了") for one in (held, public)]
        db.session.commit()
    with later(days=117):
        jobs.tidy()
        for one in decided:
            undo(one.batch, Sitting(lin))
        db.session.commit()
        jobs.tidy()
        assert there(held).status is Status.PENDING and look_at(there(public)).status is Status.PENDING

    with later(days=148):
        jobs.tidy()
    assert "请再看看。" not in texts() and look_at(there(public)).status is Status.PUBLISHED


def test_an_open_answer_keeps_its_reply_as_long_as_it_would_be_kept_itself(article, lin, mei):
    held = comment(article, "请再看看。", user=mei, nickname="梅子", held=True)
    comment(article, "最新的一条。", nickname="半夏")
    turn_down(look_at(held), Sitting(lin), "离题")
    db.session.commit()
    with later(days=89):
        appeal(held, Whose(user_id=mei.id), "那是书里的原话。")
        db.session.commit()
    with later(days=178):
        jobs.tidy()
        assert there(held).body
    with later(days=180):
        jobs.tidy()
    assert "请再看看。" not in texts()


def test_many_go_in_rounds_of_a_thousand_each_a_transaction_of_its_own(article, statements):
    old = clock.now() - timedelta(days=91)
    same = {"article_id": article.id, "nickname": "南山", "body": "x", "body_html": "x", "created_at": old}
    rows = [same | {"status": Status.SPAM, "address_block": "198.51.100.0/24"} for _ in range(2500)]
    db.session.execute(insert(Comment), rows)
    db.session.commit()
    last = comment(article)
    statements.clear()

    jobs.tidy()

    db.session.expire_all()
    assert db.session.scalars(select(Comment.id)).all() == [last.id]
    rounds = [one for one in statements if one.startswith("UPDATE comment SET")]
    assert len(rounds) == 3


def test_the_log_of_moderators_ends_after_a_year(app):
    now = clock.now()
    for days in (364, 366):
        db.session.add(Decision(act=Act.KEEP, batch="b", created_at=now - timedelta(days=days)))
    db.session.commit()

    jobs.tidy()

    assert len(db.session.scalars(select(Decision.id)).all()) == 1
