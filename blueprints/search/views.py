"""The door to search."""

import re

from flask import Blueprint, make_response, render_template, request

from blueprints.auth.login import origin
from blueprints.search.finding import Mark, best_found, may_search, newest_found
from blueprints.search.forms import SearchForm
from blueprints.search.results import hits_of
from core.errors import NotFound
from core.i18n import _
from core.security import for_everyone

bp = Blueprint("search", __name__)

_MARK = re.compile(r"(-?\d{1,19})(?:_(-?\d{1,20}(?:\.\d{1,20})?(?:e-?\d{1,3})?))?", re.ASCII)


@bp.get("/search")
def index():
    """Look for words in the articles and the public replies, and show 20 of what was found."""
    form = SearchForm(formdata=request.args)
    with form.showing_errors():
        if form.validate() and form.wanted.terms:
            may_search(origin().address_block)
    if form.status != 200:
        return form.page("search/index.html", page=None, hits=())
    wanted, page = form.wanted, None
    if wanted.terms:
        find = best_found if form.sort.data == "best" else newest_found
        page = find(wanted, _mark(request.args.get("before")))
    hits = hits_of(page.items, wanted.terms) if page else ()
    next_mark = _mark_after(page.items[-1]) if page and page.items else None
    shown = make_response(render_template("search/index.html", form=form, page=page, hits=hits, next_mark=next_mark))
    if wanted.terms:
        shown.headers["X-Robots-Tag"] = "noindex"  # what was found is no page of its own
    return for_everyone(shown)


def _mark(text):
    """Return where the page before this one ended, None for the first. Raises NotFound for what marks no page."""
    if not text:
        return None
    found = _MARK.fullmatch(text)
    if found is None or abs(int(found[1])) >= 2**63:
        raise NotFound(_("没有这个页面。地址可能写错了，也可能已经换了。"))
    return Mark(int(found[1]), float(found[2]) if found[2] else None)


def _mark_after(row):
    """Return what `_mark` reads: the place of the last hit on a page, and its rank where the best came first."""
    return f"{row.place}_{row.rank!r}" if "rank" in row._fields else str(row.place)
