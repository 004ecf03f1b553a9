"""The doors to one reply: changing it, withdrawing it, what changed in it, reporting it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for

from blueprints.articles.queries import article_by_slug
from blueprints.auth.login import visitor
from blueprints.comments.appealing import appeal as store_appeal, appeal_of, count_appeal, decided_against
from blueprints.comments.drafts import html_of
from blueprints.comments.editing import count_edit, edit_comment, text_to_edit
from blueprints.comments.flagging import count_flag, flag as store_flag
from blueprints.comments.forms import AppealForm, EditForm, FlagForm, PlainForm
from blueprints.comments.models import FlagReason, Status
from blueprints.comments.ownership import demand_own, demand_right, whose_is
from blueprints.comments.queries import NO_SUCH_COMMENT, comment_by_id, former_texts, latest_number
from blueprints.comments.withdrawing import restore as bring_back, withdraw as take_back
from core.database import db, writing
from core.differences import differences
from core.errors import Conflict, NotFound
from core.i18n import _

LINES_MAX = 300

bp = Blueprint("own_comments", __name__, url_prefix="/comments/<int:comment_id>")


@bp.route("/edit", methods=["GET", "POST"])
def edit(comment_id):
    """Change one's own reply, for an hour or until somebody answers."""
    comment, whose = comment_by_id(comment_id), whose_is(visitor())
    demand_own(comment, whose)
    form, preview = EditForm(), None
    if not form.is_submitted():
        demand_right(comment, whose, "may_edit")
        form.body.data, form.version.data = text_to_edit(comment), latest_number(comment)
    elif form.validate():
        html = html_of(comment.article, form.body.data)
        if form.preview.data:
            preview = html
        else:
            with form.showing_errors():
                count_edit(visitor().address_block)
                with writing():
                    is_shown = edit_comment(comment, whose, form.body.data, html, version=form.version_number)
                    db.session.commit()
                return _edited(comment, is_shown)
    return _edit_page(comment, form, preview)


def _edit_page(comment, form, preview):
    if isinstance(form.refusal, Conflict):
        form.version.data = latest_number(comment)  # the next press saves what stands in the field
    return form.page("comments/edit.html", comment=comment, preview=preview, newest=text_to_edit(comment))


def _edited(comment, is_shown):
    flash(request.path, f"posted-{comment.id}")  # so that the browser lets go of its draft
    words = (
        _("已保存。") if is_shown else _("已保存。新的内容先经人工查看，这之前别人看到的还是原来的。它在“我的回复”里。")
    )
    return _back(comment, words)


def _back(comment, words):
    flash(words, f"comment-{comment.id}")
    return redirect(url_for("comments.show", comment_id=comment.id), 303)


@bp.route("/withdraw", methods=["GET", "POST"])
def withdraw(comment_id):
    """Take one's own reply back; it can be brought back for a while."""
    comment, whose, form = comment_by_id(comment_id), whose_is(visitor()), PlainForm()
    demand_own(comment, whose)
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            take_back(comment, whose)
            db.session.commit()
            return _withdrawn(comment)
    elif not form.is_submitted():
        demand_right(comment, whose, "may_withdraw")
    return form.page("comments/withdraw.html", comment=comment)


def _withdrawn(comment):
    if comment.floor is not None:
        return _back(comment, _("已撤回。"))
    flash(_("已撤回。"))
    return redirect(url_for("own_comments.restore", comment_id=comment.id), 303)


@bp.route("/restore", methods=["GET", "POST"])
def restore(comment_id):
    """Bring one's own withdrawn reply back."""
    comment, whose, form = comment_by_id(comment_id), whose_is(visitor()), PlainForm()
    demand_own(comment, whose)
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            bring_back(comment, whose)
            db.session.commit()
            return _back(comment, _("已恢复。"))
    elif not form.is_submitted():
        demand_right(comment, whose, "may_restore")
    return form.page("comments/restore.html", comment=comment)


@bp.get("/changes")
def changes(comment_id):
    """Show what one change of a public reply was, by `?change=` (from 1), else the latest."""
    comment = comment_by_id(comment_id)
    article_by_slug(comment.article.slug)
    former = former_texts(comment)
    number = request.args.get("change", len(former), type=int)
    if comment.status is not Status.PUBLISHED or not 0 < number <= len(former):
        raise NotFound(NO_SUCH_COMMENT)
    texts = [*((text.created_at, text.body) for text in former), (comment.edited_at, comment.body)]
    before, (at, after) = texts[number - 1], texts[number]
    lines = differences(before[1], after)
    context = {
        "number": number,
        "count": len(former),
        "at": at,
        "lines": lines[:LINES_MAX],
        "is_cut": lines[LINES_MAX:],
    }
    return render_template("comments/changes.html", comment=comment, **context)


@bp.route("/report", methods=["GET", "POST"])
def report(comment_id):
    """Report somebody's reply to the moderators."""
    comment, form = comment_by_id(comment_id), FlagForm()
    article_by_slug(comment.article.slug)
    if comment.status is not Status.PUBLISHED:
        raise NotFound(NO_SUCH_COMMENT)
    if form.validate_on_submit():
        with form.showing_errors():
            count_flag(visitor(), comment)
            with writing():
                store_flag(comment, visitor(), FlagReason(form.reason.data), form.note.data)
                db.session.commit()
            return _back(comment, _("已收到举报，谢谢。"))
    return form.page("comments/report.html", comment=comment)


@bp.route("/appeal", methods=["GET", "POST"])
def appeal(comment_id):
    """Show a writer what was decided about their reply and why, and let them answer it once."""
    comment, whose, form = comment_by_id(comment_id), whose_is(visitor()), AppealForm()
    demand_own(comment, whose)
    decided = decided_against(comment)
    if form.validate_on_submit():
        with form.showing_errors():
            count_appeal(visitor().address_block)
            with writing():
                store_appeal(comment, whose, form.body.data)
                db.session.commit()
            flash(_("已收到，会有人再看一次。"))
            return redirect(url_for("own_comments.appeal", comment_id=comment.id), 303)
    elif not form.is_submitted() and decided is None:
        return redirect(url_for("comments.show", comment_id=comment.id), 303)
    about = decided or comment
    return form.page("comments/appeal.html", comment=comment, decided=about, appeal=appeal_of(comment, about))
