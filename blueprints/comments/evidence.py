"""What the checks of screening go by: gathered by at most three bounded queries, each by an index, before anything is written."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, literal, select

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.classifying import Model, newest_model, newest_row
from blueprints.comments.drafts import Draft
from blueprints.comments.links import Link, known_hosts, links_in
from blueprints.comments.models import Comment, Status
from blueprints.comments.reputation import counted, proved
from blueprints.comments.thread_queries import Whose
from blueprints.comments.word_rules import rules
from core import clock
from core.config import settings
from core.database import db
from core.tokens import hash_of

RATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Rule:
    """One word of the owner's, as it is looked for."""

    words: str
    key: str
    refuses: bool


@dataclass(frozen=True)
class Evidence:
    """Everything the checks may look at; plain values, so that they can be looked at anywhere.

    `account_email` is the address of the account that writes; `quoted_from` is what a reply may quote; `published` and `removed` count the newest replies of an account or a proved address.
    """

    draft: Draft
    account_email: str = ""
    quoted_from: str = ""
    holds: str = "suspicious"
    links: tuple[Link, ...] = ()
    known_hosts: frozenset[str] = frozenset()
    is_house: bool = False
    is_first: bool = False
    from_block: int = 0
    block_limit: int = 20
    from_account: int = 0
    published: int = 0
    removed: int = 0
    rules: tuple[Rule, ...] = ()
    model: Model | None = None

    @property
    def places(self) -> dict[str, str]:
        """Where the owner's words are looked for, by the name of the field."""
        return {
            "nickname": self.draft.nickname,
            "email": self.account_email or self.draft.email or "",
            "body": self.draft.body,
        }


def gather(article: Article, draft: Draft, whose: Whose) -> Evidence:
    """Return what there is to know about a draft. `whose` is by what its writer can show who they are."""
    user = db.session.get(User, draft.user_id) if draft.user_id else None
    parent = db.session.get(Comment, draft.parent_id) if draft.parent_id else None
    links = links_in(draft.body_html, but=settings().address)
    counts = db.session.execute(select(*_counts(draft, whose))).one()
    return Evidence(
        draft=draft,
        account_email=user.email if user is not None else "",
        quoted_from=f"{article.body}\n{parent.body if parent else ''}" if ">" in draft.body else "",
        holds=settings().comments_hold,
        links=links,
        known_hosts=known_hosts([link.host for link in links], article.body_html),
        is_house=user is not None and (user.role.may_publish or user.id == article.author_id),
        is_first=not counts.earlier,
        from_block=counts.from_block,
        block_limit=settings().comments_per_10_minutes,
        from_account=counts.recent if draft.user_id else 0,
        published=counts.published,
        removed=counts.removed,
        rules=_rules(),
        model=newest_model(counts.model_id, counts.model_made),
    )


def gather_name(name: str) -> Evidence:
    """Return what there is to know about a name by itself."""
    return Evidence(Draft(name, None, "", "", None, ""), rules=_rules())


def _rules() -> tuple[Rule, ...]:
    return tuple(Rule(rule.words, rule.key, rule.refuses) for rule in rules())


def _counts(draft: Draft, whose: Whose) -> list[Any]:
    """One round to the database for every number."""
    since = clock.now() - RATE
    recent = select(Comment.id).where(Comment.address_block == draft.address_block, Comment.created_at > since)
    most = recent.limit(settings().comments_per_10_minutes).subquery()
    from_block = select(func.count()).select_from(most).scalar_subquery()
    return [
        from_block.label("from_block"),
        _earlier(draft).label("earlier"),
        *counted(proved(draft, whose), since),
        *newest_row(),
    ]


def _earlier(draft: Draft) -> Any:
    """Whether the account, or the cookie of this browser, published a reply before; asked only where the site holds first ones."""
    mine = (
        Comment.user_id == draft.user_id if draft.user_id else Comment.writer_hash == hash_of(draft.writer_token or "")
    )
    if settings().comments_hold != "first":
        return literal(1)
    return select(1).where(mine, Comment.status == Status.PUBLISHED).exists()
