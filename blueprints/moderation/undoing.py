"""Undoing what was decided in one go, for 30 days: each thing goes back to what it was, where nobody decided anew."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update

from blueprints.comments.classifying import learn, unlearn
from blueprints.comments.deciding import (
    let_version_wait,
    let_wait,
    reopen_appeals,
    reopen_flags,
    settle_appeals,
    take_back_text,
)
from blueprints.comments.models import BY_MAIL, Comment, Status
from blueprints.comments.queries import latest_number, version_of
from blueprints.comments.visibility import hold_again, remove, show_again
from blueprints.moderation.decisions import AGAINST, Sitting, demand_text, note
from blueprints.moderation.families import note_many, readable
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.queries import decisions_of, latest_about, standing_in
from blueprints.moderation.rules import undo_rule
from blueprints.moderation.words import told
from core import clock
from core.database import db
from core.errors import Conflict, DomainError, NotFound
from core.i18n import _
from core.jobs import ROUND, housekeeping

UNDO = timedelta(days=30)
KEPT = timedelta(days=365)
ONE_BY_ONE = 50  # decisions; from here on alike ones are undone by few statements
LEFT_AS = {
    Act.APPROVE: Status.PUBLISHED,
    Act.RESTORE: Status.PUBLISHED,
    Act.REJECT: Status.REJECTED,
    Act.REMOVE: Status.REJECTED,
    Act.SPAM: Status.SPAM,
}


def undo(batch: str, sitting: Sitting) -> tuple[int, int]:
    """Undo what was decided in one go. Returns how many decisions were undone, and how many not, for somebody decided anew.

    Raises NotFound, Conflict where nothing could be undone.
    """
    decisions = decisions_of(batch)
    if not decisions:
        raise NotFound(_("记录里没有这一次。"))
    _demand_undoable(decisions)
    many = [one for one in decisions if "taught" in one.before]  # the lines of whole families
    few = [one for one in decisions if "taught" not in one.before]
    if len(many) <= ONE_BY_ONE:
        few, many = list(decisions), []
    done, refusals = _undo_many(many, sitting) if many else 0, list[DomainError]()
    for decision in reversed(few):
        try:
            with db.session.begin_nested():
                _undo(decision, sitting)
            done += 1
        except DomainError as refusal:
            refusals.append(refusal)
    if not done:
        raise refusals[0] if refusals else Conflict(_("这些回复后来又有人处理过，不能撤销。"))
    return done, len(decisions) - done


def is_undoable(decision: Decision) -> bool:
    """Tell whether a line of the log can still be undone."""
    is_past = decision.act is Act.UNDO or decision.undone_at is not None or "damaged" in (decision.before or {})
    return not is_past and decision.created_at > clock.now() - UNDO


def _demand_undoable(decisions: Sequence[Decision]) -> None:
    first = decisions[0]
    if not any(is_undoable(one) for one in decisions):
        raise Conflict(
            _("撤销本身不能再撤销，请重新决定。")
            if first.act is Act.UNDO
            else _("这一次已经撤销过了。")
            if first.undone_at is not None
            else _("坏掉的记录不能还原。")
            if "damaged" in first.before
            else _("过了 30 天，不能撤销了。")
        )


def _undo(decision: Decision, sitting: Sitting) -> None:
    """Put one thing back. Raises Conflict where it is not as the decision left it."""
    _claim([decision], sitting)
    if decision.act in LEFT_AS or decision.act is Act.KEEP:
        _put_back(decision)
    else:
        undo_rule(decision, by=sitting.actor)
    line = {"comment_id": decision.comment_id, "version": decision.version, "subject": decision.subject}
    actor_id = sitting.actor.id if sitting.actor is not None else None
    undone = Decision(actor_id=actor_id, act=Act.UNDO, batch=sitting.batch, before=_of(decision), **line)
    note(undone)


def _put_back(decision: Decision) -> None:
    comment, before = db.session.get(Comment, decision.comment_id or 0), decision.before
    if comment is None:
        raise Conflict(_("这条回复已经不在了。"))
    db.session.refresh(comment, with_for_update=True)
    later = latest_about(comment.id)
    if later is not None and later.id > decision.id:
        raise Conflict(told(later))
    if decision.act is not Act.KEEP:
        demand_text(comment)
        _restore_state(comment, decision)
    reopen_flags(before["flags"])
    if before["appeal"]:
        reopen_appeals([comment.id])


def _restore_state(comment: Comment, decision: Decision) -> None:
    before, was, reason = decision.before, Status(decision.before["status"]), _why_it_waits(decision)
    left_as = _left_as(decision)
    if comment.status is not left_as or (left_as is not Status.PUBLISHED and comment.version != decision.version):
        raise Conflict(_("这条回复后来变了，不能撤销。请到它的页面上重新决定。"))
    if before["edit"] and decision.act is Act.APPROVE:
        if latest_number(comment) != decision.version:
            raise Conflict(_("写它的人后来又改过，不能撤销。请到它的页面上重新决定。"))
        take_back_text(comment, before["version"], reason)
    elif before["edit"]:
        let_version_wait(version_of(comment, decision.version or 0), reason)
    elif was is Status.PENDING:
        hold_again(comment, reason)
    elif was is Status.PUBLISHED:
        show_again(comment)
    else:
        remove(comment, before["removed_reason"] or "", status=was)
    if left_as in AGAINST:
        settle_appeals([comment.id])
    _teach_again(comment, before.get("lesson"))


def _why_it_waits(decision: Decision) -> str:
    """Return why a reply waits again; one that waited for its address waits for moderators, for its link may have been opened since."""
    reason = decision.before["held_reason"] or ""
    return "" if reason == BY_MAIL else reason


def _teach_again(comment: Comment, lesson: bool | None) -> None:
    """Let a reply teach what it taught before."""
    if lesson is None:
        unlearn(comment)
    else:
        learn(comment, is_wanted=lesson)


def _undo_many(decisions: Sequence[Decision], sitting: Sitting) -> int:
    """Undo what was decided about whole families, by few statements: those that nobody decided about since. Returns how many."""
    about = select(Decision.comment_id).where(Decision.batch == decisions[0].batch)
    locked = db.session.scalars(select(Comment.id).where(Comment.id.in_(about)).with_for_update()).all()
    comments = {one.id: one for one in readable(locked)}
    standing = standing_in(decisions[0].batch)
    alike = defaultdict[tuple[Act, str], list[int]](list)
    for one in decisions:
        comment = comments.get(one.comment_id or 0)
        is_same = comment is not None and comment.body and comment.version == one.version
        if is_same and one.id in standing and is_undoable(one):
            alike[one.act, _why_it_waits(one)].append(one.comment_id or 0)
    back: set[int] = set()
    for (act, held_reason), ids in alike.items():
        back |= let_wait(ids, LEFT_AS[act], held_reason)
    undone = [one for one in decisions if one.comment_id in back]
    _claim(undone, sitting)
    _put_beside_back(undone, comments)
    note_many([_line(one) for one in undone], sitting, list(comments.values()))
    return len(undone)


def _put_beside_back(decisions: Sequence[Decision], comments: Mapping[int, Comment]) -> None:
    """Let reports, answers and lessons be what they were before these decisions."""
    settle_appeals([one.comment_id or 0 for one in decisions])
    reopen_flags([flag for one in decisions for flag in one.before["flags"]])
    reopen_appeals([one.comment_id or 0 for one in decisions if one.before["appeal"]])
    for one in decisions:
        if one.before["taught"]:
            _teach_again(comments[one.comment_id or 0], one.before.get("lesson"))


def _line(decision: Decision) -> dict[str, object]:
    about = {"comment_id": decision.comment_id, "version": decision.version}
    return {"act": Act.UNDO, "reason": "", "before": _of(decision), **about}


def _claim(decisions: Sequence[Decision], sitting: Sitting) -> None:
    """Mark as undone what is not yet: of two who undo the same at once the database lets one. Raises Conflict."""
    actor_id = sitting.actor.id if sitting.actor is not None else None
    free = update(Decision).where(Decision.id.in_([one.id for one in decisions]), Decision.undone_at.is_(None))
    marked = db.session.scalars(free.values(undone_at=clock.now(), undone_by_id=actor_id).returning(Decision.id)).all()
    if len(marked) < len(decisions):
        raise Conflict(_("这一次已经撤销过了。"))


def _of(decision: Decision) -> dict[str, object]:
    """Return what was undone, and what it had made of a reply: undoing that is a decision for its writer, too."""
    undid: dict[str, object] = {"undid": decision.act.value}
    if decision.act in LEFT_AS:
        undid |= {"status": _left_as(decision).value, "edit": decision.before["edit"]}
    return undid


def _left_as(decision: Decision) -> Status:
    return Status.PUBLISHED if decision.before["edit"] else LEFT_AS[decision.act]


@housekeeping
def forget_decisions() -> bool:
    """Drop the lines of the log that are older than a year."""
    old = select(Decision.id).where(Decision.created_at < clock.now() - KEPT).limit(ROUND)
    gone = delete(Decision).where(Decision.id.in_(old)).returning(Decision.id)
    return len(db.session.execute(gone).all()) == ROUND
