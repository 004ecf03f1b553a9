"""Deciding about several at once: single texts and whole families, in one transaction and under one mark."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprints.moderation.decisions import Sitting, decide
from blueprints.moderation.families import turn_down_family
from blueprints.moderation.models import Seen
from core.database import db
from core.errors import Conflict, DomainError
from core.i18n import _


@dataclass(frozen=True)
class Selection:
    """What somebody picked: texts they looked at, and families, each with the newest id that was seen."""

    picks: Sequence[Seen]
    families: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Outcome:
    """How many were decided, and how many not, for somebody was first."""

    decided: int
    passed_over: int


def decide_selected(act: str, selection: Selection, sitting: Sitting, reason: str) -> Outcome:
    """Do the same with all that was picked; what somebody decided or changed meanwhile is passed over.

    Raises Conflict where nothing is left to decide, or where a family is to be published: nobody saw each text of it.
    """
    if selection.families and act not in ("spam", "remove"):
        raise Conflict(_("成批的只能标为垃圾或移除：没有人看过里面的每一条。"))
    decided, refusals = 0, list[DomainError]()
    for seen in selection.picks:
        try:
            with db.session.begin_nested():
                decide(act, seen, sitting, reason)
            decided += 1
        except DomainError as refusal:
            refusals.append(refusal)
    for family, up_to in selection.families:
        decided += turn_down_family(family, up_to, sitting, reason, is_spam=act == "spam")
    if not decided:
        raise refusals[0] if refusals else Conflict(_("所选的都已经有人处理过了。"))
    return Outcome(decided, len(refusals))
