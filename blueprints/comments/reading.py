"""A page of replies as it is read: which part of the thread, in which order, with what only this visitor sees."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Executable

from blueprints.articles.models import Article
from blueprints.articles.paragraphs import paragraph_number, paragraph_words
from blueprints.auth.login import Visitor
from blueprints.comments.ownership import Rights, rights_over, whose_is
from blueprints.comments.thread_queries import Place, Shown, ThreadRows, Whose, rows_beside, thread_rows
from blueprints.comments.visits import Visit, visit_of
from core.database import LARGEST_ID
from core.errors import NotFound
from core.i18n import _
from core.text import quoted

SORTS = ("oldest", "newest", "author")
_KEY = re.compile(r"[a-z0-9]{1,16}", re.ASCII)


def place_in(arguments: Mapping[str, str]) -> Place:
    """Return the place a request names; what is not known is ignored. Raises NotFound for numbers no reply can have."""
    sort = arguments.get("sort", "oldest")
    return Place(
        sort=sort if sort in SORTS else "oldest",
        about=_key(arguments.get("about")),
        from_floor=_number(arguments.get("from")),
        before_floor=_number(arguments.get("before")),
        to=_number(arguments.get("to")),
        quote=_key(arguments.get("quote")),
        cites=arguments.get("cite") == "1",
    )


def _key(text: str | None) -> str | None:
    return text if text and _KEY.fullmatch(text) else None


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
class Answering:
    """What the form answers: a reply (`target`), a paragraph (`key`, the `number`-th), or the article; `words` are to be quoted."""

    target: Shown | None = None
    key: str = ""
    number: int = 0
    words: str = ""

    @property
    def quotation(self) -> str:
        """What the field holds before anything is typed: the quoted words as Markdown, and room below."""
        return quoted(self.words)


@dataclass(frozen=True)
class ThreadPage:
    """What the list of replies shows. `continued` is the root that a page beginning inside its thread repeats as a link.

    `numbers` tells which paragraph each key on the page is. `since` is the floor up to which this visitor had read before; `first_new` the first later floor in the order of the page.
    `rights` holds, by id, what they may do with their own. `note` is to be written after the answer.
    """

    place: Place
    page: ThreadRows
    threads: Sequence[Thread]
    continued: Shown | None
    waiting: Sequence[Shown]
    answering: Answering
    numbers: Mapping[str, int]
    sees_all: bool
    rights: Mapping[int, Rights] = field(default_factory=dict)
    since: int | None = None
    first_new: int | None = None
    note: Executable | None = None


def read_thread(
    article: Article, place: Place, who: Visitor, parent_id: int | None = None, quote: str = ""
) -> ThreadPage:
    """Return the page at `place`. What the form answers is `parent_id` and `quote`, else what the address names. Raises NotFound."""
    page, whose = thread_rows(article, place), whose_is(who)
    wanted, inside = parent_id or place.to, _root_before(page.items, place)
    known = {row.id: row for row in page.items}
    public, waiting = rows_beside(
        article,
        floors=[inside] if inside else [],
        ids=[wanted] if wanted and wanted not in known else [],
        whose=whose,
        everyones=who.may_moderate,
    )
    known |= {row.id: row for row in public}
    visit = visit_of(who.user, article) if who.user is not None else Visit()
    rights = _rights([*page.items, *waiting], whose)
    since = _past_own(visit.read_floor, page.items, rights)
    return ThreadPage(
        place=place,
        page=page,
        threads=_grouped(page.items) if place.is_nested else [Thread(row, ()) for row in page.items],
        continued=next((row for row in known.values() if inside and row.floor == inside), None),
        waiting=waiting,
        answering=_answering(article, place, known.get(wanted or 0), quote),
        numbers=_numbers(article, page.items),
        sees_all=who.may_moderate,
        rights=rights,
        since=since,
        first_new=next((row.floor for row in page.items if row.floor > (since or row.floor)), None),
        note=visit.note,
    )


def _root_before(rows: Sequence[Shown], place: Place) -> int | None:
    """Return the floor of the root whose thread the page begins inside of, None where it begins with a root."""
    is_inside = place.is_nested and bool(rows) and rows[0].floor != rows[0].root_floor
    return rows[0].root_floor if is_inside else None


def _past_own(floor: int | None, rows: Sequence[Shown], rights: Mapping[int, Rights]) -> int | None:
    """Return how far somebody had read; their own replies right after that are no news to them."""
    own = {row.floor for row in rows if row.id in rights}
    while floor is not None and floor + 1 in own:
        floor += 1
    return floor


def _numbers(article: Article, rows: Sequence[Shown]) -> dict[str, int]:
    keys = {row.quote for row in rows if row.quote}
    return {key: number for key in keys if (number := paragraph_number(article, key))}


def _rights(rows: Sequence[Shown], whose: Whose) -> dict[int, Rights]:
    """An answer stands under what it answers, nearly always on the same page; where it does not, the act itself says no."""
    if not whose.clauses():
        return {}
    answered = {row.parent_id for row in rows if row.status.value == "published"}
    found = {row.id: rights_over(row, whose, answered=row.id in answered) for row in rows}
    return {row_id: rights for row_id, rights in found.items() if rights != Rights()}


def _answering(article: Article, place: Place, row: Shown | None, quote: str) -> Answering:
    """A reply that is not there or not public, and a paragraph that is gone, are not answered."""
    target = row if row is not None and row.status.value == "published" else None
    key = quote or place.quote or ""
    number = paragraph_number(article, key) if key else None
    words = ""
    if place.cites and target is not None:
        words = target.words
    elif place.quote and number:
        words = paragraph_words(article, key) or ""
    return Answering(target, key if number else "", number or 0, words)


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


def signed(nickname: str) -> str:
    """Return what stands over a reply: the name, or that its account is no more."""
    return nickname or str(_("已注销"))
