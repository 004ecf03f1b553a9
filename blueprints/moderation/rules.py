"""The owner's words and who is kept out, as deeds that stand in the log."""

from typing import Any

from blueprints.auth.models import User
from blueprints.comments.bans import lift
from blueprints.comments.deciding import reopen_ban
from blueprints.comments.screening_models import Ban, WordRule
from blueprints.comments.word_rules import RuleRefused, add_rule, drop_rule
from blueprints.moderation.decisions import Sitting, note
from blueprints.moderation.models import Act, Decision
from core.database import LARGEST_ID, db
from core.errors import Conflict, NotFound
from core.i18n import _


def rule_of(rule_id: int, words: str) -> WordRule:
    """Return the rule with this id and these words. Raises NotFound, also where the id is another rule's."""
    rule = db.session.get(WordRule, rule_id) if rule_id <= LARGEST_ID else None
    if rule is None or rule.words != words:
        raise NotFound(_("没有这一条，也许已经去掉了。"))
    return rule


def ban_by_id(ban_id: int) -> Ban:
    """Return a ban. Raises NotFound."""
    ban = db.session.get(Ban, ban_id) if ban_id <= LARGEST_ID else None
    if ban is None:
        raise NotFound(_("没有这一条，也许已经去掉了。"))
    return ban


def add_words(words: str, sitting: Sitting, *, refuses: bool) -> Decision:
    """Keep a word or phrase of the owner's. Raises RuleRefused."""
    rule = add_rule(words, refuses=refuses, by=sitting.actor)
    return _noted(sitting, Act.ADD_WORDS, rule.words, rule=rule.id, refuses=rule.refuses)


def drop_words(rule: WordRule, sitting: Sitting) -> Decision:
    """Keep a word or phrase no longer."""
    words, rule_id, refuses = rule.words, rule.id, rule.refuses
    drop_rule(rule)
    return _noted(sitting, Act.DROP_WORDS, words, rule=rule_id, refuses=refuses)


def lift_ban(ban: Ban, sitting: Sitting) -> Decision:
    """Let somebody reply again. Raises Conflict when they may already."""
    db.session.refresh(ban, with_for_update=True)
    if ban.lifted_at is not None:
        raise Conflict(_("已经解除过了。"))
    lift(ban)
    return _noted(sitting, Act.LIFT_BAN, ban.nickname, ban=ban.id)


def undo_rule(decision: Decision, *, by: User | None) -> None:
    """Put a rule or a ban back to what it was. Raises Conflict, NotFound."""
    about = decision.before
    if decision.act is Act.BAN:
        ban = ban_by_id(about["ban"])
        if ban.lifted_at is not None:
            raise Conflict(_("已经解除过了。"))
        lift(ban)
    elif decision.act is Act.LIFT_BAN:
        reopen_ban(ban_by_id(about["ban"]))
    elif decision.act is Act.ADD_WORDS:
        drop_rule(rule_of(about["rule"], decision.subject))
    else:
        _keep_again(decision, by=by)


def _keep_again(decision: Decision, *, by: User | None) -> None:
    try:
        add_rule(decision.subject, refuses=decision.before["refuses"], by=by, rule_id=decision.before["rule"])
    except RuleRefused as refusal:
        raise Conflict(refusal.message) from refusal


def _noted(sitting: Sitting, act: Act, subject: str, **before: Any) -> Decision:
    actor_id = sitting.actor.id if sitting.actor is not None else None
    return note(Decision(actor_id=actor_id, act=act, subject=subject, batch=sitting.batch, before=before))
