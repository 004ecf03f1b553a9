"""Deciding about replies: what each act does in each state, what the log says, and undoing all of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from blueprints.articles.models import Article
from blueprints.auth.account_log import Origin
from blueprints.auth.login import Visitor
from blueprints.comments.appealing import appeal
from blueprints.comments.editing import edit_comment
from blueprints.comments.flagging import flag
from blueprints.comments.models import BY_MAIL, Appeal, Comment, CommentVersion, Flag, FlagReason, Status
from blueprints.comments.queries import former_texts, version_of
from blueprints.comments.screening_models import Ban, Lesson, WordRule
from blueprints.comments.thread_queries import Whose
from blueprints.moderation.decisions import (
    AlreadyDecided,
    Sitting,
    approve,
    ban,
    decide,
    keep,
    look_at,
    turn_down,
)
from blueprints.moderation.events import reply_decided
from blueprints.moderation.families import turn_down_family
from blueprints.moderation.models import Act, Decision, Seen
from blueprints.moderation.queries import waiting
from blueprints.moderation.rules import add_words, drop_words, lift_ban
from blueprints.moderation.undoing import undo
from core import clock
from core.database import db
from core.errors import Conflict, NotFound
from tests import builders
from tests.builders import comment


def settled(reply: Comment) -> Comment:
    db.session.commit()
    db.session.refresh(reply)
    return reply


def an_edit(reply: Comment, body: str = "改过的内容。", number: int = 2) -> CommentVersion:
    version = CommentVersion(
        comment_id=reply.id,
        number=number,
        body=body,
        body_html=f"<p>{body}</p>",
        status=Status.PENDING,
        held_reason="links",
    )
    db.session.add(version)
    db.session.commit()
    return version


def report(reply: Comment, number: int = 1) -> None:
    flag(reply, Visitor(None, None, None, Origin(f"198.51.{number}.0/24", "")), FlagReason.ABUSE, "")
    db.session.commit()


def reply_in(state: str, on: Article, sitting: Sitting) -> Comment:
    """Make a reply that is in one of the states a moderator meets."""
    reply = comment(on, "一条回复。", held=state in ("pending", "rejected", "spam"))
    if state in ("rejected", "removed"):
        turn_down(look_at(reply), sitting, "旧的理由")
    elif state in ("spam", "removed as spam"):
        turn_down(look_at(reply), sitting, "", is_spam=True)
    return settled(reply)


CASES = [
    ("pending", "approve", Act.APPROVE, Status.PUBLISHED, 1),
    ("pending", "remove", Act.REJECT, Status.REJECTED, 0),
    ("pending", "spam", Act.SPAM, Status.SPAM, 0),
    ("published", "remove", Act.REMOVE, Status.REJECTED, 0),
    ("published", "spam", Act.SPAM, Status.SPAM, 0),
    ("rejected", "approve", Act.RESTORE, Status.PUBLISHED, 1),
    ("spam", "approve", Act.RESTORE, Status.PUBLISHED, 1),
    ("removed", "approve", Act.RESTORE, Status.PUBLISHED, 1),
    ("removed as spam", "approve", Act.RESTORE, Status.PUBLISHED, 1),
]


@pytest.mark.parametrize(("state", "deed", "act", "after", "count"), CASES)
def test_each_act_in_each_state_and_back(article, lin, state, deed, act, after, count):
    reply = reply_in(state, article, Sitting(lin))
    before = reply.status, reply.floor is not None, reply.removed_reason

    decision = decide(deed, look_at(reply), Sitting(lin), "新的理由")

    settled(reply)
    db.session.refresh(article)
    assert (reply.status, article.comment_count, decision.act) == (after, count, act)
    assert decision.version == 1 and decision.actor_id == lin.id
    assert reply.removed_reason == ("新的理由" if deed != "approve" else None)

    undo(decision.batch, Sitting(lin))

    settled(reply)
    db.session.refresh(article)
    assert (reply.status, reply.removed_reason) == (before[0], before[2])
    assert article.comment_count == (1 if before[0] is Status.PUBLISHED else 0)
    lines = db.session.scalars(select(Decision).order_by(Decision.id.desc()).limit(2)).all()
    assert [one.act for one in lines] == [Act.UNDO, act] and lines[1].undone_by_id == lin.id


@pytest.mark.parametrize("deed", ["approve", "remove", "spam", "keep"])
def test_a_withdrawn_reply_is_left_to_its_writer(article, lin, deed):
    reply = comment(article)
    reply.status = Status.DELETED
    settled(reply)

    with pytest.raises(Conflict):
        decide(deed, look_at(reply), Sitting(lin))


def test_no_act_but_those_of_the_desk(article, lin):
    with pytest.raises(Conflict):
        decide("erase", look_at(comment(article, held=True)), Sitting(lin))


def test_an_edit_is_published_and_taken_back(article, lin):
    reply = comment(article, "第一个内容。")
    an_edit(reply)

    decision = approve(look_at(reply), Sitting(lin))

    assert (settled(reply).body, reply.version) == ("改过的内容。", 2)
    undo(decision.batch, Sitting(lin))
    assert (settled(reply).body, reply.version, reply.edited_at) == ("第一个内容。", 1, None)
    assert look_at(reply) == Seen(reply.id, 2, Status.PENDING)
    approve(look_at(reply), Sitting(lin))
    assert settled(reply).body == "改过的内容。"


@pytest.mark.parametrize("is_spam", [False, True])
def test_an_edit_is_rejected_and_waits_again(article, lin, is_spam):
    reply = comment(article, "第一个内容。")
    an_edit(reply)

    decision = turn_down(look_at(reply), Sitting(lin), "", is_spam=is_spam)

    assert settled(reply).body == "第一个内容。" and look_at(reply) == Seen(reply.id, 1, Status.PUBLISHED)
    undo(decision.batch, Sitting(lin))
    assert look_at(settled(reply)) == Seen(reply.id, 2, Status.PENDING)


def test_the_approval_of_an_edit_is_not_undone_when_a_newer_one_waits(article, lin):
    """At most one text waits beside the public one, and it is the newest."""
    reply = comment(article, "第一个内容。")
    an_edit(reply)
    decision = approve(look_at(reply), Sitting(lin))
    an_edit(reply, "又一个内容。", number=3)

    with pytest.raises(Conflict, match="写它的人后来又改过"):
        undo(decision.batch, Sitting(lin))

    assert (settled(reply).body, reply.version, waiting().edits) == ("改过的内容。", 2, 1)
    approve(look_at(reply), Sitting(lin))
    assert (settled(reply).body, waiting().edits) == ("又一个内容。", 0)


def test_a_text_that_waits_again_has_its_reasons(article, lin):
    """What screening found goes with each text, there and back."""
    reply = comment(article, "加微信 vx12345 聊。", held=True)
    found = reply.findings
    approve(look_at(reply), Sitting(lin))
    an_edit(reply).findings = [{"check": "links", "points": 2, "what": "2"}]

    decision = approve(look_at(reply), Sitting(lin))
    assert found and settled(reply).findings == [{"check": "links", "points": 2, "what": "2"}]
    undo(decision.batch, Sitting(lin))

    assert settled(reply).findings == found
    assert version_of(reply, 2).findings == [{"check": "links", "points": 2, "what": "2"}]


def test_a_text_the_public_had_read_is_kept_as_such_and_one_it_never_saw_is_not(client, article, lin, mei):
    reply = comment(article, "读者已经读过的内容。", user=mei, nickname="梅子", held=True)
    undo(approve(look_at(reply), Sitting(lin)).batch, Sitting(lin))
    for number, body in ((1, "谁也没有见过的内容。"), (2, "最后的内容。")):
        edit_comment(settled(reply), Whose(user_id=mei.id), body, f"<p>{body}</p>", version=number)
    approve(look_at(settled(reply)), Sitting(lin))
    db.session.commit()

    assert "已编辑" in client.get("/articles/hello").text
    assert client.get(f"/comments/{reply.id}/changes").status_code == 200
    assert [one.body for one in former_texts(reply)] == ["读者已经读过的内容。"]


def test_a_first_public_text_that_is_taken_back_to_is_no_changed_one(article, lin, mei):
    reply = comment(article, "谁也没有见过的内容。", user=mei, nickname="梅子", held=True)
    edit_comment(reply, Whose(user_id=mei.id), "先公开的内容。", "<p>先公开的内容。</p>", version=1)
    approve(look_at(settled(reply)), Sitting(lin))
    an_edit(reply, number=3)

    undo(approve(look_at(reply), Sitting(lin)).batch, Sitting(lin))

    assert (settled(reply).body, reply.edited_at) == ("先公开的内容。", None)


def test_what_waited_for_its_address_waits_for_moderators_once_they_decided(article, lin):
    """The link may have been opened meanwhile, and then nobody would find it."""
    reply = comment(article, held=True)
    reply.held_reason = BY_MAIL
    undo(turn_down(look_at(settled(reply)), Sitting(lin), "", is_spam=True).batch, Sitting(lin))
    assert (settled(reply).status, waiting().replies) == (Status.PENDING, 1)

    ids = family(article, 51)
    db.session.execute(update(Comment).where(Comment.id.in_(ids)).values(held_reason=BY_MAIL))
    sitting = Sitting(lin)
    turn_down_family(77, ids[-1], sitting, "", is_spam=True)
    undo(sitting.batch, Sitting(lin))

    assert waiting().replies == 52


def test_a_text_older_than_the_public_one_never_waits(article, desk):
    reply = comment(article, "第一个内容。")
    reply.version = 3
    an_edit(reply, "更早的内容。")

    assert look_at(settled(reply)) == Seen(reply.id, 3, Status.PUBLISHED)
    assert waiting().edits == 0 and "更早的内容。" not in desk.get("/moderation?which=edits").text


def test_who_was_first_is_said_by_name(article, lin, mei):
    reply = comment(article, held=True)
    seen = look_at(reply)
    approve(seen, Sitting(lin))

    with pytest.raises(AlreadyDecided, match="林舟 刚刚已经通过了这条。"):
        turn_down(seen, Sitting(mei), "")


def test_a_text_that_changed_meanwhile_is_not_published(article, lin):
    """F22: what a moderator looked at, and no other text."""
    reply = comment(article, held=True)
    seen = look_at(reply)
    reply.version, reply.body = 2, "换了一句坏话"
    settled(reply)

    with pytest.raises(AlreadyDecided, match="刚刚改过这条"):
        approve(seen, Sitting(lin))
    assert settled(reply).status is Status.PENDING


def test_an_edit_that_was_replaced_by_another_is_not_published(article, lin):
    reply = comment(article, "第一个内容。")
    first = an_edit(reply)
    seen = look_at(reply)
    first.status = Status.DELETED
    an_edit(reply, "又一个内容。", number=3)

    with pytest.raises(AlreadyDecided):
        approve(seen, Sitting(lin))


def test_reports_are_settled_by_a_decision_and_open_again_with_its_undoing(article, lin):
    reply = comment(article)
    report(reply, 1)
    report(reply, 2)

    kept = keep(look_at(reply), Sitting(lin))

    assert kept.act is Act.KEEP and all(db.session.scalars(select(Flag.settled_at)))
    undo(kept.batch, Sitting(lin))
    assert not any(db.session.scalars(select(Flag.settled_at)).all())


def test_keeping_where_nobody_said_anything_is_refused(article, lin):
    with pytest.raises(AlreadyDecided):
        keep(look_at(comment(article)), Sitting(lin))


def test_what_the_writer_answered_is_settled_and_opens_again(article, lin):
    reply = reply_in("removed", article, Sitting(lin))
    appeal(reply, Whose(email_key=reply.email_key), "那是书里的原话。")
    db.session.commit()

    restored = approve(look_at(reply), Sitting(lin))

    assert db.session.scalars(select(Appeal.settled_at)).one() is not None
    undo(restored.batch, Sitting(lin))
    assert db.session.scalars(select(Appeal.settled_at)).one() is None
    assert settled(reply).status is Status.REJECTED


def test_spam_and_approval_teach_and_undoing_unlearns(article, lin):
    bad, good = (
        comment(article, "买药加微信", held=True),
        comment(article, "写得好，谢谢。", held=True, nickname="半夏"),
    )

    first = turn_down(look_at(bad), Sitting(lin), "", is_spam=True)
    approve(look_at(good), Sitting(lin))
    turn_down(look_at(comment(article, "跑题了", held=True, nickname="周默")), Sitting(lin), "与文章无关")

    lessons = dict(db.session.execute(select(Lesson.comment_id, Lesson.is_wanted)).all())
    assert lessons == {bad.id: False, good.id: True}
    undo(first.batch, Sitting(lin))
    assert db.session.get(Lesson, bad.id) is None


def test_a_ban_is_lifted_by_undoing_it(article, lin):
    reply = comment(article)

    banned = ban(look_at(reply), Sitting(lin), until=None, with_network=True, reason="骂人")

    row = db.session.scalars(select(Ban)).one()
    assert (row.email_key, row.address_block, row.lifted_at) == (reply.email_key, reply.address_block, None)
    undo(banned.batch, Sitting(lin))
    assert row.lifted_at is not None
    row.lifted_at = None
    db.session.flush()
    lifted = lift_ban(row, Sitting(lin))
    undo(lifted.batch, Sitting(lin))
    assert row.lifted_at is None
    assert [one.act for one in db.session.scalars(select(Decision).order_by(Decision.id))] == [
        Act.BAN, Act.UNDO, Act.LIFT_BAN, Act.UNDO,
    ]  # fmt: skip


def test_a_ban_that_was_lifted_is_not_lifted_twice(article, lin):
    banned = ban(look_at(comment(article)), Sitting(lin), until=None, with_network=False, reason="")
    row = db.session.scalars(select(Ban)).one()
    lift_ban(row, Sitting(lin))

    with pytest.raises(Conflict, match="已经解除过了"):
        lift_ban(row, Sitting(lin))
    with pytest.raises(Conflict, match="已经解除过了"):
        undo(banned.batch, Sitting(lin))


def test_words_are_dropped_and_added_by_undoing(app, lin):
    added = add_words("加微信", Sitting(lin), refuses=True)
    undo(added.batch, Sitting(lin))
    assert db.session.scalars(select(WordRule)).all() == []

    add_words("代开发票", Sitting(lin), refuses=True)
    dropped = drop_words(db.session.scalars(select(WordRule)).one(), Sitting(lin))
    undo(dropped.batch, Sitting(lin))
    assert [(rule.words, rule.refuses) for rule in db.session.scalars(select(WordRule))] == [("代开发票", True)]
    with pytest.raises(Conflict):
        undo(dropped.batch, Sitting(lin))


def test_every_decision_about_a_reply_is_told(article, lin):
    told = []

    def hear(decision):
        told.append((decision.act, decision.comment_id))

    with reply_decided.connected_to(hear):
        reply = comment(article, held=True)
        decision = approve(look_at(reply), Sitting(lin))
        undo(decision.batch, Sitting(lin))

    assert told == [(Act.APPROVE, reply.id), (Act.UNDO, reply.id)]


def test_what_somebody_decided_anew_is_not_undone(article, lin, mei):
    reply = comment(article, held=True)
    first = approve(look_at(reply), Sitting(lin))
    turn_down(look_at(reply), Sitting(mei), "骂人")

    with pytest.raises(Conflict, match="梅子 刚刚已经移除了这条"):
        undo(first.batch, Sitting(lin))
    assert settled(reply).status is Status.REJECTED


def test_of_a_batch_the_rest_is_undone(article, lin, mei):
    sitting = Sitting(lin)
    one, two = comment(article, "一号", held=True), comment(article, "二号", held=True)
    approve(look_at(one), sitting)
    approve(look_at(two), sitting)
    turn_down(look_at(two), Sitting(mei), "")

    assert undo(sitting.batch, Sitting(lin)) == (1, 1)
    assert (settled(one).status, settled(two).status) == (Status.PENDING, Status.REJECTED)


def test_nothing_is_undone_twice_nor_an_undoing_nor_after_thirty_days(article, lin):
    reply = comment(article, held=True)
    decision, undoing = approve(look_at(reply), Sitting(lin)), Sitting(lin)
    undo(decision.batch, undoing)

    with pytest.raises(Conflict, match="撤销过了"):
        undo(decision.batch, Sitting(lin))
    with pytest.raises(Conflict, match="不能再撤销"):
        undo(undoing.batch, Sitting(lin))
    with pytest.raises(NotFound):
        undo("x" * 32, Sitting(lin))

    again = approve(look_at(reply), Sitting(lin))
    db.session.commit()
    with clock.standing_at(clock.now() + timedelta(days=31)), pytest.raises(Conflict, match="30 天"):
        undo(again.batch, Sitting(lin))


def test_a_reply_that_was_changed_after_its_approval_waits_again_with_the_new_text(article, lin):
    reply = comment(article, held=True)
    decision = approve(look_at(reply), Sitting(lin))
    reply.version, reply.body = 2, "改过的内容。"
    settled(reply)

    undo(decision.batch, Sitting(lin))

    assert (settled(reply).status, reply.body) == (Status.PENDING, "改过的内容。")


def family(on: Article, count: int, begin: int = 0) -> list[int]:
    numbers = range(begin, begin + count)
    made = [comment(on, f"代开发票 {n}", held=True, email=f"a{n}@example.com", nickname=f"王{n}") for n in numbers]
    for one in made:
        one.family = 77
    db.session.commit()
    return [one.id for one in made]


def test_a_family_is_turned_down_at_once_with_one_lesson_and_put_back(article, lin, statements):
    ids = family(article, 60)
    newcomer = family(article, 1, begin=60)
    sitting = Sitting(lin)
    statements.clear()

    assert turn_down_family(77, ids[-1], sitting, "", is_spam=True) == 60

    assert len(statements) < 12
    db.session.commit()
    states = dict(db.session.execute(select(Comment.id, Comment.status)).all())
    assert {states[one] for one in ids} == {Status.SPAM} and states[newcomer[0]] is Status.PENDING
    assert db.session.scalars(select(Lesson.comment_id)).all() == [ids[0]]

    statements.clear()
    assert undo(sitting.batch, Sitting(lin)) == (60, 0)
    assert len(statements) < 15
    db.session.commit()
    assert set(db.session.scalars(select(Comment.status)).all()) == {Status.PENDING}
    assert set(db.session.scalars(select(Comment.held_reason)).all()) == {"all"}
    assert db.session.scalars(select(Lesson)).all() == []


def test_of_a_family_what_somebody_restored_is_not_undone(article, lin, mei):
    ids, sitting = family(article, 51), Sitting(lin)
    turn_down_family(77, ids[-1], sitting, "", is_spam=True)
    restored = db.session.get_one(Comment, ids[3])
    db.session.refresh(restored)
    approve(look_at(restored), Sitting(mei))

    assert undo(sitting.batch, Sitting(lin)) == (50, 1)
    assert settled(restored).status is Status.PUBLISHED


def test_of_a_family_what_somebody_decided_anew_in_the_same_way_is_not_undone(article, lin, mei):
    ids, sitting = family(article, 51), Sitting(lin)
    turn_down_family(77, ids[-1], sitting, "", is_spam=True)
    again = settled(db.session.get_one(Comment, ids[3]))
    approve(look_at(again), Sitting(mei))
    turn_down(look_at(again), Sitting(mei), "骂人", is_spam=True)

    assert undo(sitting.batch, Sitting(lin)) == (50, 1)
    assert (settled(again).status, again.removed_reason) == (Status.SPAM, "骂人")


def test_single_texts_beside_a_family_are_undone_with_it(article, lin):
    ids, sitting = family(article, 51), Sitting(lin)
    single, public = comment(article, "买药加微信", held=True), comment(article, "公开过的一条。")
    turn_down(look_at(single), sitting, "", is_spam=True)
    turn_down(look_at(public), sitting, "", is_spam=True)
    turn_down_family(77, ids[-1], sitting, "", is_spam=True)
    db.session.commit()

    assert undo(sitting.batch, Sitting(lin)) == (53, 0)
    assert (settled(single).status, settled(public).status) == (Status.PENDING, Status.PUBLISHED)
    assert db.session.scalars(select(Lesson)).all() == []


@pytest.mark.parametrize("count", [2, 51])
def test_reports_and_answers_are_settled_with_a_family_and_open_again(article, lin, count):
    ids, sitting = family(article, count), Sitting(lin)
    db.session.add(Flag(comment_id=ids[1], flagger_hash="a" * 64, reason=FlagReason.ABUSE, note=""))
    db.session.add(Appeal(comment_id=ids[0], body="那不是广告。"))
    db.session.commit()

    turn_down_family(77, ids[-1], sitting, "", is_spam=True)

    assert db.session.scalars(select(Flag.settled_at)).one() and db.session.scalars(select(Appeal.settled_at)).one()
    assert undo(sitting.batch, Sitting(lin)) == (count, 0)
    assert db.session.scalars(select(Flag.settled_at)).one() is None
    assert db.session.scalars(select(Appeal.settled_at)).one() is None


@pytest.mark.parametrize("count", [1, 51])
def test_an_answer_to_a_decision_is_settled_when_it_is_undone(article, lin, count):
    ids, sitting = family(article, count), Sitting(lin)
    turn_down_family(77, ids[-1], sitting, "", is_spam=True)
    db.session.add(Appeal(comment_id=ids[0], body="那不是广告。"))
    db.session.commit()

    undo(sitting.batch, Sitting(lin))

    assert db.session.scalars(select(Appeal.settled_at)).one() is not None


@pytest.mark.parametrize(("is_spam", "between"), [(False, True), (True, False)])
def test_undoing_a_removal_leaves_what_an_approval_taught(article, lin, is_spam, between):
    reply = comment(article, held=True)
    approve(look_at(reply), Sitting(lin))
    removal = turn_down(look_at(reply), Sitting(lin), "", is_spam=is_spam)
    assert db.session.scalars(select(Lesson.is_wanted)).one() is between

    undo(removal.batch, Sitting(lin))

    assert db.session.scalars(select(Lesson.is_wanted)).one() is True


def test_what_was_erased_is_not_shown_again(article, lin, desk):
    reply = comment(article)
    removal = turn_down(look_at(reply), Sitting(lin), "")
    reply.body = reply.body_html = reply.nickname = ""
    settled(reply)

    with pytest.raises(Conflict, match="内容已经删除"):
        undo(removal.batch, Sitting(lin))
    db.session.rollback()
    with pytest.raises(Conflict, match="内容已经删除"):
        approve(look_at(reply), Sitting(lin))
    db.session.rollback()
    assert settled(reply).status is Status.REJECTED
    assert 'value="approve"' not in desk.get(f"/moderation/comments/{reply.id}").text


def test_a_reply_of_the_house_bans_nobody(article, lin):
    shen = builders.user("沈未", "shen@example.com", role=lin.role)
    reply = comment(article, user=shen, nickname="沈未")

    with pytest.raises(Exception, match="本站的人"):
        ban(look_at(reply), Sitting(lin), until=None, with_network=False, reason="")
