"""Taking a damaged row from the public: what cannot be read in it is given a value that can."""

from typing import Any

from blueprints.comments.deciding import mend
from blueprints.moderation.decisions import Sitting
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.reading import read_cases
from core import clock
from core.database import db
from core.errors import Conflict, NotFound
from core.i18n import _


def remove_damaged(comment_id: int, sitting: Sitting) -> Decision:
    """Take a damaged row from the public, as rejected. Raises NotFound, Conflict when it is not damaged (any more)."""
    found = read_cases([comment_id])
    if not found:
        raise NotFound(_("没有这条回复。"))
    damages = found[0].damages
    if not damages:
        raise Conflict(_("这条没有坏，或者已经处理过了。"))
    mend(comment_id, {name: value for name, value in _readable().items() if name in damages} | {"held_reason": None})
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


def _readable() -> dict[str, Any]:
    return {
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
