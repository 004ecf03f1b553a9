"""What stands in the log: who decided what, the last act, and what was removed from the public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from blueprints.articles.models import Article
from blueprints.auth.models import Role, User
from blueprints.comments.models import Comment, Status
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.queue_queries import plain, text_of
from core import clock
from core.database import LARGEST_ID, db
from core.paging import Page, cut

LINES = 30
REMOVALS = 50
BEGINNING = 200
LOOKED_AT = 2000  # decisions that a page of removals looks through
SHOWN_FOR = timedelta(hours=12)
AGAINST = (Act.REJECT, Act.SPAM, Act.REMOVE)


@dataclass(frozen=True)
class Line:
    """One line of the log: what was decided in one go, told by its first decision, how many it was, and whose words it was about."""

    first: Decision
    count: int
    nickname: str
    beginning: str


def last_act_of(user: User) -> Line | None:
    """Return the last thing somebody decided in the last hours, None when there is none."""
    last = select(Decision.batch).where(Decision.actor_id == user.id, Decision.created_at > clock.now() - SHOWN_FOR)
    batch = last.order_by(Decision.id.desc()).limit(1).scalar_subquery()
    found = db.session.execute(_lines().where(Decision.batch == batch).order_by(Decision.id).limit(1)).first()
    return _line(found) if found else None


def _lines() -> Select[Any]:
    same = aliased(Decision)
    count = select(func.count()).where(same.batch == Decision.batch).scalar_subquery()
    about = plain(Comment.nickname), plain(func.substr(Comment.body, 1, BEGINNING))
    lines = select(Decision, count, *about).outerjoin(Comment, Comment.id == Decision.comment_id)
    return lines.options(joinedload(Decision.actor))


def _line(row: Any) -> Line:
    return Line(row[0], row[1], text_of(row[2]), text_of(row[3]))


def log_page(before: int | None, *, actor_id: int | None = None, act: Act | None = None) -> Page[Line]:
    """Return 30 lines of the log, the newest first; those older than the decision `before`."""
    earlier = aliased(Decision)
    is_first = ~exists().where(earlier.batch == Decision.batch, earlier.id < Decision.id)
    wanted = _lines().where(is_first)
    if before is not None and 0 < before <= LARGEST_ID:
        wanted = wanted.where(Decision.id < before)
    if actor_id is not None:
        wanted = wanted.where(Decision.actor_id == (actor_id or None))
    if act is not None:
        same = aliased(Decision)
        wanted = wanted.where(exists().where(same.batch == Decision.batch, same.act == act))
    found = db.session.execute(wanted.order_by(Decision.id.desc()).limit(LINES + 1)).all()
    return cut([_line(row) for row in found], LINES, has_earlier=before is not None)


def moderators() -> Sequence[User]:
    """Return those who may decide, by name."""
    staff = select(User).where(User.role.in_((Role.MODERATOR, Role.ADMINISTRATOR)))
    return db.session.scalars(staff.order_by(User.username).limit(100)).all()


def last_handled_at() -> datetime | None:
    """Return when somebody decided something last, None when nobody did."""
    return db.session.scalar(select(func.max(Decision.created_at)))


@dataclass(frozen=True)
class Removal:
    """One reply that was public and is not any more."""

    id: int
    at: datetime
    floor: int | None
    reason: str | None
    comment_id: int
    title: str
    lang: str


def removals(before: int | None) -> Page[Removal]:
    """Return 50 removals of replies that were public and are not any more, the newest first."""
    later = aliased(Decision)
    newer = exists().where(later.comment_id == Decision.comment_id, later.id > Decision.id)
    again = newer.where(later.act.in_(AGAINST), later.undone_at.is_(None))
    newest = select(Decision.id).where(Decision.act.in_(AGAINST), Decision.undone_at.is_(None))
    if before is not None and 0 < before <= LARGEST_ID:
        newest = newest.where(Decision.id < before)
    near = newest.order_by(Decision.id.desc()).limit(LOOKED_AT).subquery()
    columns = (
        Decision.id,
        Decision.created_at,
        Comment.floor,
        Comment.removed_reason,
        Comment.id,
        Article.title,
        Article.lang,
    )
    public = Article.withdrawn_at.is_(None), Article.published_at.is_not(None)
    gone = and_(Comment.floor.is_not(None), Comment.status.in_((Status.REJECTED, Status.SPAM)))
    rows = select(*columns).join(near, near.c.id == Decision.id).join(Comment, Comment.id == Decision.comment_id)
    shown = rows.join(Article, Article.id == Comment.article_id).where(gone, ~again, *public)
    found = db.session.execute(shown.order_by(Decision.id.desc()).limit(REMOVALS + 1)).all()
    return cut([Removal(*row) for row in found], REMOVALS, has_earlier=before is not None)
