"""What can be asked about single replies, and about those of one writer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from blueprints.articles.models import Article
from blueprints.comments.models import (
    BY_MAIL,
    UNSEEN,
    Appeal,
    Comment,
    CommentVersion,
    Flag,
    GuestAddress,
    GuestSession,
    LastVisit,
    Status,
)
from blueprints.comments.screening_models import Ban
from blueprints.comments.thread_queries import Whose
from core import clock
from core.damage import readable, whole_by_id
from core.database import LARGEST_ID, db
from core.errors import NotFound
from core.i18n import _, _l
from core.paging import Page, cut
from core.tokens import hash_of

COMMENTS_BY_PAGE = 20
NO_SUCH_COMMENT = _l("没有这条回复，或者它还在等人工查看。")


def comment_by_id(comment_id: int) -> Comment:
    """Return a reply in any state. Raises NotFound, also where its row is damaged."""
    comment = whole_by_id(Comment, comment_id) if 0 < comment_id <= LARGEST_ID else None
    if comment is None:
        raise NotFound(NO_SUCH_COMMENT)
    return comment


def comment_at(article: Article, floor: int) -> Comment:
    """Return the reply on this floor, or the next one there is. Raises NotFound."""
    there = select(Comment).where(Comment.article_id == article.id, Comment.floor >= floor)
    comment = db.session.scalar(there.order_by(Comment.floor).limit(1)) if floor <= LARGEST_ID else None
    if comment is None:
        raise NotFound(_("这里没有这一楼。"))
    return comment


def next_by_author(comment: Comment) -> Comment | None:
    """Return the author's next public reply in reading order, after the last one the first; None when there is none."""
    by_author = select(Comment).where(
        Comment.article_id == comment.article_id, Comment.is_by_author.is_(True), Comment.status == Status.PUBLISHED
    )
    ordered = by_author.order_by(Comment.root_floor, Comment.floor).limit(1)
    here = tuple_(Comment.root_floor, Comment.floor) > tuple_(comment.root_floor, comment.floor)
    return db.session.scalar(ordered.where(here)) or db.session.scalar(ordered)


def is_answered(comment: Comment) -> bool:
    """Tell whether a public reply answers this one."""
    answers = select(Comment.id).where(Comment.parent_id == comment.id, Comment.status == Status.PUBLISHED)
    return db.session.scalar(answers.limit(1)) is not None


def answered_among(comments: Sequence[Comment]) -> set[int | None]:
    """Return the ids of those that a public reply answers."""
    answers = select(Comment.parent_id).where(
        Comment.parent_id.in_([comment.id for comment in comments]), Comment.status == Status.PUBLISHED
    )
    return set(db.session.scalars(answers).all())


def former_texts(comment: Comment) -> Sequence[CommentVersion]:
    """Return the texts the public could read before the present one, oldest first."""
    public = select(CommentVersion).where(
        CommentVersion.comment_id == comment.id, CommentVersion.status == Status.PUBLISHED
    )
    return db.session.scalars(public.order_by(CommentVersion.number)).all()


def latest_number(comment: Comment) -> int:
    """Return the number of the newest text a reply has, had or was to have."""
    newest = select(func.max(CommentVersion.number)).where(CommentVersion.comment_id == comment.id)
    return max(comment.version, db.session.scalar(newest) or 0)


def pending_version(comment: Comment) -> CommentVersion | None:
    """Return the text that waits beside the present one, None when none does that can be read."""
    newer = CommentVersion.comment_id == comment.id, CommentVersion.number > comment.version
    waiting = select(CommentVersion).where(*newer, CommentVersion.status == Status.PENDING)
    newest = readable(waiting.order_by(CommentVersion.number.desc()).limit(1), CommentVersion.id)
    return newest[0] if newest else None


def version_of(comment: Comment, number: int) -> CommentVersion:
    """Return one of the texts a reply had or is to have. Raises NotFound."""
    wanted = select(CommentVersion).where(CommentVersion.comment_id == comment.id, CommentVersion.number == number)
    version = db.session.scalar(wanted) if number <= LARGEST_ID else None
    if version is None:
        raise NotFound(NO_SUCH_COMMENT)
    return version


def guest_session(token: str | None) -> GuestSession | None:
    """Return the session of somebody who opened the link of a letter in this browser, None when it has ended."""
    if not token:
        return None
    mine = select(GuestSession).where(GuestSession.token_hash == hash_of(token), GuestSession.expires_at > clock.now())
    return db.session.scalar(mine)


def comments_by(whose: Whose, before: int | None = None) -> Page[Comment]:
    """Return 20 of somebody's replies, whatever became of them, newest first; those older than the id `before`."""
    mine = select(Comment).where(_theirs(whose)).options(joinedload(Comment.article))
    if before is not None and 0 < before <= LARGEST_ID:
        mine = mine.where(Comment.id < before)
    found = readable(mine.order_by(Comment.id.desc()).limit(COMMENTS_BY_PAGE + 1), Comment.id)
    return cut(found, COMMENTS_BY_PAGE, has_earlier=before is not None)


def unseen_texts(comments: Sequence[Comment]) -> dict[int, CommentVersion]:
    """Return, by the id of the reply, the newest text of each that waits beside the public one or was not accepted."""
    newer = (
        select(CommentVersion)
        .join(CommentVersion.comment)
        .where(
            CommentVersion.comment_id.in_([comment.id for comment in comments]),
            CommentVersion.number > Comment.version,
            CommentVersion.status.in_(UNSEEN),
        )
    )
    return {text.comment_id: text for text in readable(newer.order_by(CommentVersion.number), CommentVersion.id)}


def _theirs(whose: Whose) -> ColumnElement[bool]:
    """By the index that finds most: an account, else an address, else a browser."""
    return or_(*whose.clauses())


def stored_about(whose: Whose) -> dict[str, Any]:
    """Return everything this room stores about a writer, as plain values, oldest first."""
    mine = select(Comment).where(_theirs(whose)).options(joinedload(Comment.article)).order_by(Comment.id)
    comments = readable(mine, Comment.id)
    texts = select(CommentVersion).join(CommentVersion.comment).where(_theirs(whose)).order_by(CommentVersion.number)
    versions: dict[int, list[CommentVersion]] = {}
    for one in readable(texts, CommentVersion.id):
        versions.setdefault(one.comment_id, []).append(one)
    answers = select(Appeal).join(Appeal.comment).where(_theirs(whose))
    answered = {one.comment_id: one for one in db.session.scalars(answers).all()}
    replies = {one.id: _plain(one, versions.get(one.id, []), answered.get(one.id)) for one in comments}
    damaged = [one for one in db.session.scalars(mine.with_only_columns(Comment.id)) if one not in replies]
    all_of_them = [*replies.values(), *({"number": one, "cannot_be_read": True} for one in damaged)]
    return {
        "replies": all_of_them,
        "bans": _bans(whose),
        **(_read_and_reported(whose.user_id) if whose.user_id else {}),
    }


def _bans(whose: Whose) -> list[dict[str, Any]]:
    is_theirs = Ban.user_id == whose.user_id if whose.user_id else Ban.is_of(whose.email_key or "")
    bans = db.session.scalars(select(Ban).where(is_theirs).order_by(Ban.id)).all()
    return [
        {
            "reason": one.reason,
            "since": one.created_at.isoformat(),
            "until": one.until.isoformat() if one.until else None,
            "lifted_at": one.lifted_at.isoformat() if one.lifted_at else None,
            "address_block": one.address_block,
        }
        for one in bans
    ]


def _read_and_reported(user_id: int) -> dict[str, Any]:
    visits = select(Article.slug, LastVisit).join(LastVisit, LastVisit.article_id == Article.id)
    read = db.session.execute(visits.where(LastVisit.user_id == user_id)).all()
    flags = db.session.scalars(select(Flag).where(Flag.user_id == user_id)).all()
    return {
        "read": [{"article": slug, "floor": one.next_floor, "at": one.seen_at.isoformat()} for slug, one in read],
        "reported": [
            {"comment": one.comment_id, "reason": one.reason.value, "note": one.note, "at": one.created_at.isoformat()}
            for one in flags
        ],
    }


def _plain(comment: Comment, versions: Sequence[CommentVersion], answer: Appeal | None) -> dict[str, Any]:
    return {
        "article": comment.article.slug,
        "title": comment.article.title,
        "floor": comment.floor,
        "answers": comment.parent_id,
        "quotes_paragraph": comment.quote,
        "status": comment.status.value,
        "waits_because": comment.held_reason,
        "removed_because": comment.removed_reason,
        "answer_to_decision": {"body": answer.body, "at": answer.created_at.isoformat()} if answer else None,
        "withdrawn_at": comment.withdrawn_at.isoformat() if comment.withdrawn_at else None,
        "nickname": comment.nickname,
        "email": comment.email,
        "written_at": comment.created_at.isoformat(),
        "published_at": comment.published_at.isoformat() if comment.published_at else None,
        "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
        "address_block": comment.address_block,
        "letters_when_answered": comment.notify,
        "body": comment.body,
        "texts": [
            {
                "number": one.number,
                "status": one.status.value,
                "removed_because": one.removed_reason,
                "body": one.body,
                "at": one.created_at.isoformat(),
            }
            for one in versions
        ],
    }


def about_address(address: GuestAddress) -> dict[str, Any]:
    """Return what is stored about an address itself, as plain values."""
    open_in = select(func.count()).where(
        GuestSession.guest_address_id == address.id, GuestSession.expires_at > clock.now()
    )
    moments = {
        "proved_at": address.proved_at,
        "letters_stopped_at": address.stopped_at,
        "last_letter_at": address.asked_at,
    }
    told = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return {
        "email": address.email,
        "language": address.language,
        **told,
        "open_in_browsers": db.session.scalar(open_in),
    }


def adoptable(user_email_key: str) -> Sequence[Comment]:
    """Return the replies a guest wrote under an account's address, newest first, at most 200."""
    whose = Whose(email_key=user_email_key)
    mine = select(Comment).where(_theirs(whose), Comment.status != Status.DELETED).options(joinedload(Comment.article))
    return readable(mine.order_by(Comment.id.desc()).limit(200), Comment.id)


def awaits_moderator() -> ColumnElement[bool]:
    """The replies that wait for a moderator, and not for their address to be proved."""
    return and_(Comment.status == Status.PENDING, or_(Comment.held_reason.is_(None), Comment.held_reason != BY_MAIL))


def waits_beside() -> ColumnElement[bool]:
    """The changed texts that wait for a moderator: each is newer than the one the public reads."""
    shown = select(Comment.version).where(Comment.id == CommentVersion.comment_id, Comment.status == Status.PUBLISHED)
    is_newer = CommentVersion.number > shown.correlate(CommentVersion).scalar_subquery()
    return and_(CommentVersion.status == Status.PENDING, is_newer)


def pending_comments(limit: int) -> Sequence[Comment]:
    """Return the replies that wait for a moderator, oldest first."""
    return readable(select(Comment).where(awaits_moderator()).order_by(Comment.id).limit(limit), Comment.id)


def pending_versions(limit: int) -> Sequence[CommentVersion]:
    """Return the changed texts of public replies that wait for a moderator, oldest first."""
    waiting = select(CommentVersion).where(waits_beside())
    return readable(waiting.order_by(CommentVersion.id).limit(limit), CommentVersion.id)


def newest_flags(limit: int) -> Sequence[Flag]:
    """Return readers' reports, the newest first."""
    return db.session.scalars(select(Flag).order_by(Flag.id.desc()).limit(limit)).all()
