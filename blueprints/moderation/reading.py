"""The queue as it is read: each reply with everything a moderator decides by."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blueprints.comments.flagging import reason_words
from blueprints.comments.models import FlagReason, Status
from blueprints.comments.screening import finding_words, words_for
from blueprints.moderation.beside_queries import Beside, beside, flags_of, writer_of
from blueprints.moderation.decisions import AGAINST
from blueprints.moderation.models import Seen
from blueprints.moderation.queue_queries import (
    ITEMS,
    Raw,
    Wanted,
    moment_of,
    nameless_states,
    number_of,
    raw_edits,
    raw_page,
    raw_rows,
)
from core.database import LARGEST_ID
from core.folding import SHOWN, WORTH_FOLDING
from core.i18n import _

LINKS_SHOWN = 20
NOTES_SHOWN = 5


@dataclass(frozen=True)
class Record:
    """What became of a writer's replies, this one included, each state counted up to 101; `since` is the first of those counted."""

    counts: Mapping[str, int]
    since: datetime | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def published(self) -> int:
        return self.counts.get("published", 0)

    @property
    def pending(self) -> int:
        return self.counts.get("pending", 0)

    @property
    def withdrawn(self) -> int:
        return self.counts.get("deleted", 0)

    @property
    def refused(self) -> int:
        return self.counts.get("rejected", 0) + self.counts.get("spam", 0)


@dataclass(frozen=True)
class Case:
    """One text of one reply, and what speaks for and against it. `damages` names the columns that cannot be read."""

    row: Raw
    status: Status | None
    created_at: datetime | None
    reasons: Sequence[str]
    links: Sequence[str]
    head: str
    tail: str
    record: Record | None
    like_it: int
    family_last: int
    flag_words: str
    flag_count: int
    notes: Sequence[str]
    damages: Sequence[str]

    @property
    def id(self) -> int:
        return int(self.row["id"])

    @property
    def text(self) -> str:
        """The reply and the number of its text, as forms send it: 12.2."""
        return f"{self.id}.{self.row['number']}"

    @property
    def seen(self) -> str:
        return "damaged" if self.damages else self.state

    @property
    def state(self) -> str:
        return Status.PENDING.value if self.row["is_edit"] else str(self.row["status"])

    @property
    def has_open_appeal(self) -> bool:
        return bool(self.row["appeal"]) and not self.row["appeal_settled_at"]

    @property
    def may_approve(self) -> bool:
        return (
            not self.damages and bool(self.row["body"]) and self.state in ("pending", *(one.value for one in AGAINST))
        )

    @property
    def may_turn_down(self) -> bool:
        return not self.damages and self.state in ("pending", "published")

    @property
    def may_keep(self) -> bool:
        return not self.damages and (self.flag_count > 0 or self.has_open_appeal)


@dataclass(frozen=True)
class QueuePage:
    """A page of a list: its cases, and the key the next page begins with."""

    items: Sequence[Case]
    next_start: int | None


def read_queue(wanted: Wanted) -> QueuePage:
    """Return a page of what is wanted; rows in a state that is none stand first of all that waits."""
    rows, next_start = raw_page(wanted)
    if wanted.which == "waiting" and not wanted.is_narrowed and wanted.start is None:
        rows = nameless_states()[:ITEMS] + rows
    return QueuePage(_cases(rows), next_start)


def read_cases(ids: Sequence[int]) -> Sequence[Case]:
    """Return these replies with their present texts, in the order of their ids."""
    return _cases(raw_rows([one for one in ids if 0 < one <= LARGEST_ID]))


def read_case(comment_id: int) -> Case | None:
    """Return what there is to decide about one reply: a text that waits beside the public one comes first."""
    found = read_cases([comment_id])
    edits = raw_edits([comment_id]) if found and not found[0].damages else []
    return _cases(edits[-1:])[0] if edits else found[0] if found else None


def read_picked(picks: Sequence[Seen]) -> Mapping[Seen, Case]:
    """Return what is there of several texts that somebody looked at, be it the present one of its reply or one that waits beside it."""
    ids = [one.comment_id for one in picks]
    cases = {case.text: case for case in _cases(raw_rows(ids) + raw_edits(ids))}
    return {one: cases[text] for one in picks if (text := f"{one.comment_id}.{one.number}") in cases}


def _cases(rows: Sequence[Raw]) -> list[Case]:
    found, flags = beside(rows), flags_of([row["id"] for row in rows])
    return [_case(row, found, flags.get(row["id"], [])) for row in rows]


def _case(row: Raw, found: Beside, flags: Sequence[tuple[str, str]]) -> Case:
    head, tail = _folded(row["body"] or "")
    family = found.families.get(number_of(row["family"]) or 0, (0, 0))
    return Case(
        row=row,
        status=_status_of(row),
        created_at=moment_of(row["created_at"]),
        reasons=_reasons(row),
        links=_links(row["body_html"] or ""),
        head=head,
        tail=tail,
        record=_record(row, found),
        like_it=max(0, family[0] - 1) if _status_of(row) is Status.PENDING and not row["is_edit"] else 0,
        family_last=family[1],
        flag_words=str(_("、")).join(dict.fromkeys(_flag_words(reason) for reason, _note in flags)),
        flag_count=len(flags),
        notes=[note for _reason, note in flags if note.strip()][:NOTES_SHOWN],
        damages=damages_of(row),
    )


def _status_of(row: Raw) -> Status | None:
    return next((one for one in Status if one.value == row["status"]), None)


def damages_of(row: Raw) -> list[str]:
    """Return the columns of a row that hold what they cannot hold."""
    number = number_of(row["number"])
    wrong = {
        "status": _status_of(row) is None,
        "version": number is None or number < 1,
        "created_at": moment_of(row["created_at"]) is None,
        "findings": _findings(row) is None,
        "article": row["slug"] is None,
        "parent_id": row["parent_id"] is not None and row["parent_there"] is None,
        "user_id": row["user_id"] is not None and row["username"] is None,
        "floor": row["floor"] is not None and number_of(row["floor"]) is None,
        "family": row["family"] is not None and number_of(row["family"]) is None,
    }
    texts = ("body", "body_html", "nickname")
    return [name for name, is_wrong in wrong.items() if is_wrong] + [
        name for name in texts if row[name] is None or "\ufffd" in row[name]
    ]


def _findings(row: Raw) -> list[dict[str, Any]] | None:
    try:
        found = json.loads(row["findings"] or "null") or []
    except ValueError:
        return None
    is_list = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    return found if is_list else None


def _reasons(row: Raw) -> list[str]:
    """Return why it was held in words: what screening found, else the reason its writer was told."""
    found = [words for one in _findings(row) or [] if (words := _finding_words(one))]
    return found or ([words_for(row["held_reason"])] if row["held_reason"] else [])


def _finding_words(finding: dict[str, Any]) -> str:
    try:
        return finding_words(finding)
    except (KeyError, TypeError, ValueError):
        return str(_("认不出的理由"))


def _flag_words(reason: str) -> str:
    known = next((one for one in FlagReason if one.value == reason), FlagReason.OTHER)
    return reason_words(known)


def _links(body_html: str) -> list[str]:
    """Return where the links of a text really lead, each once."""
    found = dict.fromkeys(html.unescape(one) for one in re.findall(r'href="([^"]*)"', body_html))
    return list(found)[:LINKS_SHOWN]


def _folded(body: str) -> tuple[str, str]:
    """Return a text in two parts, the second empty where it is not long enough to be folded."""
    cut = body.find("\n", SHOWN)
    if cut < 0 or len(body) - cut <= WORTH_FOLDING:
        return body, ""
    return body[:cut], body[cut:].lstrip("\n")


def _record(row: Raw, found: Beside) -> Record | None:
    writer, _theirs = writer_of(row)
    counts = found.records.get(writer)
    return Record(counts, moment_of(found.since.get(writer))) if counts else None


def seen_from(text: str, state: str) -> Seen | None:
    """Return what a form says somebody looked at, None where it says nothing that can be."""
    comment_id, _dot, number = text.partition(".")
    found = next((one for one in Status if one.value == state), None)
    ids = number_of(comment_id), number_of(number)
    if found is None or not all(one is not None and 0 < one <= LARGEST_ID for one in ids):
        return None
    return Seen(ids[0] or 0, ids[1] or 0, found)
