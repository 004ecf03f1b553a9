"""Undoing what was decided in one go, for 30 days: each thing goes back to what it was, where nobody decided anew."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update

from blueprints.comments.classifying import learn, unlearn
from blueprints.comments.deciding import let_version_wait, let_wait, reopen_appeal, reopen_flags, take_back_text
from blueprints.comments.models import Comment, Status
from blueprints.comments.queries import version_of
from blueprints.comments.visibility import hold_again, remove, show_again
from blueprints.moderation.decisions import Sitting, note
from blueprints.moderation.families import note_many
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.queries import decisions_of, latest_about
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
    if len(decisions) > ONE_BY_ONE:
        undone = _undo_many(decisions, sitting)
        return undone, len(decisions) - undone
    done, refusals = 0, list[DomainError]()
    for decision in reversed(decisions):
        try:
            with db.session.begin_nested():
                _undo(decision, sitting)
            done += 1
        except DomainError as refusal:
            refusals.append(refusal)
    if not done:
        raise refusals[0]
    return done, len(refusals)


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
        _restore_state(comment, decision)
    reopen_flags(before["flags"])
    if before["appeal"]:
        reopen_appeal(comment)


def _restore_state(comment: Comment, decision: Decision) -> None:
    before, was = decision.before, Status(decision.before["status"])
    reason = before["held_reason"] or ""
    left_as = Status.PUBLISHED if before["edit"] else LEFT_AS[decision.act]
    if comment.status is not left_as or (left_as is not Status.PUBLISHED and comment.version != decision.version):
        raise Conflict(_("这条回复后来变了，不能撤销。请到它的页面上重新决定。"))
    if before["edit"] and decision.act is Act.APPROVE:
        if comment.version != decision.version:
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
    if decision.act is Act.RESTORE and was is Status.SPAM:
        learn(comment, is_wanted=False)
    else:
        unlearn(comment)


def _undo_many(decisions: Sequence[Decision], sitting: Sitting) -> int:
    """Undo what a flood's decision did, by few statements. Raises Conflict where somebody decided anew about all of it."""
    ids = [one.comment_id for one in decisions]
    comments = db.session.scalars(select(Comment).where(Comment.id.in_(ids)).with_for_update()).all()
    alike = defaultdict[tuple[Act, str], list[Decision]](list)
    for one in decisions:
        if one.comment_id is not None and one.act in (Act.SPAM, Act.REJECT) and is_undoable(one):
            alike[one.act, one.before["held_reason"] or ""].append(one)
    back: set[int] = set()
    for (act, held_reason), some in alike.items():
        back |= let_wait([one.comment_id or 0 for one in some], LEFT_AS[act], held_reason)
    undone = [one for one in decisions if one.comment_id in back]
    if not undone:
        raise Conflict(_("这些回复后来又有人处理过，不能撤销。"))
    _claim(undone, sitting)
    taught = {one.comment_id for one in undone if one.before.get("taught")}
    for comment in comments:
        if comment.id in taught:
            unlearn(comment)
    lines: list[dict[str, object]] = [
        {"act": Act.UNDO, "comment_id": one.comment_id, "version": one.version, "reason": "", "before": _of(one)}
        for one in undone
    ]
    note_many(lines, sitting, comments)
    return len(undone)


def _claim(decisions: Sequence[Decision], sitting: Sitting) -> None:
    """Mark as undone what is not yet: of two who undo the same at once the database lets one. Raises Conflict."""
    actor_id = sitting.actor.id if sitting.actor is not None else None
    free = update(Decision).where(Decision.id.in_([one.id for one in decisions]), Decision.undone_at.is_(None))
    marked = db.session.scalars(free.values(undone_at=clock.now(), undone_by_id=actor_id).returning(Decision.id)).all()
    if len(marked) < len(decisions):
        raise Conflict(_("这一次已经撤销过了。"))


def _of(decision: Decision) -> dict[str, object]:
    return {"undid": decision.act.value}


@housekeeping
def forget_decisions() -> bool:
    """Drop the lines of the log that are older than a year."""
    old = select(Decision.id).where(Decision.created_at < clock.now() - KEPT).limit(ROUND)
    gone = delete(Decision).where(Decision.id.in_(old)).returning(Decision.id)
    return len(db.session.execute(gone).all()) == ROUND
