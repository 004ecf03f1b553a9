"""The inbox of an account: what happened to what it wrote and follows."""

from flask import Blueprint, flash, make_response, redirect, request, url_for

from blueprints.auth.doors import for_members
from blueprints.comments.forms import PlainForm
from blueprints.comments.models import Status
from blueprints.notifications.inbox import by_article, mark_read, note_read
from blueprints.notifications.models import Why
from blueprints.notifications.queries import notification_of, notifications_of, unread_count
from blueprints.notifications.verdicts import verdicts
from core.database import db, write_after, writing
from core.forms import row_id
from core.i18n import _

bp = Blueprint("notifications", __name__, url_prefix="/notifications")


@bp.get("")
@for_members
def index(user):
    """Show what I am told, by article, the newest first."""
    return _page(user, PlainForm())


def _page(user, form):
    page = notifications_of(user, row_id(request.args.get("before")))
    unread = 0 if page.has_earlier or not page.items else unread_count(user)
    return form.page(
        "notifications/index.html",
        page=page,
        groups=by_article(page.items),
        verdicts=verdicts(page.items),
        unread=unread,
    )


@bp.get("/<int:notification_id>")
@for_members
def show(user, notification_id):
    """Lead to what a line is about; that it was read is noted after the answer."""
    row = notification_of(user, notification_id)
    answer = make_response(redirect(_place(row), 303))
    note = note_read(row)
    if note is not None:
        write_after(answer, note)
    return answer


def _place(row):
    if row.comment is None:
        return url_for("articles.show", slug=row.article.slug)
    if row.comment.status is Status.PUBLISHED and row.why is not Why.EDIT:
        return url_for("comments.show", comment_id=row.comment_id)
    return url_for("own_comments.appeal", comment_id=row.comment_id)


@bp.post("/read")
@for_members
def read(user):
    """Take everything that was told so far as read."""
    form = PlainForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            mark_read(user, up_to=row_id(request.form.get("up_to")) or 0)
            db.session.commit()
            flash(_("全部标为已读。"))
            return redirect(url_for("notifications.index"), 303)
    return _page(user, form)
