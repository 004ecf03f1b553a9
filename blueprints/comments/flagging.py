"""Reporting a reply: one report of one reply by one reader, for the moderators."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from blueprints.auth.login import Visitor
from blueprints.comments.events import moderator_asked
from blueprints.comments.models import Comment, Flag, FlagReason, Status
from blueprints.comments.queries import NO_SUCH_COMMENT
from core import clock, throttle
from core.database import db
from core.errors import Conflict, NotFound
from core.i18n import _, ngettext
from core.jobs import housekeeping
from core.text import length
from core.throttle import Limit
from core.tokens import short_mac

PER_BLOCK = Limit(10, 3600)


def count_flag(who: Visitor, comment: Comment) -> None:
    """Count a report against the address block. Raises TooManyRequests."""

    def words(wait: int) -> str:
        text = ngettext(
            "举报得太多了，请 %(num)s 分钟后再试。", "举报得太多了，请 %(num)s 分钟后再试。", -(-wait // 60)
        )
        return str(text)

    throttle.demand(f"flags:{who.address_block}", [PER_BLOCK], words, mark=f"{comment.id}")


def flag(comment: Comment, who: Visitor, reason: FlagReason, note: str) -> None:
    """Store a report. The same reader's next one adds to theirs, and stands anew where a moderator has seen it.

    Raises NotFound for what is not public, Conflict where nothing more can be added.
    """
    if comment.status is not Status.PUBLISHED:
        raise NotFound(NO_SUCH_COMMENT)
    flagger = _flagger(who, comment)
    row = Flag(
        comment_id=comment.id,
        user_id=who.user.id if who.user is not None else None,
        flagger_hash=flagger,
        reason=reason,
        note=note,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        theirs = select(Flag).where(Flag.comment_id == comment.id, Flag.flagger_hash == flagger)
        _add_to(db.session.scalars(theirs.with_for_update()).one(), reason, note)
    moderator_asked.send(comment)


def _add_to(row: Flag, reason: FlagReason, note: str) -> None:
    """Many share a network: what one of them said about a reply stays until a moderator has seen it."""
    before = row.note if row.settled_at is None else ""
    whole = before if note in before else f"{before}\n\n{note}".strip()
    if length(whole) > Flag.NOTE_MAX:
        raise Conflict(_("从这里已经举报过这条回复，管理员还没看。你写的在下面，可以复制。"))
    if row.settled_at is not None:
        row.created_at, row.settled_at = clock.now(), None
    row.reason, row.note = reason, whole


@housekeeping
def forget_flags() -> None:
    """Drop reports after a year."""
    db.session.execute(delete(Flag).where(Flag.created_at < clock.now() - timedelta(days=365)))


def _flagger(who: Visitor, comment: Comment) -> str:
    """Who reports: the account, else the network; under the site's key, and another value for every reply."""
    return short_mac("flagger", comment.id, f"user {who.user.id}" if who.user is not None else who.address_block)


def reason_words(reason: FlagReason) -> str:
    """Return a reason in the reader's language."""
    words = {
        FlagReason.ADVERTISING: _("广告"),
        FlagReason.ABUSE: _("骂人或骚扰"),
        FlagReason.UNLAWFUL: _("违法内容"),
        FlagReason.OFF_TOPIC: _("与文章无关"),
        FlagReason.OTHER: _("别的理由"),
    }
    return str(words[reason])
