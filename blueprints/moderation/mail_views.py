"""The door of links in letters to moderators: opening one changes nothing, its buttons decide once."""

from flask import Blueprint, render_template

from blueprints.moderation.cases import open_case, seen_by, use
from blueprints.moderation.decisions import Sitting, decide as decide_about
from blueprints.moderation.forms import DecideForm
from blueprints.moderation.reading import read_case
from blueprints.moderation.words import told, who_was_first
from core.database import db, writing
from core.i18n import _

bp = Blueprint("mailed_cases", __name__)


@bp.get("/moderation/by-mail/<token>")
def show(token):
    """Show the reply a letter was about, with its buttons."""
    return _page(open_case(token), DecideForm())


@bp.post("/moderation/by-mail/<token>")
def decide(token):
    """Decide once about the text the letter was about, as the moderator it was written to."""
    form, found = DecideForm(), open_case(token)
    if form.validate():
        with form.showing_errors(), writing():
            case = use(token)
            decision = decide_about(form.act.data or "", seen_by(case), Sitting(case.user), form.why)
            db.session.commit()
            return render_template("moderation/mailed_done.html", words=told(decision))
    return _page(found, form)


def _page(found, form):
    shown = read_case(found.comment_id)
    if shown is None or shown.damages:
        changed = _("这条坏了，请登录后在待审列表里移除。")
    elif (shown.text, shown.state) == (f"{found.comment_id}.{found.version}", "pending"):
        changed = ""
    else:
        changed = who_was_first(found.comment, found.version)
    return form.page("moderation/mailed_case.html", case=shown, changed=changed, moderator=found.user)
