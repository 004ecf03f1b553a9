"""What can be asked about the site's own pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import aliased, selectinload

from blueprints.admin.models import SitePage
from core.copies import Copy
from core.database import LARGEST_ID, db
from core.i18n import LANGUAGES

BUILT_IN = ("about", "privacy")
PAGES_MAX = 50
FOOT_MAX = 8
VERSIONS_SHOWN = 20


@dataclass(frozen=True)
class FootLink:
    """A page among the links at the foot, as its title in each language it is written in."""

    slug: str
    titles: Mapping[str, str]

    def lang(self, wanted: str) -> str:
        """Return the language the title is shown in."""
        return wanted if wanted in self.titles else next(iter(self.titles))


def _standing() -> Select[Any]:
    """Select the ids of the texts that count; those without a text are no pages."""
    later = aliased(SitePage)
    newest = select(func.max(later.revision)).where(later.slug == SitePage.slug, later.lang == SitePage.lang)
    return select(SitePage.id).where(SitePage.revision == newest.scalar_subquery(), SitePage.body != "")


def written_page(slug: str, lang: str, *, any_language: bool = False) -> SitePage | None:
    """Return what is written for a page in this language, or else in another if that will do; None for nothing."""
    texts = db.session.scalars(select(SitePage).where(SitePage.id.in_(_standing()), SitePage.slug == slug)).all()
    in_order = sorted(texts, key=lambda page: (page.lang != lang, page.lang))
    return next((page for page in in_order if any_language or page.lang == lang), None)


def written_pages() -> dict[str, dict[str, SitePage]]:
    """Return everything that is written, by slug and language; the slugs in order."""
    texts = select(SitePage).where(SitePage.id.in_(_standing())).order_by(SitePage.slug).limit(PAGES_MAX * 2 + 4)
    found: dict[str, dict[str, SitePage]] = {}
    for page in db.session.scalars(texts):
        found.setdefault(page.slug, {})[page.lang] = page
    return found


def newest_text(slug: str, lang: str) -> SitePage | None:
    """Return the newest text of a page, also one that was taken away; None where there never was one."""
    of_page = select(SitePage).where(SitePage.slug == slug, SitePage.lang == lang)
    return db.session.scalar(of_page.order_by(SitePage.revision.desc()).limit(1))


def texts_of(slug: str, lang: str) -> list[SitePage]:
    """Return the texts a page has and had, the newest first, each with who saved it."""
    of_page = (
        select(SitePage).where(SitePage.slug == slug, SitePage.lang == lang).options(selectinload(SitePage.saved_by))
    )
    return list(db.session.scalars(of_page.order_by(SitePage.revision.desc()).limit(VERSIONS_SHOWN)))


def text_at(slug: str, lang: str, revision: int) -> SitePage | None:
    """Return one text of a page by its revision."""
    if not 0 < revision <= LARGEST_ID:
        return None
    return db.session.scalar(
        select(SitePage).where(SitePage.slug == slug, SitePage.lang == lang, SitePage.revision == revision)
    )


def _read_foot(connection: Connection) -> list[FootLink]:
    """By place; a page takes the first of the places it has in its languages."""
    placed = select(SitePage.slug, SitePage.lang, SitePage.title).where(
        SitePage.id.in_(_standing()), SitePage.place.is_not(None), SitePage.slug.not_in(BUILT_IN)
    )
    titles: dict[str, dict[str, str]] = {}
    for slug, lang, title in connection.execute(placed.order_by(SitePage.place, SitePage.slug, SitePage.lang)):
        titles.setdefault(slug, {})[lang] = title
    return [FootLink(slug, {lang: of[lang] for lang in LANGUAGES if lang in of}) for slug, of in titles.items()][
        :FOOT_MAX
    ]


_foot: Copy[list[FootLink]] = Copy("the links at the foot", _read_foot, [])


def foot_links() -> list[FootLink]:
    """Return the further pages that every page leads to, in their order; a second old at most."""
    return _foot.now()


def read_foot_anew() -> None:
    """Have this process know at once what was just changed."""
    _foot.read_anew()
