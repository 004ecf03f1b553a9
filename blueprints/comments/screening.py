"""The automatic decision at posting time: small checks, each with a reason. What none of them finds is published at once."""

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from blueprints.comments.models import Comment, Status
from blueprints.comments.reasons import REASONS, finding_words, words_for
from core import clock
from core.config import settings
from core.database import db
from core.errors import DomainError
from core.i18n import _

__all__ = ["REASONS", "finding_words", "words_for"]

LINKS_MAX = 3
MINUTE = timedelta(seconds=60)

ANSWERED_BY_PROOF = ("robot", "flood")


class ProofWanted(DomainError):
    """Screening wants to know that a person writes: a captcha, or the link of a letter."""

    field = "captcha"


def reason_to_hold(comment: Comment, *, honeypot: str, is_person: bool) -> str | None:
    """Return the key in REASONS why this reply waits for a moderator, None when it may appear at once.

    Raises ProofWanted while it is not known that a person writes (`is_person`) and something speaks against it.
    """
    for key, finds in _CHECKS.items():
        if finds(comment, honeypot) and not (is_person and key in ANSWERED_BY_PROOF):
            if key in ANSWERED_BY_PROOF:
                raise ProofWanted(_("请再回答一个小问题，确认不是机器。"))
            return key
    return None


def doubt_about(comment: Comment, body: str) -> str | None:
    """Return the key in REASONS why another text of this reply waits for a moderator, None when it may appear at once."""
    if settings().comments_hold == "all":
        return "all"
    return "links" if _links_in(body) > LINKS_MAX else None


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


def _comes_in_a_flood(comment: Comment, _honeypot: str) -> bool:
    """So many replies on the whole site within a minute raise the bar for guests; nobody is muted by it."""
    nth = (
        select(Comment.created_at).order_by(Comment.id.desc()).offset(settings().comments_flood_per_minute - 1).limit(1)
    )
    earliest = db.session.scalar(nth) if comment.user_id is None else None
    return earliest is not None and earliest > clock.now() - MINUTE


def _has_many_links(comment: Comment, _honeypot: str) -> bool:
    return _links_in(comment.body) > LINKS_MAX


def _links_in(body: str) -> int:
    return len(re.findall(r"https?://", body))


_CHECKS: dict[str, Callable[[Comment, str], bool]] = {
    "robot": _fills_the_honeypot,
    "flood": _comes_in_a_flood,
    "all": _all_wait,
    "first": _first_waits,
    "links": _has_many_links,
}
