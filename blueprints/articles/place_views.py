"""The doors to the places articles stand in: tags, the archive, series, authors."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from blueprints.articles.archive_queries import archive as years_of_the_archive, in_month, month_at, year_at
from blueprints.articles.place_queries import (
    all_tags,
    author_at,
    by_author,
    in_series,
    series_at,
    tag_at,
    tagged,
)
from core.errors import NotFound
from core.i18n import _
from core.security import for_everyone

bp = Blueprint("places", __name__)


@bp.get("/tags")
def tags():
    """Show every tag and how many articles have it."""
    return _page("articles/tags.html", tags=all_tags())


@bp.get("/tags/<key>")
def tag(key):
    """Show the articles with a tag; another spelling of it leads to its own address."""
    found, before = tag_at(key), request.args.get("before")
    if found.key != key:
        return redirect(url_for("places.tag", key=found.key, before=before), 301)
    return _page("articles/tag.html", tag=found, articles=tagged(key, before))


@bp.get("/archive")
def archive():
    """Show the years and months in which something was published."""
    return _page("articles/archive.html", years=years_of_the_archive())


@bp.get("/archive/<year>")
def year(year):
    """Show the months of a year in which something was published; another way to write it leads to its own address."""
    found = year_at(_number(year, 4))
    if str(found.year) != year:
        return redirect(url_for("places.year", year=found.year), 301)
    return _page("articles/year.html", year=found)


@bp.get("/archive/<year>/<month>")
def month(year, month):
    """Show the articles of a month of the site's time zone; another way to write it leads to its own address."""
    found, before = month_at(_number(year, 4), _number(month, 2)), request.args.get("before")
    if (str(found.year), str(found.month)) != (year, month):
        return redirect(url_for("places.month", year=found.year, month=found.month, before=before), 301)
    articles = in_month(found.year, found.month, before)
    return _page("articles/month.html", month=found, articles=articles)


@bp.get("/series/<slug>")
def series(slug):
    """Show the articles of a series in their order."""
    found = series_at(slug)
    articles, after = in_series(found, request.args.get("from"))
    return _page("articles/series.html", series=found, articles=articles, after=after)


@bp.get("/authors/<path:name>")
def author(name):
    """Show what is signed with a name."""
    found = author_at(name)
    return _page("articles/author.html", author=found, articles=by_author(name, request.args.get("before")))


def _number(text, digits_max):
    """Return a number out of an address, however it is written there. Raises NotFound."""
    if not (text.isascii() and text.isdigit() and len(text) <= digits_max):
        raise NotFound(_("没有这个页面。地址可能写错了，也可能已经换了。"))
    return int(text)


def _page(template, **context):
    return for_everyone(make_response(render_template(template, **context)))
