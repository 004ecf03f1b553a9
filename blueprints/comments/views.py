"""The doors to replies."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, url_for

from blueprints.articles.queries import article_by_slug
from blueprints.auth.login import WRITER_COOKIE, visitor
from blueprints.comments.forms import comment_form
from blueprints.comments.models import Status
from blueprints.comments.posting import admit, earlier_copy, post_comment
from blueprints.comments.queries import NO_SUCH_COMMENT, comment_by_id, page_start
from blueprints.comments.reading import place_in, read_thread
from core.database import db, writing
from core.errors import NotFound
from core.i18n import _, keep_cookie
from core.tokens import hash_of

bp = Blueprint("comments", __name__)

WRITER_COOKIE_SECONDS = 30 * 24 * 3600


@bp.get("/articles/<slug>/comments")
def index(slug):
    """Lead to the article's replies."""
    return redirect(url_for("articles.show", slug=slug, _anchor="replies"), 302)


@bp.post("/articles/<slug>/comments")
def create(slug):
    """Post a reply and lead to it, or show the article again with what is wrong and everything that was typed."""
    article, who = article_by_slug(slug), visitor()
    form = comment_form(article, who)
    preview = None
    if form.validate_on_submit():
        draft = form.draft(who)
        if form.preview.data:
            preview = draft.body_html
        else:
            with form.showing_errors():
                if (posted := earlier_copy(article, draft)) is None:
                    admit(article, draft)
                    with writing():
                        posted = post_comment(article, draft)
                        db.session.commit()
                return _to(posted)
    thread = read_thread(article, place_in({}), who, form.parent_id)
    return form.page("articles/show.html", article=article, thread=thread, preview=preview)


def _to(posted):
    comment = posted.comment
    if not posted.is_new:
        flash(_("这条已经发表过了，没有重复发。"), f"comment-{comment.id}")
    elif comment.status is Status.PUBLISHED:
        flash(_("已发表。"), f"comment-{comment.id}")
    response = make_response(redirect(url_for("comments.show", comment_id=comment.id), 303))
    if posted.writer_token:
        keep_cookie(response, WRITER_COOKIE, posted.writer_token, WRITER_COOKIE_SECONDS)
    return response


@bp.get("/comments/<int:comment_id>")
def show(comment_id):
    """Lead to the page of the thread that shows this reply; one that is not public is there for its writer and moderators only."""
    comment, who = comment_by_id(comment_id), visitor()
    if comment.article.withdrawn_at is not None:
        article_by_slug(comment.article.slug)
    start = None
    if comment.status in (Status.PUBLISHED, Status.DELETED) and comment.floor is not None:
        start = page_start(comment)
    elif not (who.may_moderate or _is_own(comment, who)):
        raise NotFound(NO_SUCH_COMMENT)
    place: dict[str, Any] = {"from": start} if start else {}
    address = url_for(
        "articles.show",
        slug=comment.article.slug,
        **place,
        _anchor=f"comment-{comment.id}",
    )
    return redirect(address, 302)


def _is_own(comment, who):
    by_account = who.user is not None and comment.user_id == who.user.id
    return by_account or (who.writer_token is not None and comment.writer_hash == hash_of(who.writer_token))
