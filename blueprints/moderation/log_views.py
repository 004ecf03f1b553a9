"""The doors of the moderation log: for moderators, and what everyone may read of it."""

from flask import Blueprint, make_response, render_template, request

from blueprints.auth.doors import for_moderators
from blueprints.moderation.forms import LogForm, UndoForm
from blueprints.moderation.log_queries import log_page, moderators, removals as removals_page
from blueprints.moderation.models import Act
from blueprints.moderation.undoing import is_undoable
from blueprints.moderation.words import act_names
from core.config import settings
from core.errors import NotFound
from core.forms import row_id
from core.i18n import _
from core.security import for_everyone

bp = Blueprint("moderation_log", __name__)


@bp.get("/moderation/log")
@for_moderators
def show(_actor):
    """Show who decided what, the newest first, narrowed to a person or an act."""
    act, person = request.args.get("act", ""), request.args.get("person", "")
    form = LogForm(data={"act": act, "person": person})
    staff = {"": _("所有人"), "0": _("命令行")} | {str(one.id): one.username for one in moderators()}
    form.person.choices = list((staff | ({person: person} if row_id(person) and person not in staff else {})).items())
    actor_id, wanted_act = 0 if person == "0" else row_id(person), Act(act) if act in act_names() else None
    lines = log_page(row_id(request.args.get("before")), actor_id=actor_id, act=wanted_act)
    asked = {name: value for name, value in (("person", person), ("act", act)) if value}
    return form.page("moderation/log.html", lines=lines, asked=asked, undo_form=UndoForm(), is_undoable=is_undoable)


@bp.get("/removals")
def removals():
    """Show everyone which replies were removed and why, where the site wants that."""
    if not settings().removals_public:
        raise NotFound(_("没有这个页面。地址可能写错了，也可能已经换了。"))
    page = removals_page(row_id(request.args.get("before")))
    return for_everyone(make_response(render_template("moderation/removals.html", page=page)))
