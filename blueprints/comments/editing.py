"""Changing a reply: every text it had is kept, and no text becomes public that screening would have held."""

from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.comments.ownership import demand_right
from blueprints.comments.queries import latest_number, pending_version
from blueprints.comments.screening import doubt_about
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

    `version` is the number of the newest text when its writer began. Raises NotFound, TooLate, ChangedElsewhere.
    """
    db.session.refresh(comment, with_for_update=True)
    demand_right(comment, whose, "may_edit")
    waiting, latest = pending_version(comment), latest_number(comment)
    if body == (comment.body if waiting is None else waiting.body):
        return waiting is None
    if version != latest:
        raise ChangedElsewhere(_("这条回复刚刚在别处也改过，那边的内容在上面。你写的还在，再按一次就保存你的。"))
    doubt = doubt_about(comment, body)
    if waiting is not None:
        waiting.status = Status.DELETED  # nobody saw it, and nobody will
    if comment.status is Status.PENDING:
        comment.held_reason = doubt or comment.held_reason
    elif doubt is not None:
        db.session.add(_waiting(comment, latest + 1, body, body_html, doubt))
        return False
    replace_text(comment, latest + 1, body, body_html)
    return True


def _waiting(comment: Comment, number: int, body: str, body_html: str, doubt: str) -> CommentVersion:
    return CommentVersion(
        comment_id=comment.id,
        number=number,
        body=body,
        body_html=body_html,
        status=Status.PENDING,
        held_reason=doubt,
    )
