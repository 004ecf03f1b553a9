"""Digests: what came in a day or a week in one letter, at eight in the morning by the site's clock, the week's on Mondays.

Lines are taken for a letter in the transaction that queues it, so that of several workers one does, and a letter that is
tried again holds the same lines.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from blueprints.auth.models import User
from blueprints.comments.models import GuestAddress
from blueprints.comments.wishes import stop_token
from blueprints.notifications.models import Frequency, Notification, Why
from blueprints.notifications.notices import line_of
from blueprints.notifications.queries import Reader, of_reader, told
from blueprints.notifications.recipients import is_wanted, reach
from blueprints.notifications.stopping import Kind, account_token
from blueprints.notifications.verdicts import decided_anew
from core import clock
from core.config import settings
from core.damage import readable
from core.database import db
from core.deeds import does
from core.i18n import LANGUAGES, _, force_locale
from core.jobs import housekeeping, queue
from core.mail import Letter, site_link, writes

HOUR = 8
LOOKED_AT = 500  # lines, so that no transaction is long; a letter counts no further
LINES_MAX = 20
READERS_AT_ONCE = 500


def latest_morning(now: datetime) -> datetime:
    """Return when it was eight in the morning last, by the site's clock."""
    local = now.astimezone(settings().timezone)
    morning = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return morning if morning <= local else morning - timedelta(days=1)


def _due() -> ColumnElement[bool]:
    morning = latest_morning(clock.now())
    monday = morning - timedelta(days=morning.weekday())
    return and_(
        Notification.mailed_at.is_(None),
        or_(
            and_(Notification.frequency == Frequency.DAILY, Notification.created_at < morning),
            and_(Notification.frequency == Frequency.WEEKLY, Notification.created_at < monday),
        ),
    )


@housekeeping
def begin_digests() -> None:
    """Have the digests made whose time has come."""
    if db.session.scalar(select(exists().where(_due()))):
        queue("digests", {}, about="digests")


@does("digests")
def digests(_payload: Mapping[str, Any]) -> None:
    """Take the lines of some readers, and queue a letter for each of them; another job goes on with the others."""
    columns = (Notification.user_id, Notification.guest_address_id)
    readers = db.session.execute(select(*columns).where(_due()).distinct().limit(READERS_AT_ONCE)).all()
    theirs = or_(
        Notification.user_id.in_([row.user_id for row in readers if row.user_id is not None]),
        Notification.guest_address_id.in_([row.guest_address_id for row in readers if row.user_id is None]),
    )
    taken_at = clock.now()
    taken = update(Notification).where(_due(), theirs).values(mailed_at=taken_at).returning(*columns)
    _queue_letters(db.session.execute(taken).all(), taken_at)
    if len(readers) == READERS_AT_ONCE:
        queue("digests", {}, about="digests")


def _queue_letters(rows: Iterable[Any], taken_at: datetime) -> None:
    for user_id, guest_address_id in dict.fromkeys(tuple(row) for row in rows):
        queue("digest", {"user": user_id, "guest": guest_address_id, "taken_at": taken_at.isoformat()})


@writes("digest")
def digest(payload: Mapping[str, Any]) -> Letter | None:
    """Write what was taken for one reader into one letter: what is public still and still wanted, by article."""
    user, guest = db.session.get(User, payload["user"] or 0), db.session.get(GuestAddress, payload["guest"] or 0)
    reader, to = user or guest, reach(user, guest)
    if reader is None or to is None:
        return None
    taken_at = datetime.fromisoformat(payload["taken_at"])
    taken = told().where(of_reader(Notification, reader), Notification.mailed_at == taken_at)
    looked_at = readable(taken.order_by(Notification.id).limit(LOOKED_AT), Notification.id)
    rows = [row for row in looked_at if is_wanted(row) and not _is_left_for_later(row)]
    if not rows:
        return None
    with force_locale(LANGUAGES[to[1]]):
        lines = [_with_sentence(line_of(row)) for row in rows[:LINES_MAX]]
    stop = site_link("letters.stop", token=_stop_token(reader))
    lines.sort(key=lambda line: int(line["article_id"]))
    values = {
        "lines": lines,
        "count": len(rows),
        "more": len(rows) - len(lines),
        "stop": stop,
        "is_guest": user is None,
    }
    link = site_link("notifications.index") if user is not None else site_link("follows.guest")
    return Letter(to[0], "digest", values, link, to[1], stop)


def _is_left_for_later(row: Notification) -> bool:
    """Leave what is being decided anew for the next digest, and tell that it was left."""
    if decided_anew(row) is None:
        return False
    row.mailed_at = None
    return True


def _with_sentence(line: dict[str, Any]) -> dict[str, Any]:
    """Add what the digest says about a line, in the language of its reader."""
    if line["why"] == Why.DECISION.value:
        said = _("你的回复已经公开：") if line["is_public"] else _("你的回复没有通过：")
    elif line["why"] == Why.EDIT.value:
        said = _("你改过的内容已经公开：") if line["is_public"] else _("你改过的内容没有通过：")
    elif "floor" not in line:
        said = _("%(name)s 的新文章：", name=line["nickname"])
    elif line["why"] == Why.ANSWER.value:
        said = _(
            "%(floor)s 楼 %(name)s 回应了你的 %(asked)s 楼：",
            floor=line["floor"],
            name=line["nickname"],
            asked=line["asked_floor"],
        )
    else:
        said = _("%(floor)s 楼 %(name)s：", floor=line["floor"], name=line["nickname"])
    return line | {"said": said}


def _stop_token(reader: Reader) -> str:
    return account_token(reader, Kind.DIGEST) if isinstance(reader, User) else stop_token(reader)
