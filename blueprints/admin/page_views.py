"""The doors to the site's own pages, for those who write them."""

from flask import Blueprint, flash, redirect, request, url_for

from blueprints.admin.page_queries import (
    BUILT_IN,
    newest_text,
    read_foot_anew,
    texts_of,
    written_pages,
)
from blueprints.admin.pages import bring_back, demand_page, page_text, save_page
from blueprints.admin.setting_forms import BringBackForm, NewPageForm, PageForm
from blueprints.auth.doors import for_administrators
from core.database import db, writing
from core.i18n import _

bp = Blueprint("pages", __name__)


@bp.get("/admin/pages")
@for_administrators
def index(_actor):
    """Show the site's own pages and in which languages they are written."""
    return _index(NewPageForm())


@bp.post("/admin/pages")
@for_administrators
def new(_actor):
    """Lead to where a new page is written; nothing is stored before that is saved."""
    form = NewPageForm()
    if form.validate():
        return redirect(url_for("pages.edit", slug=form.slug.data, lang="zh"), 303)
    return _index(form)


@bp.route("/admin/pages/<slug>/<lang>", methods=["GET", "POST"])
@for_administrators
def edit(actor, slug, lang):
    """Show a page's text to be changed, show what it would look like, or save it."""
    demand_page(slug, lang)
    form, text = _page_form(slug, lang), None
    if form.validate_on_submit():
        text = page_text(form.title.data, form.body.data, lang, form.place_number)
        if "preview" not in request.form:
            with form.showing_errors(), writing():
                save_page(slug, lang, text, seen=form.seen_revision, by=actor)
                db.session.commit()
                return _done(slug, lang, _("已保存。"))
            text = None
    return _page(form, slug, lang, preview=text)


@bp.post("/admin/pages/<slug>/<lang>/back")
@for_administrators
def bring_page_back(actor, slug, lang):
    """Let an earlier text or the built-in one count again."""
    demand_page(slug, lang)
    form = BringBackForm()
    if form.validate():
        with form.showing_errors(), writing():
            page = bring_back(slug, lang, form.wanted_revision, seen=form.seen_revision, by=actor)
            db.session.commit()
            return _done(slug, lang, _("已恢复。") if page.body else _("已经去掉，30 天内可以恢复。"))
    return _page(form, slug, lang)


def _done(slug, lang, words):
    read_foot_anew()
    flash(words)
    return redirect(url_for("pages.edit", slug=slug, lang=lang), 303)


def _index(form):
    return form.page("admin/pages.html", written=written_pages(), built_in=BUILT_IN)


def _page_form(slug, lang):
    newest = newest_text(slug, lang)
    kept = {"title": newest.title, "body": newest.body, "place": str(newest.place or "")} if newest else {}
    form = PageForm(data=kept | {"seen": newest.revision if newest else 0})
    if slug in BUILT_IN:
        del form.place
    return form


def _page(form, slug, lang, preview=None):
    """Show the form; where somebody was first, with their text, and the next press saves over it."""
    texts = texts_of(slug, lang)
    page_form = form if isinstance(form, PageForm) else _page_form(slug, lang)
    theirs = texts[0] if form.status == 409 and form is page_form and texts else None
    if theirs is not None:
        page_form.seen.data = theirs.revision
    told = {"slug": slug, "lang": lang, "texts": texts, "is_built_in": slug in BUILT_IN}
    forms = {"page_form": page_form, "back_form": BringBackForm() if form is page_form else form}
    return form.page("admin/page.html", preview=preview, theirs=theirs, **told, **forms)
