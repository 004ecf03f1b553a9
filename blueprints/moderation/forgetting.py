"""Forgetting names in the moderation log, at their owner's word."""

from collections.abc import Collection

from sqlalchemy import and_, or_, update

from blueprints.moderation.models import Act, Decision
from core.database import db

_ABOUT_BANS = (Act.BAN, Act.LIFT_BAN)


def forget_banned(names: Collection[str]) -> None:
    """Leave out of the log who was banned under one of these names; a namesake's lines lose it, too."""
    undone = and_(
        Decision.act == Act.UNDO, Decision.before["undid"].as_string().in_([act.value for act in _ABOUT_BANS])
    )
    theirs = update(Decision).where(or_(Decision.act.in_(_ABOUT_BANS), undone), Decision.subject.in_(names))
    db.session.execute(theirs.values(subject=""))
