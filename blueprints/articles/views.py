"""The doors to articles."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from blueprints.articles.around_queries import around
from blueprints.articles.changes import changes_of
from blueprints.articles.place_queries import pinned_articles
from blueprints.articles.previewing import around_as_written
from blueprints.articles.queries import Moved, article_by_slug, article_for, newest_articles, versions_of
from blueprints.articles.working_copies import as_written, copy_of, text_of
from blueprints.auth.login import visitor
from blueprints.comments.forms import comment_form
from blueprints.comments.reading import place_in, read_thread
from core.database import write_after
from core.forms import row_id
from core.security import for_everyone

bp = Blueprint("articles", __name__)


@bp.get("/")
def index():
    """Show the newest articles, or those before one of them; what is pinned stands over the newest, and there alone."""
    pinned, before = pinned_articles(), request.args.get("before")
    articles = newest_articles(before, without=[article.id for article in pinned])
    page = render_template("articles/index.html", articles=articles, pinned=() if before else pinned)
    return for_everyone(make_response(page))


@bp.get("/articles/<slug>")
def show(slug):
    """Show an article and a page of the replies under it; a draft, which has none, to its author and moderators."""
    who = visitor()
    article = article_for(slug, who.user.id if who.user else None, sees_drafts=who.may_moderate)
    if article.published_at is None:
        text = text_of(article, copy_of(article))
        written = as_written(article, text)
        around_it = around_as_written(written, text)
        return render_template("articles/draft.html", article=written, around=around_it, may_write=who.may_publish)
    thread = read_thread(article, place_in(request.args), who)
    form = comment_form(article, who)
    form.answer(thread.answering)
    shown = {"article": article, "around": around(article), "thread": thread, "form": form}
    page = make_response(render_template("articles/show.html", **shown))
    if thread.note is not None:
        write_after(page, thread.note)
    return for_everyone(page)


@bp.get("/articles/<slug>/changes")
def changes(slug):
    """Show what changed in an article since it was published, newest first."""
    article = article_by_slug(slug)
    before = row_id(request.args.get("before"))
    page = changes_of(article, versions_of(article, before), begins_inside=before is not None)
    return for_everyone(make_response(render_template("articles/changes.html", article=article, page=page)))


@bp.app_errorhandler(Moved)
def move(moved):
    """Lead from a former address to the present one, whatever was asked for there; a form is sent there again (RFC 9110, 15.4.9)."""
    place = (request.view_args or {}) | {"slug": moved.slug}
    query = f"?{request.query_string.decode('ascii', 'ignore')}" if request.query_string else ""
    return redirect(
        url_for(request.endpoint or "articles.show", **place) + query, 301 if request.method in ("GET", "HEAD") else 308
    )
