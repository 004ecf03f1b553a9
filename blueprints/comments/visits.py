"""How far a member had read the replies of an article when this visit began; a visit ends with half an hour of silence."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Executable, delete, insert, update

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import LastVisit
from core import clock
from core.database import db
from core.jobs import housekeeping

PAUSE = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=1)


@housekeeping
def forget_visits() -> None:
    """Drop how far somebody read an article they did not open for a year."""
    db.session.execute(delete(LastVisit).where(LastVisit.seen_at < clock.now() - timedelta(days=365)))


@dataclass(frozen=True)
class Visit:
    """What there was to read up to when the visit before this one ended (None: there was none), and what is to be noted of this one."""

    read_floor: int | None = None
    note: Executable | None = None


def visit_of(user: User, article: Article) -> Visit:
    """Return where this member stands in the replies of an article; the note is to be written after the answer."""
    now, last = clock.now(), article.last_floor
    here = {"user_id": user.id, "article_id": article.id}
    mark = db.session.get(LastVisit, tuple(here.values()))
    if mark is None:
        return Visit(None, insert(LastVisit).values(**here, floor=last, next_floor=last, seen_at=now))
    row = update(LastVisit).filter_by(**here)
    if now - mark.seen_at > PAUSE:
        return Visit(mark.next_floor, row.values(floor=mark.next_floor, next_floor=last, seen_at=now))
    is_due = now - mark.seen_at > NOTED_EVERY or mark.next_floor < last
    return Visit(mark.floor, row.values(next_floor=last, seen_at=now) if is_due else None)
