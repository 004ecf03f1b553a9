"""Whose a reply is, and what they may still do with it: by account or proved address always, by this browser's cookie for an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from blueprints.auth.login import Visitor
from blueprints.auth.names import is_of_the_house
from blueprints.comments.models import Comment, Status
from blueprints.comments.queries import NO_SUCH_COMMENT, answered_among, guest_session, is_answered
from blueprints.comments.thread_queries import Shown, Whose
from core import clock
from core.errors import Conflict, DomainError, NotFound
from core.i18n import _, _l
from core.tokens import hash_of

HOUR = timedelta(minutes=60)
UNDO = timedelta(days=30)
LIVE = (Status.PUBLISHED, Status.PENDING)
DECIDED_AGAINST = (Status.REJECTED, Status.SPAM)


class TooLate(Conflict):
    """Changing, withdrawing or bringing back is over for this reply; `again` is where its address's owner may still go."""

    title = _l("来不及了")
    again = ""


class NicknameTaken(DomainError):
    field = "nickname"


@dataclass(frozen=True)
class Rights:
    """What somebody may do with one reply."""

    may_edit: bool = False
    may_withdraw: bool = False
    may_restore: bool = False
    may_appeal: bool = False


def demand_free(nickname: str) -> None:
    """Keep guests from signing as somebody of the house. Raises NicknameTaken."""
    if is_of_the_house(nickname):
        raise NicknameTaken(_("“%(name)s”是这里已有的名字，请换一个昵称，或者登录。", name=nickname))


def whose_is(who: Visitor) -> Whose:
    """Return by what this visitor can show that a reply is theirs."""
    session = guest_session(who.guest_token)
    return Whose(
        user_id=who.user.id if who.user is not None else None,
        writer_hash=hash_of(who.writer_token) if who.writer_token else None,
        email_key=session.address.email_key if session is not None else None,
    )


def is_theirs(reply: Comment | Shown, whose: Whose) -> bool:
    """Tell whether somebody wrote this reply."""
    return _proves(reply, whose) or (whose.writer_hash is not None and reply.writer_hash == whose.writer_hash)


def rights_over(reply: Comment | Shown, whose: Whose, *, answered: bool) -> Rights:
    """Return what somebody may do with a reply, in whatever state it is."""
    if not is_theirs(reply, whose):
        return Rights()
    proves = _proves(reply, whose)
    return Rights(
        may_edit=reply.status in LIVE and is_fresh(reply) and not answered,
        may_withdraw=reply.status in LIVE and (is_fresh(reply) or proves),
        may_restore=is_undoable(reply, within=UNDO if proves else HOUR),
        may_appeal=reply.status in DECIDED_AGAINST,
    )


def rights_in(comments: Sequence[Comment], whose: Whose) -> dict[int, Rights]:
    """Return what somebody may do with each of these replies, by its id."""
    answered = answered_among(comments)
    return {comment.id: rights_over(comment, whose, answered=comment.id in answered) for comment in comments}


def is_fresh(reply: Comment | Shown) -> bool:
    """Tell whether a reply was written within the hour in which its writer may change it."""
    return bool(clock.now() < reply.created_at + HOUR)


def is_undoable(reply: Comment | Shown, within: timedelta = UNDO) -> bool:
    """Tell whether a reply was withdrawn so recently that it can be brought back."""
    gone_at = reply.withdrawn_at
    return reply.status is Status.DELETED and gone_at is not None and clock.now() < gone_at + within


def demand_own(comment: Comment, whose: Whose) -> None:
    """Let its writer go on. Raises NotFound for everyone else: what is not public is not told."""
    if not is_theirs(comment, whose):
        raise NotFound(NO_SUCH_COMMENT)


def demand_right(comment: Comment, whose: Whose, right: str) -> None:
    """Let somebody go on who has this one of the `Rights`. Raises NotFound, TooLate with what to do instead."""
    demand_own(comment, whose)
    answered = is_answered(comment)
    if not getattr(rights_over(comment, whose, answered=answered), right):
        refusal = TooLate(_words(comment, right, answered=answered))
        refusal.again = "guests.show" if right == "may_withdraw" and comment.status in LIVE else ""
        raise refusal


def _words(comment: Comment, right: str, *, answered: bool) -> Any:
    if comment.status not in LIVE and right != "may_restore":
        return _("这条回复已经撤回或移除了，不能再改。")
    if right == "may_edit":
        return (
            _("已经有人回应，不能再改了。可以另写一条。") if answered else _("超过 60 分钟，不能再改了。可以另写一条。")
        )
    if right == "may_withdraw":
        return _("超过 60 分钟，在这里不能撤回了。用写回复时的邮箱可以：到“我的回复”要一封信。")
    return _("已经不能恢复了。")


def _proves(reply: Comment | Shown, whose: Whose) -> bool:
    if reply.user_id is not None:
        return bool(reply.user_id == whose.user_id)
    return whose.email_key is not None and reply.email_key == whose.email_key
