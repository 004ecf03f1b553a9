"""Changing a reply: every text it had is kept, and no text becomes public that screening would have held."""

from blueprints.comments.bans import demand_not_banned, writer_of
from blueprints.comments.events import comment_held
from blueprints.comments.floods import join_family, take_turns
from blueprints.comments.models import BY_MAIL, Comment, CommentVersion, Status
from blueprints.comments.ownership import demand_right
from blueprints.comments.queries import latest_number, pending_version
from blueprints.comments.screening import HOLD, PROOF, Verdict, doubts_about
from blueprints.comments.thread_queries import Whose
from blueprints.comments.visibility import replace_text
from core import throttle
from core.database import db
from core.errors import Conflict
from core.i18n import _, ngettext
from core.throttle import Limit

PER_BLOCK = Limit(30, 600)


class ChangedElsewhere(Conflict):
    """The text was changed since the form was opened."""

    field = "body"


def text_to_edit(comment: Comment) -> str:
    """Return the newest text of a reply: the public one, or the one that waits beside it."""
    waiting = pending_version(comment)
    return comment.body if waiting is None else waiting.body


def count_edit(address_block: str) -> None:
    """Count an edit against the address block, for every text is kept. Raises TooManyRequests."""

    def words(wait: int) -> str:
        return str(
            ngettext(
                "改得太勤了，请 %(num)s 分钟后再存。内容已保留。",
                "改得太勤了，请 %(num)s 分钟后再存。内容已保留。",
                -(-wait // 60),
            )
        )

    throttle.demand(f"edits:{address_block}", [PER_BLOCK], words)


def edit_comment(comment: Comment, whose: Whose, body: str, body_html: str, *, version: int) -> bool:
    """Give a reply another text and return whether it replaced the one before; else it waits for a moderator beside it.

    `version` is the number of the newest text when its writer began.
    Raises NotFound, TooLate, Banned, ChangedElsewhere, WordRefused.
    """
    take_turns()
    db.session.refresh(comment, with_for_update=True)
    demand_right(comment, whose, "may_edit")
    demand_not_banned(writer_of(comment))
    waiting, latest = pending_version(comment), latest_number(comment)
    if body == (comment.body if waiting is None else waiting.body):
        return waiting is None
    if version != latest:
        raise ChangedElsewhere(_("这条回复刚刚在别处也改过，那边的内容在上面。你写的还在，再按一次就保存你的。"))
    verdict = doubts_about(comment, body, body_html, least=_least(comment, whose))
    if waiting is not None:
        waiting.status = Status.DELETED  # nobody saw it, and nobody will
    if comment.status is Status.PUBLISHED and verdict.held_reason is not None:
        text = CommentVersion(comment_id=comment.id, number=latest + 1, body=body, body_html=body_html)
        text.status = Status.PENDING
        verdict.mark(text)
        db.session.add(text)
        comment_held.send(comment)
        return False
    replace_text(comment, latest + 1, body, body_html)
    _mark(comment, verdict)
    return True


def _least(comment: Comment, whose: Whose) -> int:
    """Return the points from which on another text waits: where a new reply needs a proof, there is none to give with an edit."""
    is_proved = comment.user_id is not None or whose.email_key == comment.email_key
    return PROOF if comment.status is Status.PUBLISHED and not is_proved else HOLD


def _mark(comment: Comment, verdict: Verdict) -> None:
    """What waited before waits on; what waited for its address, and now for a moderator, is told."""
    before = comment.held_reason
    verdict.mark(comment)
    comment.held_reason = verdict.held_reason or before
    join_family(comment, verdict.company)
    if before == BY_MAIL and comment.held_reason != BY_MAIL:
        comment_held.send(comment)
