"""The site's own pages: written, put back, and forgotten once replaced for long."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from blueprints.admin.models import SitePage
from blueprints.admin.page_queries import BUILT_IN, PAGES_MAX, newest_text, text_at, written_pages
from blueprints.articles.rendering import html_of
from blueprints.auth.models import User
from core import clock
from core.database import db
from core.errors import Conflict, DomainError, NotFound
from core.i18n import LANGUAGES, _
from core.jobs import housekeeping

KEPT = timedelta(days=30)


class TooManyPages(DomainError):
    pass


class NothingToBringBack(Conflict):
    pass


@dataclass(frozen=True)
class PageText:
    """What a page is to say; without a body it is no page, or the built-in one."""

    title: str = ""
    body: str = ""
    body_html: str = ""
    place: int | None = None


def page_text(title: str, body: str, lang: str, place: int | None) -> PageText:
    """Return a text with its HTML, made as that of an article is."""
    return PageText(title, body, html_of(body, lang), place)


def demand_page(slug: str, lang: str) -> None:
    """Raise NotFound where no page can be."""
    if lang not in LANGUAGES or not SitePage.SLUG.fullmatch(slug) or len(slug) > SitePage.SLUG_MAX:
        raise NotFound(_("没有这个页面。地址可能写错了，也可能已经换了。"))


def save_page(slug: str, lang: str, text: PageText, *, seen: int, by: User) -> SitePage:
    """Let this text count. `seen` is the revision that was looked at. Raises Conflict, TooManyPages."""
    newest = newest_text(slug, lang)
    if (newest.revision if newest else 0) != seen:
        raise Conflict(_("这一页刚刚有人改过，上面是那边保存的内容。你写的还在，要用它就再保存一次。"))
    pages = written_pages()
    if slug not in (*BUILT_IN, *pages) and len(pages) >= PAGES_MAX:
        raise TooManyPages(_("最多 %(high)s 页。先去掉一页，再写新的。", high=PAGES_MAX))
    values = {"title": text.title, "body": text.body, "body_html": text.body_html, "place": text.place}
    page = SitePage(slug=slug, lang=lang, revision=seen + 1, saved_by_id=by.id, **values)
    try:
        with db.session.begin_nested():
            db.session.add(page)
    except IntegrityError:
        raise Conflict(_("这一页刚刚有人改过。请再按一次。")) from None
    return page


def bring_back(slug: str, lang: str, revision: int, *, seen: int, by: User) -> SitePage:
    """Let an earlier text count again; revision 0 is the built-in text, or none. Raises NotFound, NothingToBringBack, Conflict."""
    before, newest = text_at(slug, lang, revision), newest_text(slug, lang)
    if revision and before is None:
        raise NotFound(_("没有这一版，也许已经删掉了。"))
    if newest is None or (not revision and not newest.body):
        raise NothingToBringBack(_("这一页本来就没有写过什么。"))
    if newest.revision != seen:
        raise Conflict(_("这一页刚刚有人改过，看看下面的文字，再按一次。"))
    text = PageText(before.title, before.body, before.body_html, before.place) if before else PageText()
    return save_page(slug, lang, text, seen=seen, by=by)


@housekeeping
def forget_old_pages() -> None:
    """Drop the texts that were replaced more than 30 days ago, and pages taken away as long ago."""
    later = aliased(SitePage)
    replaced_at = select(func.min(later.saved_at)).where(
        later.slug == SitePage.slug, later.lang == SitePage.lang, later.revision > SitePage.revision
    )
    db.session.execute(delete(SitePage).where(replaced_at.scalar_subquery() < clock.now() - KEPT))
