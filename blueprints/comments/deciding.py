"""What a moderator's decision changes beside the state of one reply: many at once, reports, answers, and all of it put back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import String, select, type_coerce, update

from blueprints.articles.models import Article
from blueprints.articles.threads import count_comment
from blueprints.comments.models import Appeal, Comment, CommentVersion, Flag, Status
from blueprints.comments.queries import former_texts, version_of
from blueprints.comments.screening_models import Ban
from blueprints.comments.visibility import ALREADY_DECIDED, replace_text
from core import clock
from core.database import db
from core.errors import Conflict

CHUNK = 500  # rows by one statement


def waiting_family(family: int, up_to: int, limit: int) -> Sequence[int]:
    """Return the ids of those of nearly the same text that wait, oldest first, none newer than `up_to`; locked until the end."""
    theirs = select(Comment.id).where(Comment.family == family, Comment.status == Status.PENDING, Comment.id <= up_to)
    return db.session.scalars(theirs.order_by(Comment.id).limit(limit).with_for_update()).all()


def reject_waiting(ids: Sequence[int], status: Status, reason: str) -> set[int]:
    """Keep many waiting replies from the public; returns the ids of those that were still waiting."""
    return _moved(ids, Status.PENDING, status=status, held_reason=None, removed_reason=reason or None)


def let_wait(ids: Sequence[int], was: Status, held_reason: str) -> set[int]:
    """Let many replies wait again that were not accepted; returns the ids of those that still were as `was` says."""
    return _moved(ids, was, status=Status.PENDING, held_reason=held_reason, removed_reason=None)


def _moved(ids: Sequence[int], before: Status, **values: Any) -> set[int]:
    found: set[int] = set()
    for begin in range(0, len(ids), CHUNK):
        these = update(Comment).where(Comment.id.in_(ids[begin : begin + CHUNK]), Comment.status == before)
        found |= set(db.session.scalars(these.values(**values).returning(Comment.id)))
    return found


def settle_flags(ids: Sequence[int]) -> dict[int, list[int]]:
    """Take readers' reports of these replies as read; returns their ids, by the id of the reply."""
    settled = defaultdict[int, list[int]](list)
    for begin in range(0, len(ids), CHUNK):
        open_ones = update(Flag).where(Flag.comment_id.in_(ids[begin : begin + CHUNK]), Flag.settled_at.is_(None))
        closed = open_ones.values(settled_at=clock.now()).returning(Flag.comment_id, Flag.id)
        for comment_id, flag_id in db.session.execute(closed):
            settled[comment_id].append(flag_id)
    return settled


def reopen_flags(ids: Collection[int]) -> None:
    """Let reports stand again."""
    if ids:
        db.session.execute(update(Flag).where(Flag.id.in_(ids)).values(settled_at=None))


def settle_appeals(ids: Sequence[int]) -> set[int]:
    """Take what the writers of these replies answered as read; returns the ids of those that had an open answer."""
    settled: set[int] = set()
    for begin in range(0, len(ids), CHUNK):
        open_ones = update(Appeal).where(Appeal.comment_id.in_(ids[begin : begin + CHUNK]), Appeal.settled_at.is_(None))
        settled |= set(db.session.scalars(open_ones.values(settled_at=clock.now()).returning(Appeal.comment_id)))
    return settled


def reopen_appeals(ids: Collection[int]) -> None:
    """Let what the writers of these replies answered stand again."""
    if ids:
        db.session.execute(update(Appeal).where(Appeal.comment_id.in_(ids)).values(settled_at=None))


def reopen_ban(ban: Ban) -> None:
    """Let a ban that was lifted hold again."""
    ban.lifted_at = None


def let_version_wait(version: CommentVersion, held_reason: str) -> None:
    """Let a changed text wait again that was not accepted. Raises Conflict when another text is newer."""
    newer = select(CommentVersion.id).where(
        CommentVersion.comment_id == version.comment_id, CommentVersion.number > version.number
    )
    is_latest = version.comment.version < version.number and db.session.scalar(newer.limit(1)) is None
    was_refused = version.status in (Status.REJECTED, Status.SPAM)
    if not was_refused or version.comment.status is not Status.PUBLISHED or not is_latest:
        raise Conflict(ALREADY_DECIDED)
    version.status, version.held_reason, version.removed_reason = Status.PENDING, held_reason, None


def take_back_text(comment: Comment, number: int, held_reason: str) -> None:
    """Show the public the text a reply had before, and let the present one wait beside it. Raises NotFound."""
    former, shown = version_of(comment, number), comment.version
    body, body_html, findings, written_at = former.body, former.body_html, former.findings, former.created_at
    db.session.delete(former)
    db.session.flush()
    replace_text(comment, number, body, body_html)
    waiting = version_of(comment, shown)
    waiting.status, waiting.held_reason = Status.PENDING, held_reason
    db.session.flush()
    comment.findings, comment.edited_at = findings, written_at if former_texts(comment) else None


def mend(comment_id: int, values: Mapping[str, Any]) -> None:
    """Take a damaged row from the public, and give what cannot be read in it a value that can; it counts as public no longer."""
    public = update(Comment).where(Comment.id == comment_id, Comment.status == Status.PUBLISHED)
    taken = public.values(status=Status.REJECTED).returning(Comment.article_id, type_coerce(Comment.quote, String))
    was = db.session.execute(taken.execution_options(synchronize_session=False)).first()
    rest = update(Comment).where(Comment.id == comment_id).values(status=Status.REJECTED, **values)
    db.session.execute(rest.execution_options(synchronize_session=False))
    if was is not None and db.session.scalar(select(Article.id).where(Article.id == was.article_id)) is not None:
        count_comment(was.article_id, -1, was.quote)


def mend_text(version_id: int, values: Mapping[str, Any]) -> None:
    """Take a damaged text that waits beside the public one for not accepted, and give what cannot be read in it a value that can."""
    rest = update(CommentVersion).where(CommentVersion.id == version_id)
    mended = rest.values(status=Status.REJECTED, held_reason=None, **values)
    db.session.execute(mended.execution_options(synchronize_session=False))
