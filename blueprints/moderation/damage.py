"""Taking a damaged row from the public: what cannot be read in it is given a value that can."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from blueprints.comments.deciding import mend, mend_text
from blueprints.comments.models import CommentVersion
from blueprints.moderation.decisions import Sitting
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.queue_queries import number_of, raw_edits
from blueprints.moderation.reading import damages_of, read_cases
from core import clock
from core.database import LARGEST_ID, db
from core.errors import Conflict, NotFound
from core.i18n import _


def remove_damaged(comment_id: int, sitting: Sitting) -> Decision:
    """Take a damaged row from the public, as rejected; where only a text that waits beside the public one is damaged, that text.

    Raises NotFound, Conflict when nothing is damaged (any more).
    """
    found = read_cases([comment_id])
    if not found:
        raise NotFound(_("没有这条回复。"))
    if damages := found[0].damages:
        mend(comment_id, _readable(damages) | {"held_reason": None})
    else:
        damages = _mend_texts(comment_id, number_of(found[0].row["number"]) or 0)
    if not damages:
        raise Conflict(_("这条没有坏，或者已经处理过了。"))
    decision = Decision(
        actor_id=sitting.actor.id if sitting.actor is not None else None,
        act=Act.REMOVE,
        comment_id=comment_id,
        batch=sitting.batch,
        before={"damaged": list(damages)},
    )
    db.session.add(decision)
    db.session.flush()
    return decision


def _mend_texts(comment_id: int, present: int) -> Sequence[str]:
    """Let no damaged text wait beside the present one; returns what was damaged. A number that is none becomes the next."""
    damages = list[str]()
    for row in raw_edits([comment_id]):
        if found := damages_of(row):
            values = _readable(found)
            if values.pop("version", None):
                values["number"] = _next_number(comment_id, present)
            mend_text(row["key"], values)
            damages += found
    return damages


def _next_number(comment_id: int, present: int) -> int:
    """SQLite takes any text for larger than any number."""
    numbers = select(func.max(CommentVersion.number)).where(CommentVersion.number <= LARGEST_ID)
    return max(present, db.session.scalar(numbers.where(CommentVersion.comment_id == comment_id)) or 0) + 1


def _readable(damages: Sequence[str]) -> dict[str, Any]:
    values = {
        "version": 1,
        "created_at": clock.now(),
        "findings": None,
        "parent_id": None,
        "user_id": None,
        "floor": None,
        "family": None,
        "body": "",
        "body_html": "",
        "nickname": "",
    }
    return {name: value for name, value in values.items() if name in damages}
