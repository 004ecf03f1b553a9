"""The doors to feeds, and the page that says what they are."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from blueprints.articles.place_queries import key_of, tag_at
from blueprints.articles.queries import NO_SUCH_PAGE, article_by_slug, standing
from blueprints.comments.queries import comment_at, comment_by_id
from blueprints.comments.reading import place_in
from blueprints.feeds.filling import author_feed, replies_feed, site_feed, tag_feed, thread_feed
from blueprints.feeds.heads import article_head, list_head
from blueprints.feeds.writing import MEDIA_TYPES, written
from core.errors import NotFound
from core.security import for_everyone

bp = Blueprint("feeds", __name__)
bp.add_app_template_global(article_head)
bp.add_app_template_global(list_head)


@bp.get("/feeds")
def index():
    """Say what feeds there are and how to read them."""
    return for_everyone(make_response(render_template("feeds/index.html")))


@bp.get("/feed.<any(atom, json):kind>")
def site(kind):
    """Give out the newest articles."""
    return _feed(site_feed(request.args.get("before")), kind)


@bp.get("/authors/<path:name>/feed.<any(atom, json):kind>")
def author(name, kind):
    """Give out the newest articles of one author."""
    return _feed(author_feed(name, request.args.get("before")), kind)


@bp.get("/tags/<key>/feed.<any(atom, json):kind>")
def tag(key, kind):
    """Give out the newest articles with one tag; another spelling of it leads to its own address."""
    if key_of(key) != key:
        before = request.args.get("before")
        return redirect(url_for("feeds.tag", key=tag_at(key).key, kind=kind, before=before), 301)
    return _feed(tag_feed(key, request.args.get("before")), kind)


@bp.get("/articles/<slug>/replies.<any(atom, json):kind>")
def replies(slug, kind):
    """Give out the newest replies under an article."""
    return _feed(replies_feed(article_by_slug(slug), _floor()), kind)


@bp.get("/comments/<int:comment_id>/thread.<any(atom, json):kind>")
def thread(comment_id, kind):
    """Give out the newest replies of a thread, by its first reply; every other leads to that."""
    comment = comment_by_id(comment_id)
    if comment.root_floor is None or comment.article.published_at is None:
        raise NotFound(NO_SUCH_PAGE)
    article = standing(comment.article)
    if comment.floor != comment.root_floor:
        root = comment_at(article, comment.root_floor)
        return redirect(url_for("feeds.thread", comment_id=root.id, kind=kind))
    return _feed(thread_feed(comment, _floor()), kind)


def _floor():
    return place_in({"before": request.args.get("before", "")}).before_floor


def _feed(feed, kind):
    """Only its mark (ETag) tells that a feed is as it was: what is taken down changes it and moves no date forward."""
    answer = for_everyone(Response(written(feed, kind), mimetype=MEDIA_TYPES[kind]))
    answer.last_modified = feed.updated
    return answer
