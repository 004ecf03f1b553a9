"""A page of replies as it is read: which part of the thread, in which order, with what only this visitor sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blueprints.articles.models import Article
from blueprints.auth.login import Visitor
from blueprints.comments.queries import Shown, ThreadRows, comments_at, thread_rows, waiting_on
from core.database import LARGEST_ID
from core.errors import NotFound
from core.i18n import _

SORTS = ("oldest", "newest", "author")


@dataclass(frozen=True)
class Place:
    """Where in a thread a page begins: `?sort= ?from= ?before= ?to=`; what is not known is ignored."""

    sort: str = "oldest"
    from_floor: int | None = None
    before_floor: int | None = None
    to: int | None = None

    @property
    def here(self) -> dict[str, str | int]:
        """The parameters that name this place again, without `to`."""
        named = {
            "sort": None if self.sort == "oldest" else self.sort,
            "from": self.from_floor,
            "before": self.before_floor,
        }
        return {name: value for name, value in named.items() if value is not None}


def place_in(arguments: Mapping[str, str]) -> Place:
    """Return the place a request names. Raises NotFound for numbers no reply can have."""
    sort = arguments.get("sort", "oldest")
    return Place(
        sort if sort in SORTS else "oldest",
        _number(arguments.get("from")),
        _number(arguments.get("before")),
        _number(arguments.get("to")),
    )


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 10 or not 0 < int(text) <= LARGEST_ID:
        raise NotFound(_("这里没有这一楼。"))
    return int(text)


@dataclass(frozen=True)
class Thread:
    """One root with the replies of its thread that are on this page; `root` is None where the page begins inside it."""

    root: Shown | None
    replies: Sequence[Shown]


@dataclass(frozen=True)
class ThreadPage:
    """What the list of replies shows. `continued` is the root that a page beginning inside its thread repeats as a link."""

    place: Place
    page: ThreadRows
    threads: Sequence[Thread]
    continued: Shown | None
    waiting: Sequence[Shown]
    target: Shown | None
    sees_all: bool


def read_thread(article: Article, place: Place, visitor: Visitor, parent_id: int | None = None) -> ThreadPage:
    """Return the page at `place`; the reply to answer is `parent_id`, else the one the address names. Raises NotFound."""
    page = thread_rows(article, place.sort, place.from_floor, place.before_floor)
    known = {row.id: row for row in page.items}
    wanted = parent_id or place.to
    inside = (
        page.items[0].root_floor
        if place.sort == "oldest" and page.items and page.items[0].floor != page.items[0].root_floor
        else None
    )
    ids = [wanted] if wanted and wanted not in known else []
    if inside or ids:
        known |= {row.id: row for row in comments_at(article, floors=[inside] if inside else [], ids=ids)}
    has_own = visitor.user is not None or visitor.writer_token
    return ThreadPage(
        place=place,
        page=page,
        threads=_grouped(page.items) if place.sort == "oldest" else [Thread(row, ()) for row in page.items],
        continued=next((row for row in known.values() if inside and row.floor == inside), None),
        waiting=waiting_on(article, visitor.user, visitor.writer_token, everyones=visitor.may_moderate)
        if has_own
        else (),
        target=_answerable(known.get(wanted or 0)),
        sees_all=visitor.may_moderate,
    )


def _grouped(rows: Sequence[Shown]) -> list[Thread]:
    threads: list[tuple[Shown | None, list[Shown]]] = []
    for row in rows:
        if row.floor == row.root_floor:
            threads.append((row, []))
        elif not threads or _root_of(threads[-1]) != row.root_floor:
            threads.append((None, [row]))
        else:
            threads[-1][1].append(row)
    return [Thread(root, replies) for root, replies in threads]


def _root_of(thread: tuple[Shown | None, list[Shown]]) -> int:
    root, replies = thread
    return int(root.root_floor if root is not None else replies[0].root_floor)


def _answerable(row: Shown | None) -> Shown | None:
    return row if row is not None and row.status.value == "published" else None


def signed(nickname: str) -> str:
    """Return what stands over a reply: the name, or that its account is no more."""
    return nickname or str(_("已注销"))
