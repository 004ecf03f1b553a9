"""Letters about an answer: to the writer of the reply that was answered, who asked for them, and to nobody else."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from blueprints.comments.models import Comment, GuestAddress, Status
from blueprints.comments.reading import signed
from blueprints.comments.wishes import stop_token
from core import clock
from core.database import db
from core.jobs import queue
from core.mail import Letter, site_link, writes
from core.text import excerpt, without_links

WORDS = 200
PER_HOUR = 10


def tell_whom_it_answers(comment: Comment) -> None:
    """Queue a letter to the writer of the reply this one answers, where they wish it."""
    asked = comment.parent
    if asked is not None and asked.notify and asked.notify_since is not None and not _is_same_writer(asked, comment):
        queue("reply_notice", {"comment": comment.id})


def _is_same_writer(one: Comment, other: Comment) -> bool:
    if one.user_id is not None or other.user_id is not None:
        return one.user_id == other.user_id
    return one.email_key == other.email_key


@writes("reply_notice")
def reply_notice(payload: Mapping[str, Any]) -> Letter | None:
    """Tell of an answer while it is public and still wished. No link and no picture of a guest's is live in it."""
    comment = db.session.get(Comment, payload["comment"])
    asked = comment.parent if comment is not None else None
    if comment is None or asked is None or comment.status is not Status.PUBLISHED or not asked.notify:
        return None
    to = _recipient(asked)
    if to is None or _told_lately(asked) > PER_HOUR:
        return None
    nickname = comment.user.username if comment.user is not None else comment.nickname
    stop = site_link("letters.stop", token=stop_token(asked))
    values = {
        "title": comment.article.title,
        "nickname": without_links(signed(nickname)),
        "floor": comment.floor,
        "asked_floor": asked.floor,
        "words": excerpt(without_links(comment.body), WORDS),
        "stop": stop,
    }
    link = site_link("comments.show", comment_id=comment.id)
    return Letter(to[0], "reply_notice", values, link, to[1], stop)


def _told_lately(asked: Comment) -> int:
    """How many answered the same reply within the hour: whoever writes a hundred answers sends no hundred letters."""
    answers = select(func.count()).where(
        Comment.parent_id == asked.id, Comment.published_at > clock.now() - timedelta(hours=1)
    )
    return db.session.scalar(answers) or 0


def _recipient(asked: Comment) -> tuple[str, str] | None:
    """Return address and language of a writer who may be written to: an account, or a guest whose address is proved."""
    if asked.user is not None:
        is_here = asked.user.leaves_at is None and not asked.user.is_paused
        return (asked.user.email, asked.user.language) if is_here else None
    address = db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == asked.email_key))
    if address is None or address.proved_at is None or address.stopped_at is not None:
        return None
    return address.email, address.language
