"""The desk of authors: what is mine, and the editor, which saves beside what readers see."""

import secrets
from functools import wraps

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request, session, url_for

from blueprints.articles.previewing import around_as_written
from blueprints.articles.scheduling import delays, gone_at
from blueprints.articles.working_copies import (
    KEY,
    EditedElsewhere,
    Text,
    as_written,
    begin_article,
    copy_of,
    keep_text,
    mark_of,
    save as save_text,
    text_of,
)
from blueprints.articles.write_forms import AUTOSAVE, NEW, ActForm, WriteForm, changed_fields, write_form
from blueprints.articles.write_queries import (
    GROUPS,
    article_to_write,
    copies_of,
    names_of,
    published_by,
    series_titles,
    unpublished_by,
)
from blueprints.auth.doors import for_authors
from blueprints.auth.login import LoggedOut
from blueprints.comments.desk_queries import replies_for
from core import clock
from core.config import settings
from core.database import db, writing
from core.differences import differences
from core.errors import DomainError
from core.forms import row_id
from core.i18n import _, language, time_of_day

BYTES_MAX = 12 * 1024 * 1024  # a million Chinese characters, percent-encoded as text browsers send them, and a little

bp = Blueprint("write", __name__, url_prefix="/write")


@bp.before_request
def take_long_texts():
    """A whole book may be sent here, and nowhere else, by whoever logged in with this browser, be it over by now."""
    if "_user_id" in session:
        request.max_content_length = request.max_form_memory_size = BYTES_MAX
    request.get_data(parse_form_data=True)  # what is too large is told here; `give_back` could not


def telling_scripts(view):
    """Answer a save of the script's in JSON also where the door, or the article, refuses it."""

    @wraps(view)
    def told(**place):
        try:
            return view(**place)
        except DomainError as refusal:
            if isinstance(refusal, LoggedOut) or request.form.get("act") != AUTOSAVE:
                raise
            return jsonify(words=refusal.message, conflict=False), refusal.status

    return told


@bp.get("")
@for_authors
def index(user):
    """Show what somebody writes at and has published, with the replies that wait for them."""
    is_all = request.args.get("which") == "all" and user.role.may_moderate
    whose = None if is_all else user
    groups = {name: unpublished_by(whose, name) for name in GROUPS}
    published = published_by(whose, row_id(request.args.get("before")))
    shown = [*(one for group in groups.values() for one in group), *published.items]
    context = {"groups": groups, "published": published, "copies": copies_of(shown), "is_all": is_all}
    late = delays(groups["scheduled"])
    replies = replies_for([one for one in published.items if one.author_id == user.id], user)
    return ActForm().page("write/index.html", **context, late=late, replies=replies)


@bp.get("/new")
@for_authors
def new(user):
    """Show an empty editor; the first save makes the draft."""
    form = write_form(
        Text({"lang": language(), "comments": "open"}, ""),
        NEW,
        may_pin=user.role.may_moderate,
        key=secrets.token_hex(8),
    )
    return _editor_page(form, None)


@bp.post("/new")
@telling_scripts
@for_authors
def create(user):
    """Keep the first text of a new draft, once however often it is sent."""
    form = write_form(Text({}, ""), NEW, may_pin=user.role.may_moderate)
    if form.validate() and not _is_empty(form):
        with form.showing_errors(), writing():
            article = begin_article(form.key.data or "", user)
            mark = save_text(article, form.text, user, form.mark.data or "", over_other=form.act.data == "mine")
            db.session.commit()
            return _saved(form, article.id, mark)
    return _not_saved(form, begin_article(form.key.data, user) if isinstance(form.refusal, EditedElsewhere) else None)


def _is_empty(form):
    if form.text.is_empty:
        form.title.errors = [_("还没有写什么。")]
    return form.text.is_empty


@bp.get("/<int:article_id>")
@for_authors
def edit(user, article_id):
    """Show the editor with what is being written."""
    article = article_to_write(article_id, user)
    return _editor_page(_filled(article, user), article)


def _filled(article, user):
    copy = copy_of(article)
    key = secrets.token_hex(8)
    return write_form(text_of(article, copy), mark_of(article, copy), may_pin=user.role.may_moderate, key=key)


@bp.post("/<int:article_id>")
@telling_scripts
@for_authors
def save(user, article_id):
    """Save what is being written, or show both texts where there is another one by now."""
    form = _filled(article_to_write(article_id, user), user)
    if form.validate():
        with form.showing_errors(), writing():
            article = article_to_write(article_id, user)
            if form.act.data == "theirs":
                keep_text(article, form.text, user.id)
                mark = ""
            else:
                mark = save_text(article, form.text, user, form.mark.data or "", over_other=form.act.data == "mine")
            db.session.commit()
            return _saved(form, article_id, mark)
    return _not_saved(form, article_to_write(article_id, user))


def _saved(form, article_id, mark):
    if form.is_autosave:
        words = _("已保存 %(time)s", time=time_of_day(clock.now()))
        return jsonify(words=words, mark=mark, path=url_for("write.edit", article_id=article_id))
    ways = {"preview": "write.preview", "punctuation": "revisions.punctuation", "publish": "release.publish"}
    if KEY.fullmatch(form.key.data or ""):
        flash(form.key.data, "saved")  # so that the browser lets go of its copy
    if form.act.data == "theirs":
        flash(_("用了那边的。你写的那一份在“以前的样子”里。"))
    return redirect(url_for(ways.get(form.act.data, "write.edit"), article_id=article_id), 303)


def _not_saved(form, article):
    is_conflict = isinstance(form.refusal, EditedElsewhere)
    if form.is_autosave:
        return jsonify(words=str(form.problems[0][1]), conflict=is_conflict), form.status
    return _conflict_page(form, article) if is_conflict else _editor_page(form, article)


def _conflict_page(form, article):
    """Both texts, and the buttons that choose one; the other is kept whichever it is."""
    copy = copy_of(article)
    theirs, mine = text_of(article, copy), form.text
    form.mark.data = mark_of(article, copy)
    lines = changed_fields(theirs, mine)
    context = {"lines": lines, "body_lines": differences(theirs.body, mine.body), "theirs": theirs, "copy": copy}
    return form.page(
        "write/conflict.html", article=article, names=names_of([copy.saved_by_id] if copy else []), **context
    )


def _editor_page(form, article):
    copy = copy_of(article) if article is not None else None
    context = {"article": article, "copy": copy, "series_titles": series_titles(), "act_form": ActForm()}
    if article is not None:
        context |= {"delay": delays([article]).get(article.id), "gone_at": gone_at(article, copy)}
    return form.page("write/editor.html", zone=settings().timezone, **context)


@bp.get("/<int:article_id>/preview")
@for_authors
def preview(user, article_id):
    """Show what is being written as readers will see it."""
    article = article_to_write(article_id, user)
    text = text_of(article, copy_of(article))
    shown = as_written(article, text)
    page = make_response(render_template("write/preview.html", article=shown, around=around_as_written(shown, text)))
    page.headers["Cache-Control"] = "private, no-store"
    return page


@bp.get("/help")
@for_authors
def help_page(_user):
    """Say in short how a text is marked up."""
    return render_template("write/help.html")


@bp.errorhandler(LoggedOut)
def give_back(refusal):
    """Show what was written to whoever is not logged in any more; once they are, in another tab, the same button saves it."""
    form = WriteForm()
    if form.is_autosave:
        return jsonify(words=_("登录过期了。"), conflict=False), refusal.status
    form.refusal = refusal
    return form.page("write/logged_out.html")
