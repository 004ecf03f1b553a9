"""The doors to replies: posting one, and the way to one."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, request, url_for

from blueprints.articles.around_queries import around
from blueprints.articles.queries import article_at, article_by_slug
from blueprints.auth.login import WRITER_COOKIE, visitor
from blueprints.captcha import challenges
from blueprints.comments.forms import comment_form
from blueprints.comments.guests import has_letter
from blueprints.comments.models import Status
from blueprints.comments.ownership import is_theirs, whose_is
from blueprints.comments.posting import admit, earlier_copy, post_comment
from blueprints.comments.queries import NO_SUCH_COMMENT, comment_at, comment_by_id, next_by_author
from blueprints.comments.reading import place_in, read_thread
from blueprints.comments.screening import examine
from blueprints.comments.thread_queries import Place, page_start
from core.database import db, writing
from core.errors import Conflict, NotFound
from core.forms import browser_key
from core.i18n import _, keep_cookie

bp = Blueprint("comments", __name__)

WRITER_COOKIE_SECONDS = 30 * 24 * 3600
KIND = "reply"


@bp.get("/articles/<slug>/comments")
def index(slug):
    """Lead to the article's replies."""
    return redirect(url_for("articles.show", slug=slug, _anchor="replies"), 302)


@bp.post("/articles/<slug>/comments")
def create(slug):
    """Post a reply and lead to it, or show the article again with what is wrong and everything that was typed."""
    article, who = article_at(slug), visitor()
    form = comment_form(article, who)
    preview = None
    if form.validate_on_submit():
        draft = form.draft(article, who)
        if form.preview.data:
            preview = draft.body_html
        else:
            with form.showing_errors():
                posted = earlier_copy(article, draft) or _post(article, draft, form, who)
                if posted is not None:
                    _demand_visible(posted, who)
                    return _to(posted)
    return _page(article, form, who, preview)


def _post(article, draft, form, who):
    """Store the reply; None where it was refused after the captcha was used, which is kept in each case."""
    admit(article, draft)
    whose, posted = whose_is(who), None
    seen = examine(article, draft, whose)
    with writing():
        with form.showing_errors():
            proof = _proof(form) if who.user is None else None
            posted = post_comment(article, draft, whose, proof=proof, seen=seen)
        db.session.commit()
    return posted


def _proof(form):
    """Return what shows that a person writes, using it up. Raises WrongAnswer, ChallengeExpired."""
    if form.by_mail.data:
        return "mail"
    if form.proof.data:
        challenges.spend_proof(form.proof.data, KIND, browser_key())
        return "captcha"
    if form.captcha_id.data:
        challenges.redeem(form.captcha_id.data, KIND, browser_key(), form.captcha.data or "")
        return "captcha"
    return None


def _page(article, form, who, preview):
    if who.user is None and (form.is_asked or form.refresh.data):
        form.proof.data, form.captcha.data = "", ""
        form.captcha_id.data = challenges.issue(KIND, browser_key())
    thread = read_thread(article, place_in({}), who, form.parent_id, form.quote.data or "")
    if thread.answering.target is None:
        form.parent.data = ""  # it is gone; the next press posts to the article
    template = "comments/closed.html" if form.status == 410 else "articles/show.html"
    return form.page(template, article=article, around=around(article), thread=thread, preview=preview)


def _to(posted):
    comment = posted.comment
    flash(request.path, f"posted-{comment.id}")  # so that the browser lets go of its draft
    if words := _said_of(posted):
        flash(words, f"comment-{comment.id}")
    if posted.is_new and comment.notify and comment.notify_since is None:
        flash(_said_of_letters(comment.email), f"comment-{comment.id}")
    response = make_response(redirect(url_for("comments.show", comment_id=comment.id), 303))
    if posted.writer_token:
        keep_cookie(response, WRITER_COOKIE, posted.writer_token, WRITER_COOKIE_SECONDS)
    return response


def _said_of(posted):
    """Return what is said at the reply, nothing at a new one that waits: it says so itself."""
    if not posted.is_new:
        return _("这条已经发表过了，没有重复发。")
    if posted.comment.status is Status.PUBLISHED:
        return _("已发表。60 分钟内可以修改或撤回。")
    return ""


def _said_of_letters(email):
    if has_letter(email):
        return _("请查收邮件，点里面的链接确认邮箱，有人回应时才会写信给你。")
    return _("没有再给这个邮箱写信。打开以前信里的链接，可以让信再来。")


def _demand_visible(posted, who):
    """A copy of what this browser cannot see is told here, beside the text. Raises Conflict."""
    comment = posted.comment
    hidden = comment.status is not Status.PUBLISHED and not posted.writer_token
    if not posted.is_new and hidden and not is_theirs(comment, whose_is(who)):
        raise Conflict(_("同样的内容已经收到过，没有重复发：它在等人查看，或者没有通过。"))
    if not posted.is_new and comment.floor is not None and comment.status is not Status.PUBLISHED:
        raise Conflict(_("同样的内容发表过，后来移除了，没有重复发。"))


@bp.get("/comments/<int:comment_id>")
def show(comment_id):
    """Lead to the page that shows this reply, in the order asked for; what is not public is there for its writer and moderators only."""
    comment, who = _on_public_article(comment_id), visitor()
    if comment.floor is None and not (who.may_moderate or is_theirs(comment, whose_is(who))):
        raise NotFound(NO_SUCH_COMMENT)
    return redirect(_address(comment, request.args.get("sort", "")), 302)


def _on_public_article(comment_id):
    """Return a reply under an article everyone can read. Raises NotFound, also where a damaged row cannot be placed."""
    comment = comment_by_id(comment_id)
    is_sound = isinstance(comment.body_html, str) and isinstance(comment.floor, int | None)
    if comment.article is None or not is_sound:
        raise NotFound(NO_SUCH_COMMENT)
    article_by_slug(comment.article.slug)
    return comment


def _address(comment, sort=""):
    """The author's own replies hold the author's only, so another's leads to reading order."""
    has_it = sort == "newest" or (sort == "author" and comment.is_by_author)
    order = Place(sort=sort if has_it else "oldest")
    start = page_start(comment, order) if comment.floor is not None else None
    where: dict[str, Any] = {**order.order, **({"from": start} if start else {})}
    return url_for("articles.show", slug=comment.article.slug, **where, _anchor=f"comment-{comment.id}")


@bp.get("/comments/<int:comment_id>/next-by-author")
def next_of_author(comment_id):
    """Lead to the author's next reply after this one, from the last to the first."""
    comment = _on_public_article(comment_id)
    found = next_by_author(comment) if comment.floor is not None else None
    if found is None:
        raise NotFound(_("作者还没有回复。"))
    return redirect(_address(found), 302)


@bp.get("/articles/<slug>/floors/<int:floor>")
def on_floor(slug, floor):
    """Lead to the reply on this floor, or the next one there is."""
    return redirect(_address(comment_at(article_by_slug(slug), floor)), 302)
