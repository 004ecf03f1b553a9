"""Making a reply public, taking it from the public, and what follows from either for the article's counters."""

from sqlalchemy import update

from blueprints.articles.threads import count_comment, next_floor
from blueprints.comments.events import comment_hidden, comment_published, comment_rewritten
from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.comments.queries import former_texts
from core import clock
from core.database import db
from core.errors import Conflict
from core.i18n import _l


def publish(comment: Comment, version: int | None = None) -> None:
    """Show the reply to everyone; the first time it is given its floor.

    `version` is the text that was looked at: Raises Conflict when its writer changed it since, or when it is not waiting.
    """
    _decide(comment, Status.PENDING, Status.PUBLISHED, version)
    _show(comment)


def _show(comment: Comment) -> None:
    if comment.floor is None:
        comment.floor = next_floor(comment.article_id, comment.quote)
        comment.root_floor = comment.parent.root_floor if comment.parent is not None else comment.floor
        comment.published_at = comment.published_at or clock.now()
    else:
        count_comment(comment.article_id, 1, comment.quote)
        if not _was_read(comment):
            comment.edited_at = clock.now()
    comment_published.send(comment)


def reject(comment: Comment, version: int | None = None, *, status: Status = Status.REJECTED, reason: str = "") -> None:
    """Keep a waiting reply from the public, as rejected or as spam; its writer reads the reason.

    Raises Conflict when it is not waiting, or was changed since it was looked at.
    """
    _decide(comment, Status.PENDING, status, version)
    comment.removed_reason = reason or None


def remove(comment: Comment, reason: str, *, status: Status = Status.REJECTED) -> None:
    """Take a public reply down; its floor says so, and why. Raises Conflict when it is not public."""
    hide(comment, status)
    comment.removed_reason = reason or None


def hold_again(comment: Comment, reason: str) -> None:
    """Let a reply wait once more that was public or decided against; its floor stays its own, and says so.

    `reason` is the key of why it waits. Raises Conflict when it waits already or its writer took it back.
    """
    if comment.status is Status.PUBLISHED:
        hide(comment, Status.PENDING)
    elif comment.status in (Status.REJECTED, Status.SPAM):
        _decide(comment, comment.status, Status.PENDING)
    else:
        raise Conflict(ALREADY_DECIDED)
    comment.held_reason, comment.removed_reason = reason, None


def hide(comment: Comment, status: Status) -> None:
    """Take a public reply from the public. Raises Conflict when it is not public."""
    _decide(comment, Status.PUBLISHED, status)
    count_comment(comment.article_id, -1, comment.quote)
    comment_hidden.send(comment)


def show_again(comment: Comment, *, taken_by: tuple[Status, ...] = (Status.REJECTED, Status.SPAM)) -> None:
    """Show a reply again that was public once and was taken down by a moderator, or as `taken_by` says.

    Raises Conflict for every other: what its writer took back, nobody else brings back.
    """
    if comment.status not in taken_by or comment.floor is None:
        raise Conflict(ALREADY_DECIDED)
    _decide(comment, comment.status, Status.PUBLISHED)
    comment.removed_reason = comment.withdrawn_at = None
    _show(comment)


def replace_text(comment: Comment, number: int, body: str, body_html: str) -> None:
    """Give a reply another text and keep the one it had; what the public had read is marked as changed."""
    is_public = comment.status is Status.PUBLISHED
    former = CommentVersion(
        comment_id=comment.id,
        number=comment.version,
        body=comment.body,
        body_html=comment.body_html,
        status=Status.PUBLISHED if is_public or _was_read(comment) else Status.DELETED,
        findings=comment.findings,
        created_at=comment.edited_at or comment.created_at,
    )
    db.session.add(former)
    comment.version, comment.body, comment.body_html = number, body, body_html
    comment.send_key = None  # who sends the former text again sends another reply
    comment.edited_at = clock.now() if is_public else None
    if is_public:
        comment_rewritten.send(comment)


def _was_read(comment: Comment) -> bool:
    """Tell whether the public read this text before its reply was taken from it; a text that came since has no moment of change yet."""
    return comment.floor is not None and (comment.edited_at is not None or not former_texts(comment))


def publish_version(version: CommentVersion) -> None:
    """Make a changed text the public one. Raises Conflict when it is not waiting, or its reply is not public."""
    comment, number = version.comment, version.number
    db.session.refresh(comment, with_for_update=True)
    if comment.status is not Status.PUBLISHED:
        raise Conflict(ALREADY_DECIDED)
    _decide_version(version, Status.PUBLISHED)
    db.session.delete(version)  # its text is the reply's own now
    db.session.flush()
    replace_text(comment, number, version.body, version.body_html)
    comment.findings = version.findings


def reject_version(version: CommentVersion, reason: str, *, status: Status = Status.REJECTED) -> None:
    """Keep a changed text from the public, which goes on reading the one before. Raises Conflict when it is not waiting."""
    _decide_version(version, status)
    version.removed_reason = reason or None


ALREADY_DECIDED = _l("这条回复已经处理过了，或者刚刚改过。")


def _decide(comment: Comment, before: Status, after: Status, version: int | None = None) -> None:
    """Move a reply from one state to another; of several who decide at the same moment the database lets one."""
    moved = update(Comment).where(Comment.id == comment.id, Comment.status == before)
    if version is not None:
        moved = moved.where(Comment.version == version)
    if db.session.execute(moved.values(status=after, held_reason=None).returning(Comment.id)).first() is None:
        raise Conflict(ALREADY_DECIDED)
    db.session.refresh(comment)


def _decide_version(version: CommentVersion, after: Status) -> None:
    waiting = update(CommentVersion).where(CommentVersion.id == version.id, CommentVersion.status == Status.PENDING)
    if db.session.execute(waiting.values(status=after).returning(CommentVersion.id)).first() is None:
        raise Conflict(ALREADY_DECIDED)
    db.session.refresh(version)
