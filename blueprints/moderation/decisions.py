"""Deciding about replies. Each deed names the text that was looked at, leaves a line in the log, and can be undone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from blueprints.auth.models import User
from blueprints.comments.bans import ban as ban_writer
from blueprints.comments.classifying import learn
from blueprints.comments.deciding import settle_appeals, settle_flags
from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.comments.queries import comment_by_id, pending_version
from blueprints.comments.visibility import (
    hold_again,
    publish,
    publish_version,
    reject,
    reject_version,
    remove,
    show_again,
)
from blueprints.moderation.events import reply_decided
from blueprints.moderation.models import Act, Decision, Seen
from blueprints.moderation.queries import lesson_of
from blueprints.moderation.words import who_was_first
from core.database import db
from core.errors import Conflict
from core.i18n import _
from core.tokens import new_token

AGAINST = (Status.REJECTED, Status.SPAM)


@dataclass(frozen=True)
class Sitting:
    """One go at deciding: who decides (None: the command line), under one mark for all of it."""

    actor: User | None
    batch: str = field(default_factory=lambda: new_token()[:32])


class AlreadyDecided(Conflict):
    """Somebody was first, or the text is another by now."""


def look_at(comment: Comment) -> Seen:
    """Return what there is to decide about: the text that waits beside the public one, else the present one."""
    waiting = pending_version(comment) if comment.status is Status.PUBLISHED else None
    if waiting is not None:
        return Seen(comment.id, waiting.number, Status.PENDING)
    return Seen(comment.id, comment.version, comment.status)


def approve(seen: Seen, sitting: Sitting) -> Decision:
    """Show everyone a text that waits, or a reply that was not accepted. Raises NotFound, AlreadyDecided."""
    case = _Case(seen, sitting)
    if case.edit is not None:
        publish_version(case.edit)
    elif seen.status is Status.PENDING:
        publish(case.comment, seen.number)
    elif seen.status in AGAINST:
        _show(case.comment)
    else:
        raise case.refusal()
    learn(case.comment, is_wanted=True)
    return case.decided(Act.RESTORE if seen.status in AGAINST else Act.APPROVE)


def turn_down(seen: Seen, sitting: Sitting, reason: str, *, is_spam: bool = False) -> Decision:
    """Keep a waiting text from the public, or take a public reply down. Raises NotFound, AlreadyDecided."""
    case, status = _Case(seen, sitting), Status.SPAM if is_spam else Status.REJECTED
    if case.edit is not None:
        reject_version(case.edit, reason, status=status)
    elif seen.status is Status.PENDING:
        reject(case.comment, seen.number, status=status, reason=reason)
    elif seen.status is Status.PUBLISHED:
        remove(case.comment, reason, status=status)
    else:
        raise case.refusal()
    if is_spam and case.edit is None:
        learn(case.comment, is_wanted=False)
    act = Act.SPAM if is_spam else Act.REJECT if seen.status is Status.PENDING else Act.REMOVE
    return case.decided(act, reason)


def keep(seen: Seen, sitting: Sitting) -> Decision:
    """Leave a reply as it is: reports and answers to it were read. Raises NotFound, AlreadyDecided."""
    case = _Case(seen, sitting)
    decision = case.decided(Act.KEEP)
    if not (decision.before["flags"] or decision.before["appeal"]):
        raise case.refusal()
    return decision


def decide(act: str, seen: Seen, sitting: Sitting, reason: str = "") -> Decision:
    """Do one of `approve`, `remove`, `spam`, `keep`. Raises NotFound, AlreadyDecided, Conflict for any other word."""
    if act == "approve":
        return approve(seen, sitting)
    if act in ("remove", "spam"):
        return turn_down(seen, sitting, reason, is_spam=act == "spam")
    if act == "keep":
        return keep(seen, sitting)
    raise Conflict(_("这里没有这样的决定。"))


def ban(seen: Seen, sitting: Sitting, *, until: datetime | None, with_network: bool, reason: str) -> Decision:
    """Keep the writer of a reply from replying. Raises NotFound, NotAllowed, AlreadyDecided, NobodyToPause."""
    comment = _Case(seen, sitting).comment
    made = ban_writer(comment, until=until, reason=reason, with_network=with_network, by=sitting.actor)
    decision = Decision(
        actor_id=sitting.actor.id if sitting.actor is not None else None,
        act=Act.BAN,
        comment_id=comment.id,
        version=seen.number,
        subject=made.nickname,
        reason=reason,
        batch=sitting.batch,
        before={"ban": made.id},
    )
    return note(decision)


def note(decision: Decision) -> Decision:
    """Write a line of the log, and tell it where it is about a reply."""
    if decision.actor_id is None:
        decision.before = {**decision.before, "command_line": True}
    db.session.add(decision)
    db.session.flush()
    if decision.comment_id is not None:
        reply_decided.send(decision)
    return decision


def demand_text(comment: Comment) -> None:
    """Raises Conflict where the text was erased: there is nothing to show again."""
    if not comment.body:
        raise Conflict(_("内容已经删除，不能恢复。"))


def _show(comment: Comment) -> None:
    demand_text(comment)
    if comment.floor is not None:
        show_again(comment)
    else:
        hold_again(comment, "")
        publish(comment)


class _Case:
    """One reply under decision, locked, and what it was before. Raises AlreadyDecided where it is not what was seen."""

    def __init__(self, seen: Seen, sitting: Sitting) -> None:
        self.comment = comment_by_id(seen.comment_id)
        db.session.refresh(self.comment, with_for_update=True)
        self.edit = self._edit(seen.number)
        self._seen, self._sitting = seen, sitting
        state = Status.PENDING if self.edit is not None else self.comment.status
        if state is not seen.status or (self.edit is None and self.comment.version != seen.number):
            raise self.refusal()
        self._before: dict[str, Any] = {
            "status": self.comment.status.value,
            "held_reason": (self.edit or self.comment).held_reason,
            "removed_reason": self.comment.removed_reason,
            "version": self.comment.version,
            "edit": self.edit is not None,
            "lesson": lesson_of(self.comment.id),
        }

    def refusal(self) -> AlreadyDecided:
        return AlreadyDecided(who_was_first(self.comment, self._seen.number))

    def decided(self, act: Act, reason: str = "") -> Decision:
        """Settle what readers and the writer said, and write the line of the log."""
        ids = [self.comment.id]
        self._before["appeal"] = bool(settle_appeals(ids))
        self._before["flags"] = settle_flags(ids).get(self.comment.id, [])
        actor = self._sitting.actor
        decision = Decision(
            actor_id=actor.id if actor is not None else None,
            act=act,
            comment_id=self.comment.id,
            version=self._seen.number,
            reason=reason,
            batch=self._sitting.batch,
            before=self._before,
        )
        return note(decision)

    def _edit(self, number: int) -> CommentVersion | None:
        """Return the text that was looked at where it waits beside the public one."""
        if self.comment.status is not Status.PUBLISHED or number == self.comment.version:
            return None
        waiting = pending_version(self.comment)
        return waiting if waiting is not None and waiting.number == number else None
