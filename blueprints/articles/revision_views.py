"""The doors to what a text was before, and to its punctuation."""

from flask import Blueprint, flash, redirect, render_template, url_for

from blueprints.articles.punctuation import FOUND_MAX, applied, find_changes, kind_names
from blueprints.articles.working_copies import Text, as_kept, copy_of, mark_of, rewrite, text_of
from blueprints.articles.write_forms import ActForm, MarksForm, changed_fields
from blueprints.articles.write_queries import article_to_write, kept_text, kept_texts, last_kept, names_of
from blueprints.auth.doors import for_authors
from core.database import db, writing
from core.differences import differences
from core.i18n import _, ngettext

LINES_MAX = 400

bp = Blueprint("revisions", __name__, url_prefix="/write/<int:article_id>")


@bp.get("/revisions")
@for_authors
def index(user, article_id):
    """List the texts an article had, public or only written, newest first."""
    article = article_to_write(article_id, user)
    versions, copy = kept_texts(article), copy_of(article)
    names = names_of([one.saved_by_id for one in versions])
    page = {"article": article, "versions": versions, "names": names, "text": text_of(article, copy)}
    return render_template("write/revisions.html", **page)


@bp.route("/revisions/<int:version_id>", methods=["GET", "POST"])
@for_authors
def show(user, article_id, version_id):
    """Show what changed since one text, and put it back into the editor; what stood there is kept."""
    article = article_to_write(article_id, user)
    copy, version = copy_of(article), kept_text(article, version_id)
    form, text = ActForm(data={"mark": mark_of(article, copy)}), text_of(article, copy)
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            article, version = article_to_write(article_id, user), kept_text(article, version_id)
            rewrite(article, user, form.mark.data, as_kept(version, text))
            db.session.commit()
            flash(_("放回编辑器里了。刚才的内容在“以前的样子”里。"))
            return redirect(url_for("write.edit", article_id=article_id), 303)
    form.mark.data = mark_of(article, copy_of(article))
    return form.page("write/revision.html", article=article, version=version, text=text, **_compared(version, text))


def _compared(version, text):
    lines = differences(version.body, text.body)
    heads = changed_fields(as_kept(version, text), text)
    return {"lines": lines[:LINES_MAX], "is_cut": len(lines) > LINES_MAX, "heads": heads}


@bp.route("/punctuation", methods=["GET", "POST"])
@for_authors
def punctuation(user, article_id):
    """Show each change of punctuation, and make those that were chosen; the text before is kept."""
    article = article_to_write(article_id, user)
    copy = copy_of(article)
    text, form = text_of(article, copy), MarksForm(data={"mark": mark_of(article, copy)})
    changes = find_changes(text.body)
    if form.validate_on_submit():
        tidied = Text(text.values, applied(text.body, changes, form.chosen))
        with form.showing_errors(), writing():
            kept = rewrite(article_to_write(article_id, user), user, form.mark.data, tidied)
            db.session.commit()
            return _tidied(kept, form, article_id)
        if kept := _was_tidied(article_to_write(article_id, user), form):
            return _tidied(kept, form, article_id)
        form.mark.data = mark_of(article, copy_of(article))
    page = {"article": article, "changes": changes, "names": kind_names(), "is_cut": len(changes) == FOUND_MAX}
    return form.page("write/punctuation.html", chosen=form.chosen if form.is_submitted() else None, **page)


def _was_tidied(article, form):
    """Return the text before, where the button was pressed twice: what was chosen in it is what stands there now."""
    before, text = last_kept(article), text_of(article, copy_of(article))
    is_done = before is not None and applied(before.body, find_changes(before.body), form.chosen) == text.body
    return before if is_done else None


def _tidied(kept, form, article_id):
    flash(ngettext("改了 %(num)s 处。", "改了 %(num)s 处。", len(form.chosen)))
    if kept is not None:
        flash(str(kept.id), "before")
    return redirect(url_for("write.edit", article_id=article_id), 303)
