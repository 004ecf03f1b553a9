"""A page of a thread: one query, found by key, whatever the size of the thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Row,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import Comment, Status
from core.damage import Damaged, demand_kinds, kind_of, read_by, reading
from core.database import db
from core.errors import NotFound
from core.i18n import _

COMMENTS_PER_PAGE = 50
PAGE_BYTES = 250_000
WORDS = 400

_Parent, _ParentUser = aliased(Comment), aliased(User)


def shown_name(user: Any, comment: Any) -> Any:
    """What a reply is signed with: the account's present name, the guest's nickname, nothing for an account that is leaving or gone."""
    return case((user.leaves_at.is_not(None), ""), else_=func.coalesce(user.username, comment.nickname))


_shown = (
    Comment.id,
    Comment.floor,
    Comment.root_floor,
    shown_name(User, Comment).label("nickname"),
    Comment.published_at,
    Comment.created_at,
    Comment.edited_at,
    Comment.withdrawn_at,
    Comment.body_html,
    func.substr(Comment.body, 1, WORDS, type_=String).label("words"),
    Comment.status,
    Comment.held_reason,
    Comment.removed_reason,
    Comment.quote,
    Comment.is_by_author,
    Comment.user_id,
    Comment.writer_hash,
    Comment.email_key,
    _Parent.floor.label("parent_floor"),
    _Parent.id.label("parent_id"),
    case((_Parent.status == Status.PUBLISHED, shown_name(_ParentUser, _Parent))).label("parent_nickname"),
)

_KINDS = tuple(kind_of(column.type) for column in _shown)

Shown = Row[Any]


def _rows() -> Any:
    return (
        select(*_shown)
        .outerjoin(User, User.id == Comment.user_id)
        .outerjoin(_Parent, _Parent.id == Comment.parent_id)
        .outerjoin(_ParentUser, _ParentUser.id == _Parent.user_id)
    )


def _whole(*queries: Select[Any]) -> Sequence[Shown]:
    """Return the rows of these queries by one statement. Where some are damaged they are left out, and it takes a few more."""
    if len(queries) > 1:
        try:
            return _read(union_all(*queries))
        except Damaged:
            return [row for one in queries for row in _whole(one)]
    return read_by(_read, queries[0], Comment.id)


def _read(rows: Any) -> Sequence[Shown]:
    with reading():
        found = db.session.execute(rows).all()
    for row in found:
        demand_kinds(row, _KINDS)
    return found


def _on(article_id: int) -> Any:
    """What has a floor is shown: as it is, or as a tombstone. A row in a state that is none is for the moderation desk."""
    return and_(Comment.article_id == article_id, Comment.floor.is_not(None), Comment.status.in_(Status))


@dataclass(frozen=True)
class Place:
    """Where in a thread a page begins: `?sort= ?about= ?from= ?before=`, and what the form answers: `?to= ?cite= ?quote=`.

    `about` and `quote` are keys of paragraphs: only the replies about it, by floor; the one that is quoted.
    """

    sort: str = "oldest"
    about: str | None = None
    from_floor: int | None = None
    before_floor: int | None = None
    to: int | None = None
    quote: str | None = None
    cites: bool = False

    @property
    def here(self) -> dict[str, str | int]:
        """The parameters that name this place again, without what is answered."""
        named = {**self.order, "from": self.from_floor, "before": self.before_floor}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def order(self) -> dict[str, str]:
        """The parameters that name the order without the place in it."""
        named = {"sort": None if self.sort == "oldest" else self.sort, "about": self.about}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def is_nested(self) -> bool:
        """Whether the replies stand under what they answer, one level deep."""
        return self.sort == "oldest" and self.about is None


@dataclass(frozen=True)
class ThreadRows:
    """A page of a thread in its order, whether any come before it, and the floor the next page begins with (None: the last page)."""

    items: Sequence[Shown]
    has_earlier: bool
    next_floor: int | None


def thread_rows(article: Article, place: Place) -> ThreadRows:
    """Return a page in the order of `place`: 50 replies, or fewer where their HTML would be more than 250 kB.

    The page ends before `place.before_floor`, else begins at `place.from_floor`. Raises NotFound for a floor that is not there.
    """
    falls, backwards = place.sort == "newest", place.before_floor is not None
    key, mark = _order(article, place)
    query = _rows().where(_on(article.id), *_among(place))
    if backwards:
        query = query.where(key > mark if falls else key < mark)
    elif place.from_floor is not None:
        query = query.where(key <= mark if falls else key >= mark)
    columns = (Comment.root_floor, Comment.floor) if place.is_nested else (Comment.floor,)
    ordered = query.order_by(*(column.desc() if falls != backwards else column.asc() for column in columns))
    found = _whole(ordered.limit(COMMENTS_PER_PAGE + 1))
    if not found and (place.from_floor or place.before_floor):
        raise NotFound(_("这里没有这一楼。"))
    end = fitting(found)
    rows, more = found[:end], found[end:]
    if backwards:
        return ThreadRows(rows[::-1], bool(more), place.before_floor)
    has_earlier = bool(place.from_floor) and not _is_first(article, place, rows)
    return ThreadRows(rows, has_earlier, more[0].floor if more else None)


def fitting(found: Sequence[Shown]) -> int:
    """Return how many of the rows make a page: at least one, at most 50."""
    total = 0
    for count, row in enumerate(found[:COMMENTS_PER_PAGE]):
        total += len(row.body_html.encode())
        if total > PAGE_BYTES and count:
            return count
    return COMMENTS_PER_PAGE


def _among(place: Place) -> list[ColumnElement[bool]]:
    by_author = [Comment.is_by_author.is_(True)] if place.sort == "author" else []
    return by_author + ([Comment.quote == place.about] if place.about else [])


def _order(article: Article, place: Place) -> tuple[Any, Any]:
    """Return what the rows are ordered by and where the floor stands in it: nowhere (NULL) when there is no such floor."""
    floor = place.before_floor or place.from_floor
    there = select(Comment.root_floor, Comment.floor).where(Comment.article_id == article.id, Comment.floor == floor)
    own = there.with_only_columns(Comment.floor).scalar_subquery()
    if not place.is_nested:
        return Comment.floor, own
    root = there.with_only_columns(Comment.root_floor).scalar_subquery()
    return tuple_(Comment.root_floor, Comment.floor), tuple_(root, own)


def _is_first(article: Article, place: Place, found: Sequence[Shown]) -> bool:
    """Floors are never given up, so the first of all is known without asking; the author's first is not."""
    first = 1 if place.is_nested else article.last_floor if place.sort == "newest" else None
    return bool(found[0].floor == first)


@dataclass(frozen=True)
class Whose:
    """By what somebody can show that a reply is theirs: the account, the cookie of this browser, an address they proved."""

    user_id: int | None = None
    writer_hash: str | None = None
    email_key: str | None = None

    def clauses(self) -> list[ColumnElement[bool]]:
        """Return one condition for each way in which a reply may be theirs, none where nobody is known."""
        return [
            *([Comment.user_id == self.user_id] if self.user_id else []),
            *([Comment.writer_hash == self.writer_hash] if self.writer_hash else []),
            *([and_(Comment.email_key == self.email_key, Comment.user_id.is_(None))] if self.email_key else []),
        ]


NOBODY = Whose()


def rows_beside(
    article: Article, *, floors: Collection[int], ids: Collection[int], whose: Whose, everyones: bool
) -> tuple[Sequence[Shown], Sequence[Shown]]:
    """Return two lists by one query: public replies by floor or id, in no order; and those that wait and this visitor may see.

    The second is oldest first, at most the newest page of them: one's own, in any state without a floor; for moderators every pending one.
    """
    parts: list[ColumnElement[bool]] = [Comment.floor.in_(floors)] if floors else []
    parts += [and_(Comment.floor.is_not(None), Comment.id.in_(ids))] if ids else []
    mine = and_(Comment.status != Status.DELETED, or_(false(), *whose.clauses()))
    if everyones or whose.clauses():
        seen = or_(mine, Comment.status == Status.PENDING) if everyones else mine
        wait = select(Comment.id).where(Comment.article_id == article.id, Comment.floor.is_(None), seen)
        parts.append(Comment.id.in_(wait.order_by(Comment.id.desc()).limit(COMMENTS_PER_PAGE)))
    if not parts:
        return [], []
    found = _whole(*(_rows().where(Comment.article_id == article.id, part) for part in parts))
    newest_first = sorted((row for row in found if not row.floor), key=lambda row: row.id, reverse=True)
    return [row for row in found if row.floor], newest_first[: fitting(newest_first)][::-1]


def page_start(comment: Comment, place: Place) -> int | None:
    """Return the floor the page showing this reply in the order of `place` begins at, None when the first page shows it.

    In reading order that is its root, or itself where the root is further than a page away; else itself.
    """
    before = _before(comment, place)
    if _fits(before, comment):
        return None
    if place.is_nested and _fits(before.where(Comment.root_floor == comment.root_floor), comment):
        return comment.root_floor
    return comment.floor


def _before(comment: Comment, place: Place) -> Select[Any]:
    """The sizes of what comes before this reply, the nearest first."""
    sizes = select(_bytes_of(Comment.body_html).label("bytes")).where(_on(comment.article_id), *_among(place))
    if place.sort == "newest":
        return sizes.where(Comment.floor > comment.floor).order_by(Comment.floor.asc())
    if not place.is_nested:
        return sizes.where(Comment.floor < comment.floor).order_by(Comment.floor.desc())
    here = tuple_(Comment.root_floor, Comment.floor) < tuple_(comment.root_floor, comment.floor)
    return sizes.where(here).order_by(Comment.root_floor.desc(), Comment.floor.desc())


def _fits(before: Select[Any], comment: Comment) -> bool:
    """Tell whether a page that begins with the first of these rows shows the reply that follows them; no more than a page is read."""
    rows = before.limit(COMMENTS_PER_PAGE).subquery()
    count, size = db.session.execute(
        select(func.count(), func.coalesce(func.sum(rows.c.bytes), 0)).select_from(rows)
    ).one()
    own = len(comment.body_html.encode())
    return bool(count < COMMENTS_PER_PAGE and (count == 0 or size + own <= PAGE_BYTES))


def _bytes_of(column: Any) -> Any:
    """SQLite counts characters of text, and bytes of the same as a blob."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    return func.length(cast(column, LargeBinary)) if is_sqlite else func.octet_length(column)
