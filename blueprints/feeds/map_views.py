"""The doors for search engines: the map of the site and what they are to leave alone."""

from flask import Blueprint, Response, make_response, render_template

from blueprints.admin.page_queries import BUILT_IN, written_pages
from blueprints.articles.queries import NO_SUCH_PAGE
from blueprints.feeds.mapping import addresses, files
from blueprints.feeds.naming import address
from blueprints.feeds.writing import without_controls
from core.errors import NotFound
from core.security import for_everyone

bp = Blueprint("map", __name__)

LEFT_ALONE = (
    *("/account", "/admin", "/moderation", "/notifications", "/write"),
    *("/login", "/logout", "/register", "/confirm/", "/forgot-password", "/reset-password/", "/first-run/"),
    *("/mine", "/follow/", "/letters/", "/settings/", "/search?", "/captcha/"),
    *("/articles/*/comments", "/articles/*/floors/", "/articles/*/follow", "/comments/*/"),
    *(f"/*?*{name}=" for name in ("about", "cite", "lang", "paragraphs", "quote", "sort", "to")),
)


@bp.get("/robots.txt")
def robots():
    """Keep crawlers out of forms, accounts and desks (RFC 9309), and lead them to the map."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in LEFT_ALONE), "", f"Sitemap: {address('map.index')}"]
    return for_everyone(Response("\n".join(lines) + "\n", mimetype="text/plain"))


@bp.get("/sitemap.xml")
def index():
    """Give out every public address, or where the files with them are."""
    found = files()
    return (
        _xml("feeds/sitemap_index.xml", files=found)
        if found
        else _xml("feeds/sitemap.xml", urls=[*_pages(), *addresses()])
    )


@bp.get("/sitemap/<any(places, articles, tags, series):kind>-<int:part>.xml")
def part(kind, part):
    """Give out one file of addresses."""
    urls = [*(_pages() if (kind, part) == ("places", 0) else ()), *addresses(kind, part)]
    if not urls:
        raise NotFound(NO_SUCH_PAGE)
    return _xml("feeds/sitemap.xml", urls=urls)


def _pages():
    """The owner's pages; about and privacy are there without them."""
    return [(address("site.page", slug=slug), None) for slug in written_pages() if slug not in BUILT_IN]


def _xml(template, **values):
    page = make_response(without_controls(render_template(template, **values)))
    page.mimetype = "application/xml"
    return for_everyone(page)
