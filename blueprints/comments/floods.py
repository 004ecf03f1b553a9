"""Floods: so many replies, or so many alike, that the bar is raised for a while. It is lowered by itself.

Posts take turns here, on PostgreSQL by a lock of their own, as on SQLite all writing does: of fifty that come at the same moment
each sees the ones before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from blueprints.comments.checks import Finding
from blueprints.comments.events import comment_held, flood_began
from blueprints.comments.likeness import ENOUGH, is_like, letters_of, near, unquoted
from blueprints.comments.models import Comment, Status
from blueprints.comments.reputation import is_known
from blueprints.comments.screening_models import Flood, Lesson
from blueprints.comments.visibility import hold_again
from core import clock
from core.config import settings
from core.database import db
from core.jobs import housekeeping

WINDOW = timedelta(days=7)
LOOKED_AT = 3_000  # texts, the newest of the seven days
COPIES_MAX = 12  # that are compared word by word, the newest
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LASTS = timedelta(minutes=10)
FAMILY = 10  # texts alike within ten minutes that are a flood
WRITERS = 3  # networks, or accounts, that send one text within an hour: no coincidence
COMMON = 5  # exact copies of a short text within an hour that are remarkable
_TURNS = 0x5A485348  # the number of the lock, our own


@dataclass(frozen=True)
class Company:
    """The replies of the last seven days that are nearly the same as a text, the newest first, and whether there is a flood."""

    letters: str = ""
    copies: Sequence[Comment] = ()
    is_flood: bool = False

    def since(self, time: timedelta) -> list[Comment]:
        """Return the copies of the last while."""
        return [copy for copy in self.copies if copy.created_at > clock.now() - time]

    def findings(self, *, is_named: bool) -> list[Finding]:
        """Return what speaks against a text in this company; `is_named` is a writer with an account or a good name."""
        copies, by = len(self.copies), 2 if self.is_flood else 1
        found = [Finding("flood", 4)] if self.is_flood and not is_named else []
        if 0 < len(self.letters) < ENOUGH:
            common = len(self.since(HOUR))
            return found + ([Finding("common", 2 * by, str(common))] if common >= COMMON else [])
        judged = any(copy.status in (Status.SPAM, Status.REJECTED) for copy in self.copies)
        points = 12 if judged or copies > 1 else 2 * by
        return found + ([Finding("like", points, str(copies))] if copies else [])


def take_turns() -> None:
    """Let one transaction after the other pass from here on."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_TURNS)))


def company_of(letters: str, simhash: int | None, *, but: int | None = None) -> Company:
    """Return in whose company a text comes, without the reply `but` itself."""
    ids = [found for found in near(simhash, _latest()) if found != but][:COPIES_MAX] if simhash is not None else []
    if not ids:
        return Company(letters)
    some = db.session.scalars(select(Comment).where(Comment.id.in_(ids)).order_by(Comment.id.desc())).all()
    return Company(letters, [reply for reply in some if _is_copy(reply, letters)])


def _is_copy(reply: Comment, letters: str) -> bool:
    return any(is_like(letters, letters_of(text)) for text in {reply.body, unquoted(reply.body)})


def _latest() -> list[tuple[int, int]]:
    """Return id and simhash of the newest texts, the newest first."""
    fresh = select(Comment.id, Comment.simhash).where(
        Comment.created_at > clock.now() - WINDOW, Comment.simhash.is_not(None), Comment.status != Status.DELETED
    )
    rows = db.session.execute(fresh.order_by(Comment.created_at.desc()).limit(LOOKED_AT))
    return [(number, simhash) for number, simhash in rows if simhash is not None]


def watched(company: Company) -> Company:
    """Begin a flood, prolong or end it, and return the company with what holds now."""
    now, per_minute = clock.now(), settings().comments_flood_per_minute
    recent = select(Comment.id).where(Comment.created_at > now - MINUTE).limit(per_minute).subquery()
    rate = select(func.count()).select_from(recent).scalar_subquery()
    begun = select(Flood.id).where(Flood.ended_at.is_(None)).order_by(Flood.id.desc()).limit(1).scalar_subquery()
    count, flood_id = db.session.execute(select(rate, begun)).one()
    is_family = len(company.letters) >= ENOUGH and len(company.since(LASTS)) + 1 >= FAMILY
    flood = db.session.get_one(Flood, flood_id) if flood_id is not None else None
    if flood is not None and flood.seen_at + LASTS <= now:
        flood.ended_at, flood = flood.seen_at + LASTS, None
    if count >= per_minute or is_family:
        flood = _rises(flood, now)
    return replace(company, is_flood=flood is not None)


def _rises(flood: Flood | None, now: datetime) -> Flood:
    if flood is not None:
        flood.seen_at = now
        return flood
    begun = Flood(seen_at=now)
    db.session.add(begun)
    db.session.flush()
    flood_began.send(begun)
    return begun


def is_flooded() -> bool:
    """Tell whether the bar is raised now."""
    open_now = select(Flood.id).where(Flood.ended_at.is_(None), Flood.seen_at > clock.now() - LASTS)
    return db.session.scalar(open_now.limit(1)) is not None


def join_family(comment: Comment, company: Company) -> None:
    """Put a stored reply among those like it; the third from different networks within an hour takes the public ones back.

    The oldest may be the original that the others copy. It goes when its own network repeats it, or three others do.
    """
    if not company.copies or len(company.letters) < ENOUGH:
        return
    first = company.copies[-1]
    comment.family = first.family if first.family is not None else first.simhash
    for copy in company.copies:
        copy.family = comment.family if copy.family is None else copy.family
    recent = company.since(HOUR)
    later = {_writer(one) for one in (comment, *recent[:-1])}
    if recent and len(later | {_writer(recent[-1])}) >= WRITERS:
        is_original = _writer(recent[-1]) not in later and len(later) < WRITERS
        for copy in _innocent_looking(recent, but=recent[-1] if is_original else None):
            hold_again(copy, "like")
            copy.findings = [Finding("like", 12, str(len(recent))).plain()]
            comment_held.send(copy)


def _writer(reply: Comment) -> tuple[str, object]:
    """Guests of one network are one writer, however many names and browsers they bring."""
    return ("user", reply.user_id) if reply.user_id is not None else ("block", reply.address_block)


def _innocent_looking(copies: Sequence[Comment], *, but: Comment | None) -> list[Comment]:
    """Return the public ones, the oldest first, that nobody answered or approved, by writers without a good name."""
    public = [
        copy
        for copy in reversed(copies)
        if copy.status is Status.PUBLISHED and not copy.is_by_author and copy is not but
    ]
    if not public:
        return []
    ids = [copy.id for copy in copies]
    answers = select(Comment.parent_id).where(
        Comment.parent_id.in_(ids), Comment.status == Status.PUBLISHED, Comment.id.not_in(ids)
    )
    approved = select(Lesson.comment_id).where(Lesson.comment_id.in_(ids), Lesson.is_wanted.is_(True))
    spared = set(db.session.scalars(answers.union(approved)).all())
    return [
        copy for copy in public if copy.id not in spared and not (copy.user_id and is_known(copy.user_id, clock.now()))
    ]


@housekeeping
def end_floods() -> None:
    """End what no post ended: ten minutes after the last jump."""
    over = update(Flood).where(Flood.ended_at.is_(None), Flood.seen_at <= clock.now() - LASTS)
    db.session.execute(over.values(ended_at=clock.now()))
