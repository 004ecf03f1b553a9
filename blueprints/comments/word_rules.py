"""The owner's words: a reply that holds one waits for a moderator, or is refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import LargeBinary, Text, cast, func, select
from sqlalchemy.exc import IntegrityError

from blueprints.auth.models import User
from blueprints.comments.models import Comment
from blueprints.comments.screening_models import WordRule
from core.database import db
from core.errors import DomainError
from core.i18n import _
from core.text import length, spelling_key

RULES_MAX = 500
TRIED = 500
KEY_MAX = 800


class RuleRefused(DomainError):
    """A rule that cannot be kept."""

    field = "words"


def rules() -> Sequence[WordRule]:
    """Return all rules, the newest first."""
    return db.session.scalars(select(WordRule).order_by(WordRule.id.desc()).limit(RULES_MAX)).all()


def add_rule(words: str, *, refuses: bool, by: User | None, rule_id: int | None = None) -> WordRule:
    """Keep a word or phrase; every spelling of it counts, also as a part of other words. Raises RuleRefused.

    One that is put back has the `rule_id` it had.
    """
    key = _key_of(words)
    if (db.session.scalar(select(func.count()).select_from(WordRule)) or 0) >= RULES_MAX:
        raise RuleRefused(_("最多 %(count)s 条，请先去掉几条。", count=RULES_MAX))
    rule = WordRule(id=rule_id, words=words.strip(), key=key, refuses=refuses)
    rule.made_by_id = by.id if by is not None else None
    try:
        with db.session.begin_nested():
            db.session.add(rule)
    except IntegrityError:
        raise RuleRefused(_("已经有这一条了，只是写法也许不同。")) from None
    return rule


def drop_rule(rule: WordRule) -> None:
    """Keep a rule no longer; what it caught goes on waiting."""
    db.session.delete(rule)
    db.session.flush()


@dataclass(frozen=True)
class Caught:
    """A reply that a rule would catch."""

    id: int
    nickname: str
    email: str
    body: str


def dry_run(words: str) -> Sequence[Caught]:
    """Return those of the last 500 replies, whatever became of them, that a rule would catch, the newest first. Raises RuleRefused."""
    key = _key_of(words)
    kind = LargeBinary if db.engine.dialect.name == "sqlite" else Text  # SQLite fails over a text that is none
    address = func.coalesce(Comment.email, User.email)
    places = (cast(place, kind) for place in (Comment.nickname, address, Comment.body))
    recent = select(Comment.id, *places).outerjoin(User, Comment.user_id == User.id)
    last = db.session.execute(recent.order_by(Comment.id.desc()).limit(TRIED))
    replies = (Caught(row[0], *(_text(value) for value in row[1:])) for row in last)
    return [one for one in replies if any(key in spelling_key(place) for place in (one.nickname, one.email, one.body))]


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _key_of(words: str) -> str:
    key = spelling_key(words)
    if not key:
        raise RuleRefused(_("请写一个词或一句话。"))
    if length(words.strip()) > WordRule.WORDS_MAX or len(words) > 4 * WordRule.WORDS_MAX or len(key) > KEY_MAX:
        raise RuleRefused(_("最多 %(high)s 个字。", high=WordRule.WORDS_MAX))
    return key
