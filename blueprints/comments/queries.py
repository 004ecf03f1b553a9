"""What can be asked about replies. A page of a thread is one query, found by key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import aliased, joinedload

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import Comment, Status
from core.database import LARGEST_ID, db
from core.errors import NotFound
from core.i18n import _, _l
from core.paging import Page, cut
from core.tokens import hash_of

COMMENTS_PER_PAGE, COMMENTS_BY_PAGE = 50, 20
NO_SUCH_COMMENT = _l("没有这条回复，或者它还在等人工查看。")
SHOWN = (Status.PUBLISHED, Status.DELETED)

_Parent, _ParentUser = aliased(Comment), aliased(User)


def _name(user: Any, comment: Any) -> Any:
    """What a reply is signed with: the account's present name, the guest's nickname, nothing for an account that is leaving or gone."""
    return case((user.leaves_at.is_not(None), ""), else_=func.coalesce(user.username, comment.nickname))


_shown = (
    Comment.id,
    Comment.floor,
    Comment.root_floor,
    _name(User, Comment).label("nickname"),
    Comment.published_at,
    Comment.created_at,
    Comment.body_html,
    Comment.body,
    Comment.status,
    Comment.held_reason,
    Comment.is_by_author,
    _Parent.floor.label("parent_floor"),
    _Parent.id.label("parent_id"),
    _name(_ParentUser, _Parent).label("parent_nickname"),
)

Shown = Row[Any]


def _rows() -> Any:
    return (
        select(*_shown)
        .outerjoin(User, User.id == Comment.user_id)
        .outerjoin(_Parent, _Parent.id == Comment.parent_id)
        .outerjoin(_ParentUser, _ParentUser.id == _Parent.user_id)
    )


def _on(article: Article) -> Any:
    return and_(Comment.article_id == article.id, Comment.floor.is_not(None), Comment.status.in_(SHOWN))


@dataclass(frozen=True)
class ThreadRows:
    """A page of a thread in its order, whether any come before it, and the floor the next page begins with (None: the last page)."""

    items: Sequence[Shown]
    has_earlier: bool
    next_floor: int | None


def thread_rows(article: Article, sort: str, from_floor: int | None, before_floor: int | None) -> ThreadRows:
    """Return 50 replies in the order of `sort`: threads oldest first, all newest first, or the author's own.

    The page ends before `before_floor`, else begins at `from_floor`. Raises NotFound for a floor that is not there.
    """
    falls, backwards = sort == "newest", before_floor is not None
    key, place = _order(article, sort, before_floor or from_floor)
    query = _rows().where(_on(article))
    if sort == "author":
        query = query.where(Comment.is_by_author.is_(True))
    if backwards:
        query = query.where(key > place if falls else key < place)
    elif from_floor is not None:
        query = query.where(key <= place if falls else key >= place)
    columns = (Comment.root_floor, Comment.floor) if sort == "oldest" else (Comment.floor,)
    ordered = query.order_by(*(column.desc() if falls != backwards else column.asc() for column in columns))
    found = list(db.session.execute(ordered.limit(COMMENTS_PER_PAGE + 1)).all())
    if not found and (from_floor or before_floor):
        raise NotFound(_("这里没有这一楼。"))
    rows, more = found[:COMMENTS_PER_PAGE], found[COMMENTS_PER_PAGE:]
    if backwards:
        return ThreadRows(rows[::-1], bool(more), before_floor)
    return ThreadRows(rows, bool(from_floor) and not _is_first(article, sort, rows), more[0].floor if more else None)


def _order(article: Article, sort: str, floor: int | None) -> tuple[Any, Any]:
    """Return what the rows are ordered by and where `floor` stands in it: nowhere (NULL) when there is no such floor."""
    there = select(Comment.root_floor, Comment.floor).where(Comment.article_id == article.id, Comment.floor == floor)
    root = there.with_only_columns(Comment.root_floor).scalar_subquery()
    own = there.with_only_columns(Comment.floor).scalar_subquery()
    return (tuple_(Comment.root_floor, Comment.floor), tuple_(root, own)) if sort == "oldest" else (Comment.floor, own)


def _is_first(article: Article, sort: str, found: Sequence[Shown]) -> bool:
    """Floors are never given up, so the first of all is known without asking; the author's first is not."""
    return bool({"oldest": found[0].floor == 1, "newest": found[0].floor == article.last_floor}.get(sort, False))


def comments_at(article: Article, *, floors: Collection[int], ids: Collection[int]) -> Sequence[Shown]:
    """Return public replies of the article by floor or id, in no order; what is not there is left out."""
    return db.session.execute(_rows().where(_on(article), or_(Comment.floor.in_(floors), Comment.id.in_(ids)))).all()


def waiting_on(article: Article, user: User | None, writer_token: str | None, *, everyones: bool) -> Sequence[Shown]:
    """Return the replies that wait for a moderator and that this visitor may see, oldest first, at most 50."""
    mine = [Comment.user_id == user.id] if user is not None else []
    if writer_token:
        mine.append(Comment.writer_hash == hash_of(writer_token))
    whose = or_(*mine) if not everyones else Comment.id.is_not(None)
    states = (Status.PENDING,) if everyones else (Status.PENDING, Status.REJECTED, Status.SPAM)
    waiting = _rows().where(Comment.article_id == article.id, Comment.status.in_(states), whose)
    return db.session.execute(waiting.order_by(Comment.id).limit(COMMENTS_PER_PAGE)).all()


def comment_by_id(comment_id: int) -> Comment:
    """Return a reply in any state. Raises NotFound."""
    comment = db.session.get(Comment, comment_id) if 0 < comment_id <= LARGEST_ID else None
    if comment is None:
        raise NotFound(NO_SUCH_COMMENT)
    return comment


def page_start(comment: Comment) -> int | None:
    """Return the floor the page showing this reply begins at, None when the article's first page shows it.

    Otherwise the page begins at its root, or at itself where the root is further than 49 rows away.
    """
    here = tuple_(Comment.root_floor, Comment.floor) < tuple_(comment.root_floor, comment.floor)
    shown = select(Comment.root_floor).where(_on(comment.article))
    if _count(shown.where(here)) < COMMENTS_PER_PAGE:
        return None
    within_thread = _count(shown.where(here, Comment.root_floor == comment.root_floor))
    return comment.root_floor if within_thread < COMMENTS_PER_PAGE else comment.floor


def _count(rows: Select[Any]) -> int:
    """Count, but no further than a page."""
    return db.session.scalar(select(func.count()).select_from(rows.limit(COMMENTS_PER_PAGE).subquery())) or 0


def comments_by(user: User, before: int | None = None) -> Page[Comment]:
    """Return 20 of the account's replies, whatever became of them, newest first; those older than the id `before`."""
    mine = select(Comment).where(Comment.user_id == user.id).options(joinedload(Comment.article))
    if before is not None and 0 < before <= LARGEST_ID:
        mine = mine.where(Comment.id < before)
    found = db.session.scalars(mine.order_by(Comment.id.desc()).limit(COMMENTS_BY_PAGE + 1)).all()
    return cut(found, COMMENTS_BY_PAGE, has_earlier=before is not None)


def stored_about(user: User) -> dict[str, Any]:
    """Return everything this room stores about an account, as plain values, oldest first."""
    mine = select(Comment).where(Comment.user_id == user.id).options(joinedload(Comment.article))
    return {
        "replies": [
            {
                "article": comment.article.slug,
                "title": comment.article.title,
                "floor": comment.floor,
                "status": comment.status.value,
                "written_at": comment.created_at.isoformat(),
                "published_at": comment.published_at.isoformat() if comment.published_at else None,
                "address_block": comment.address_block,
                "body": comment.body,
            }
            for comment in db.session.scalars(mine.order_by(Comment.id)).all()
        ]
    }


def pending_comments(limit: int) -> Sequence[Comment]:
    """Return the replies that wait for a moderator, oldest first."""
    return db.session.scalars(
        select(Comment).where(Comment.status == Status.PENDING).order_by(Comment.id).limit(limit)
    ).all()
