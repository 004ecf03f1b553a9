"""What changed in an article since it was published: each text compared with the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blueprints.articles.models import Article, ArticleVersion
from blueprints.articles.queries import CHANGES_PER_PAGE
from core.differences import Line, differences

CHARACTERS_MAX = 400_000  # of texts compared on one page; it ends sooner where they are long


@dataclass(frozen=True)
class Change:
    """One revision: when the new text was put up, and what it changed; what stayed the same has no lines."""

    changed_at: datetime | None
    title: Sequence[Line]
    summary: Sequence[Line]
    body: Sequence[Line]


@dataclass(frozen=True)
class ChangesPage:
    """Some changes, newest first; the page after it begins behind the version `next_before`, None on the last."""

    changes: Sequence[Change]
    begins_inside: bool
    next_before: int | None


def changes_of(article: Article, versions: Sequence[ArticleVersion], *, begins_inside: bool) -> ChangesPage:
    """Return the changes that led from one of these texts to the next, and to the present one unless the page begins inside."""
    after: Article | ArticleVersion = versions[0] if begins_inside else article
    changes: list[Change] = []
    compared = 0
    for before in versions[1:] if begins_inside else versions:
        compared += len(before.body) + len(after.body)
        if changes and (len(changes) == CHANGES_PER_PAGE or compared > CHARACTERS_MAX):
            return ChangesPage(changes, begins_inside, after.id)
        changes.append(_change(before, after))
        after = before
    return ChangesPage(changes, begins_inside, None)


def _change(before: ArticleVersion, after: Article | ArticleVersion) -> Change:
    put_up_at = after.updated_at if isinstance(after, Article) else after.created_at
    return Change(
        put_up_at,
        differences(before.title, after.title),
        differences(before.summary, after.summary),
        differences(before.body, after.body),
    )
