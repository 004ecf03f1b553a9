"""The automatic decision at posting time: small checks, each with its points; the sum publishes, holds, or asks for a proof.

`examine` looks at a text by itself before anything is written; `judge` weighs it in the company it comes in, inside the
transaction that stores it. What fails or hangs holds the reply: it never publishes one, and never breaks the post.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from blueprints.articles.models import Article
from blueprints.comments.bans import Banned, demand_not_banned, writer_of
from blueprints.comments.checks import CHECKS, DEMANDS, NAME_CHECKS, TEXT_CHECKS, Check, Finding, refused
from blueprints.comments.drafts import Draft, draft_again
from blueprints.comments.events import comment_held
from blueprints.comments.evidence import Evidence, gather, gather_name
from blueprints.comments.floods import Company, company_of, take_turns, watched
from blueprints.comments.likeness import letters_of, simhash, unquoted
from blueprints.comments.models import Comment
from blueprints.comments.patience import in_time
from blueprints.comments.reasons import REASONS, finding_words, words_for
from blueprints.comments.thread_queries import NOBODY, Whose
from core.database import db
from core.errors import DomainError
from core.i18n import _

__all__ = ["REASONS", "finding_words", "words_for"]

PROOF, HOLD = 4, 8
SECONDS_MAX = 1.0  # for all checks of one reply
ANSWERED_BY_PROOF = frozenset(
    {"robot", "block", "flood", "common"}
)  # what speaks of machines, and a captcha speaks against

log = logging.getLogger("zhishang.screening")


class ProofWanted(DomainError):
    """Screening wants to know that a person writes: a captcha, or the link of a letter."""

    field = "captcha"


class WordRefused(DomainError):
    """A word the owner refuses stands in a field."""


@dataclass(frozen=True)
class Seen:
    """What was seen in a text by itself. `refused` is the field and the word of a rule that refuses it."""

    findings: tuple[Finding, ...]
    letters: str = ""
    simhash: int | None = None
    refused: tuple[str, str] | None = None


@dataclass(frozen=True)
class Verdict:
    """What became of it: `held_reason` is the key in REASONS why a reply waits, None where it may appear."""

    held_reason: str | None
    findings: Sequence[Finding]
    simhash: int | None
    company: Company

    def mark(self, row: Any) -> None:
        """Note on a reply, or on another text of one, what was found."""
        row.held_reason, row.findings = self.held_reason, [finding.plain() for finding in self.findings]
        if isinstance(row, Comment):
            row.simhash = self.simhash


def examine(article: Article, draft: Draft, whose: Whose = NOBODY, **how: Any) -> Seen:
    """Look at a draft by itself; no place for a write transaction, for it may take a second. Raises WordRefused."""
    seen = look_at(article, draft, whose, **how)
    if seen.refused is not None:
        _refuse(*seen.refused)
    return seen


def _refuse(field: str, words: str) -> None:
    raise WordRefused(_("这里不收带有“%(words)s”的回复，请改掉再发。内容还在。", words=words), field=field)


def look_at(
    article: Article,
    draft: Draft,
    whose: Whose,
    checks: Sequence[Check] = CHECKS,
    gathering: Callable[[Article, Draft, Whose], Evidence] = gather,
) -> Seen:
    """Return what the checks find; one that fails or takes too long is a finding that holds the reply."""
    return _seen(lambda: gathering(article, draft, whose), checks)


def _seen(gathering: Callable[[], Evidence], checks: Sequence[Check]) -> Seen:
    try:
        with db.session.begin_nested():
            evidence = gathering()
        return in_time(lambda: _look(evidence, checks), SECONDS_MAX)
    except Exception as problem:
        log.warning("screening could not look at a reply: %s", type(problem).__name__)
        return Seen((Finding("failed", DEMANDS, type(problem).__name__),))


def _look(evidence: Evidence, checks: Sequence[Check]) -> Seen:
    found = [_found(check, evidence) for check in checks]
    letters = letters_of(unquoted(evidence.draft.body, evidence.quoted_from))
    return Seen(tuple(one for one in found if one is not None), letters, simhash(letters), refused(evidence))


def _found(check: Check, evidence: Evidence) -> Finding | None:
    try:
        return check(evidence)
    except Exception as problem:
        log.warning("a check failed: %s: %s", check.__name__, type(problem).__name__)
        return Finding("failed", DEMANDS, check.__name__)


def demand_fit(name: str, *, field: str) -> None:
    """Let another name go over texts that were let in under one before, for nobody looks at it first. Raises WordRefused."""
    seen = _seen(lambda: gather_name(name), NAME_CHECKS)
    if seen.refused is not None:
        raise WordRefused(_("名字里不能有“%(words)s”，请换一个。", words=seen.refused[1]), field=field)
    if seen.findings:
        raise WordRefused(_("这个名字没有通过自动检查，请换一个。"), field=field)


def judge(seen: Seen, *, is_guest: bool, is_person: bool) -> Verdict:
    """Weigh what was seen, in the company it comes in. Raises ProofWanted while nobody knows that a person writes (`is_person`)."""
    take_turns()
    company = _company(seen)
    is_named = not is_guest or any(one.points < 0 for one in seen.findings)
    findings = [*seen.findings, *(company.findings(is_named=is_named) if company else _UNKNOWN)]
    counted = [one for one in findings if not (is_person and one.check in ANSWERED_BY_PROOF)]
    is_robot = any(one.check == "robot" for one in counted)
    if is_guest and not is_person and (is_robot or PROOF <= _points(counted) < HOLD):
        raise ProofWanted(_("请再回答一个小问题，确认不是机器。"))
    return Verdict(_reason(counted), findings, seen.simhash, company or Company())


def _points(findings: Sequence[Finding]) -> int:
    return sum(one.points for one in findings)


def _reason(findings: Sequence[Finding], least: int = HOLD) -> str | None:
    """Return the heaviest check where a reply waits, None where it may appear."""
    return max(findings, key=lambda one: one.points).check if _points(findings) >= least else None


_UNKNOWN = (Finding("failed", DEMANDS, "company"),)


def _company(seen: Seen, *, but: int | None = None) -> Company | None:
    """None where it could not be found out."""
    try:
        with db.session.begin_nested():
            return watched(company_of(seen.letters, seen.simhash, but=but))
    except Exception as problem:
        log.warning("screening could not see what comes with a reply: %s", type(problem).__name__)
        return None


def doubts_about(comment: Comment, body: str, body_html: str, *, least: int = HOLD) -> Verdict:
    """Judge another text of a reply; from `least` points on it waits. Raises WordRefused.

    What speaks of machines does not count, for the reply was let in.
    """
    seen = look_at(comment.article, draft_again(comment, body, body_html), NOBODY, TEXT_CHECKS)
    if seen.refused is not None and seen.refused[0] == "body":
        _refuse(*seen.refused)
    company = _company(seen, but=comment.id)
    findings = [*seen.findings, *(company.findings(is_named=True) if company else _UNKNOWN)]
    counted = [one for one in findings if one.check not in ANSWERED_BY_PROOF]
    return Verdict(_reason(counted, least), findings, seen.simhash, company or Company())


def doubt_about(comment: Comment, body: str) -> str | None:
    """Judge a reply that waits for its writer anew, as it stands now; return why it waits for a moderator, None when it may appear."""
    try:
        demand_not_banned(writer_of(comment))
        verdict = doubts_about(comment, body, comment.body_html)
    except WordRefused:
        verdict = _certain("words", comment)
    except Banned:
        verdict = _certain("paused", comment)
    verdict.mark(comment)
    if verdict.held_reason is not None:
        comment_held.send(comment)
    return verdict.held_reason


def _certain(check: str, comment: Comment) -> Verdict:
    return Verdict(check, [Finding(check, DEMANDS)], comment.simhash, Company())
