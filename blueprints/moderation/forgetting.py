"""Forgetting names in the moderation log, at their owner's word; and by the clock what was held, once no decision about it can be undone."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, exists, or_, update

from blueprints.comments.forgetting import erase_held, erase_unseen_texts
from blueprints.comments.models import Comment, CommentVersion
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.undoing import UNDO
from core import clock
from core.database import db
from core.jobs import housekeeping

_ABOUT_BANS = (Act.BAN, Act.LIFT_BAN)


def forget_banned(names: Collection[str]) -> None:
    """Leave out of the log who was banned under one of these names; a namesake's lines lose it, too."""
    undone = and_(
        Decision.act == Act.UNDO, Decision.before["undid"].as_string().in_([act.value for act in _ABOUT_BANS])
    )
    theirs = update(Decision).where(or_(Decision.act.in_(_ABOUT_BANS), undone), Decision.subject.in_(names))
    db.session.execute(theirs.values(subject=""))


@housekeeping
def erase_held_replies() -> bool:
    """Erase the replies that were held so long ago, but those about which somebody decided lately."""
    return erase_held(but=_was_decided(Decision.comment_id == Comment.id))


@housekeeping
def erase_held_texts() -> bool:
    """Erase the changed texts that were held so long ago, but those about which somebody decided lately."""
    this_text = Decision.comment_id == CommentVersion.comment_id, Decision.version == CommentVersion.number
    return erase_unseen_texts(but=_was_decided(*this_text))


def _was_decided(*about: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Decision.created_at > clock.now() - UNDO, *about)
