"""The log of accounts: log-ins, failures, resets, changes of rights. One row for the page, one line for the server's log."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, or_

from blueprints.auth.models import Deed, LogEntry, User
from core import clock
from core.database import db
from core.jobs import housekeeping

KEPT, NOBODYS_KEPT = timedelta(days=90), timedelta(days=1)
DETAIL_MAX = 400

log = logging.getLogger("zhishang.accounts")


@dataclass(frozen=True)
class Origin:
    """Where a deed came from: the address block, and the browser in a few words."""

    address_block: str = ""
    device: str = ""


def note(deed: Deed, user: User | None, origin: Origin, *, actor: User | None = None, detail: str = "") -> None:
    """Write down a deed; `actor` is who did it when it was not the account's owner, who is not told from where."""
    user_id, actor_id = user.id if user else None, actor.id if actor else None
    db.session.add(
        LogEntry(
            user_id=user_id,
            actor_id=actor_id,
            deed=deed,
            address_block="" if actor else origin.address_block,
            device="" if actor else origin.device,
            detail=detail[:DETAIL_MAX],
        )
    )
    log.info("%s account=%s by=%s from=%s %s", deed.value, user_id, actor_id, origin.address_block, detail)


@housekeeping
def forget_old_entries() -> None:
    """Drop what is older than 90 days; failures under names that are nobody's are shown to nobody and go after a day."""
    nobodys = and_(LogEntry.user_id.is_(None), LogEntry.created_at < clock.now() - NOBODYS_KEPT)
    db.session.execute(delete(LogEntry).where(or_(LogEntry.created_at < clock.now() - KEPT, nobodys)))
