"""The doors from the desk of authors to readers: publishing now or at a time, withdrawing, bringing back, taking the file along."""

from flask import Blueprint, Response, flash, redirect, url_for

from blueprints.articles.exporting import as_file
from blueprints.articles.publishing import rendered_anew
from blueprints.articles.queries import can_be_slug
from blueprints.articles.readiness import advice_for, faults_in, file_of
from blueprints.articles.scheduling import (
    bring_back,
    moment_of,
    next_morning,
    put_up,
    schedule,
    time_typed,
    unschedule,
    withdraw,
)
from blueprints.articles.working_copies import copy_of, drop_copy, mark_of, text_of
from blueprints.articles.write_forms import ActForm, publish_form
from blueprints.articles.write_queries import article_to_write
from blueprints.auth.doors import for_authors
from core.config import settings
from core.database import db, writing
from core.differences import differences
from core.errors import DomainError
from core.i18n import _, moment

bp = Blueprint("release", __name__, url_prefix="/write/<int:article_id>")


@bp.route("/publish", methods=["GET", "POST"])
@for_authors
def publish(user, article_id):
    """Look through what is being written, and publish it, now or at a time."""
    article = article_to_write(article_id, user)
    seen = _look(article)
    form = publish_form(seen["mark"], time_typed(article.scheduled_at) if article.scheduled_at else "", next_morning())
    if form.is_submitted() and seen["faults"]:
        form.refusal = DomainError(_("还不能发表，先改下面几处。"))
    elif form.validate_on_submit():
        with form.showing_errors():
            at = moment_of(form.at.data) if form.when.data == "later" and article.published_at is None else None
            with writing():
                said = _release(user, article_id, seen, form.mark.data, at)
                db.session.commit()
            flash(said)
            return redirect(url_for("write.edit" if at else "articles.show", **_place(user, article_id, at)), 303)
        form.mark.data = _look(article_to_write(article_id, user))["mark"]
    return form.page("write/publish.html", article=article_to_write(article_id, user), zone=settings().timezone, **seen)


def _look(article):
    copy = copy_of(article)
    text = text_of(article, copy)
    html = rendered_anew(article.slug, text.body, text["lang"])
    faults = faults_in(article, text)
    is_behind = copy is not None and copy.based_on != article.revision
    return {
        "mark": mark_of(article, copy),
        "text": text,
        "html": html,
        "faults": faults,
        "advice": advice_for(text, html),
        "file": None if faults else file_of(article, text, is_draft=False),
        "behind": differences(article.body, text.body) if is_behind else [],
    }


def _release(user, article_id, seen, mark, at):
    """Put up what was seen; what it is by now is read again. Returns what to say."""
    article = article_to_write(article_id, user)
    if at is not None:
        schedule(article, file_of(article, seen["text"], is_draft=True), seen["html"], mark, at)
        return _("定好了，%(moment)s 自己发表。", moment=moment(at))
    is_new = article.published_at is None
    put_up(article, file_of(article, seen["text"], is_draft=False), seen["html"], mark)
    return _("已发表。") if is_new else _("已更新。")


def _place(user, article_id, at):
    return {"article_id": article_id} if at else {"slug": article_to_write(article_id, user).slug}


@bp.post("/<any(withdraw, restore, unschedule, drop):act>")
@for_authors
def decide(user, article_id, act):
    """Withdraw or delete, bring back, put off, or let go of what is being written; each can be undone."""
    form = ActForm()
    if form.validate():
        with writing():
            said = _decided(article_to_write(article_id, user), user, act)
            db.session.commit()
    flash(form.problems[0][1] if form.problems else said)
    return redirect(url_for("write.edit", article_id=article_id), 303)


def _decided(article, user, act):
    if act == "drop":
        drop_copy(article, user)
        return _("改动放下了，在“以前的样子”里还找得到。")
    if act == "unschedule":
        unschedule(article)
        return _("不定时了，又是草稿。")
    if act == "withdraw":
        withdraw(article, user)
        return _("已撤下。") if article.published_at else _("已删除，30 天内可以恢复。")
    bring_back(article, user)
    return _("已恢复。")


@bp.get("/file")
@for_authors
def file(user, article_id):
    """Hand out what is being written as a Markdown file with front matter."""
    article = article_to_write(article_id, user)
    written = file_of(article, text_of(article, copy_of(article)), is_draft=article.published_at is None)
    name = written.slug if can_be_slug(written.slug) else f"article-{article_id}"
    named = {"Content-Disposition": f'attachment; filename="{name}.md"', "Cache-Control": "no-store"}
    return Response(as_file(article, written), mimetype="text/markdown", headers=named)
