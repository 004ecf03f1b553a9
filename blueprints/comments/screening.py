"""The automatic decision at posting time: small checks, each with a reason. What none of them finds is published at once."""

import re
from collections.abc import Callable

from sqlalchemy import select

from blueprints.comments.models import Comment, Status
from core.config import settings
from core.database import db
from core.i18n import _, _l

LINKS_MAX = 3

REASONS = {
    "all": _l("这里的回复都先经人工查看。"),
    "first": _l("第一次发言会先经人工查看。"),
    "links": _l("回复里的链接比较多，先经人工查看。"),
    "robot": _l("填写的方式像是机器，先经人工查看。"),
}


def reason_to_hold(comment: Comment, *, honeypot: str) -> str | None:
    """Return the key in REASONS why this reply waits for a moderator, None when it may appear at once."""
    for key, finds in _CHECKS.items():
        if finds(comment, honeypot):
            return key
    return None


def words_for(reason: str | None) -> str:
    """Return the sentence that tells the writer why their reply waits."""
    return str(REASONS.get(reason or "", _("先经人工查看。")))


def _all_wait(_comment: Comment, _honeypot: str) -> bool:
    return settings().comments_hold == "all"


def _first_waits(comment: Comment, _honeypot: str) -> bool:
    """A typed address proves nothing: a writer is known by account or by the cookie of an earlier, published reply."""
    if settings().comments_hold != "first":
        return False
    whose = Comment.user_id == comment.user_id if comment.user_id else Comment.writer_hash == comment.writer_hash
    return db.session.scalar(select(Comment.id).where(whose, Comment.status == Status.PUBLISHED).limit(1)) is None


def _fills_the_honeypot(_comment: Comment, honeypot: str) -> bool:
    return bool(honeypot)


def _has_many_links(comment: Comment, _honeypot: str) -> bool:
    return len(re.findall(r"https?://", comment.body)) > LINKS_MAX


_CHECKS: dict[str, Callable[[Comment, str], bool]] = {
    "all": _all_wait,
    "first": _first_waits,
    "robot": _fills_the_honeypot,
    "links": _has_many_links,
}
