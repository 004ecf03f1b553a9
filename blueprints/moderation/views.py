"""The doors of the moderation desk: the queue, one case, several at once, and undoing."""

from flask import Blueprint, flash, redirect, request, url_for

from blueprints.auth.doors import for_moderators
from blueprints.comments.bans import NobodyToPause
from blueprints.moderation.damage import remove_damaged
from blueprints.moderation.decisions import Sitting, ban, decide as decide_about, turn_down
from blueprints.moderation.families import FAMILY_MAX
from blueprints.moderation.forms import (
    DecideForm,
    FilterForm,
    SelectedForm,
    UndoForm,
    back_to,
    encoded,
    families_from,
    picks_from,
    query_of,
    state_names,
    wanted_from,
)
from blueprints.moderation.log_queries import last_act_of, last_handled_at
from blueprints.moderation.queries import decisions_about, family_of, still_as, waiting
from blueprints.moderation.reading import read_case, read_picked, read_queue
from blueprints.moderation.selection import Selection, decide_selected
from blueprints.moderation.undoing import is_undoable, undo as undo_batch
from blueprints.moderation.words import act_names
from core.database import db, writing
from core.errors import Conflict, NotFound
from core.i18n import _, ngettext

bp = Blueprint("moderation", __name__)

DONE = "moderated"


@bp.get("/moderation")
@for_moderators
def queue(actor):
    """Show what waits, or another list of the desk, 20 to a page."""
    wanted, waits = wanted_from(request.args), waiting()
    page = read_queue(wanted)
    beside = {"waits": waits, "waiting_count": lambda: waits.total, "states": state_names(), "undo_form": UndoForm()}
    beside |= {
        "last": last_act_of(actor),
        "handled_at": None if page.items else last_handled_at(),
        "is_undoable": is_undoable,
    }
    asked, decide = FilterForm(data=query_of(wanted)), DecideForm(data={"back": encoded(wanted)})
    return asked.page(
        "moderation/queue.html", wanted=wanted, query=query_of(wanted), page=page, decide=decide, **beside
    )


@bp.get("/moderation/comments/<int:comment_id>")
@for_moderators
def case(_actor, comment_id):
    """Show one reply with everything that was decided about it."""
    return _case_page(comment_id, DecideForm())


@bp.post("/moderation/comments/<int:comment_id>")
@for_moderators
def decide(actor, comment_id):
    """Decide about a text of a reply, or show what it is by now."""
    form = DecideForm()
    if form.validate():
        with form.showing_errors(), writing():
            _decide(form, comment_id, Sitting(actor))
            db.session.commit()
            return _done(form)
    return _case_page(comment_id, form)


def _decide(form, comment_id, sitting):
    """Do what the button says. Raises NotFound, Conflict, NotAllowed."""
    if form.seen.data == "damaged":
        remove_damaged(comment_id, sitting)
        return
    seen = form.seen_text
    if seen is None or seen.comment_id != comment_id:
        raise Conflict(_("这张表单说的不是这条回复。请看过再决定。"))
    if form.act.data != "ban":
        decide_about(form.act.data, seen, sitting, form.why)
        return
    _ban(form, seen, sitting)
    if form.and_spam.data:
        turn_down(seen, sitting, form.why, is_spam=True)


def _ban(form, seen, sitting):
    """Pause the writer. Where nobody is left to pause, what was ticked beside it is done all the same."""
    try:
        ban(seen, sitting, until=form.until, with_network=form.with_network.data, reason=form.why)
    except NobodyToPause as refusal:
        if not form.and_spam.data:
            raise
        flash(refusal.message)


def _case_page(comment_id, form):
    shown = read_case(comment_id)
    if shown is None:
        raise NotFound(_("没有这条回复。"))
    log = decisions_about(comment_id)
    return form.page(
        "moderation/case.html", case=shown, log=log, undo_form=UndoForm(), is_undoable=is_undoable, names=act_names()
    )


@bp.route("/moderation/selected", methods=["GET", "POST"])
@for_moderators
def selected(actor):
    """Say what was selected and how much of it still waits; the buttons decide about all of it."""
    form = SelectedForm(data={"act": request.args.get("act", "")})
    asked = request.form if request.method == "POST" else request.args
    picks, families = picks_from(asked.getlist("pick")), families_from(asked.getlist("family"))
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            outcome = decide_selected(form.act.data, Selection(picks, families), Sitting(actor), form.why)
            db.session.commit()
            return _done(form, outcome.passed_over)
    still = still_as(picks)
    found = {
        "picks": [(one, one in still) for one in picks],
        "cases": read_picked(picks),
        "families": [family_of(family, up_to, FAMILY_MAX + 1) for family, up_to in families],
    }
    return form.page("moderation/selected.html", **found, still=len(still), family_max=FAMILY_MAX)


@bp.post("/moderation/undo/<batch>")
@for_moderators
def undo(actor, batch):
    """Undo what was decided in one go."""
    form = UndoForm()
    if form.validate():
        with form.showing_errors(), writing():
            _undone, passed_over = undo_batch(batch, Sitting(actor))
            db.session.commit()
            return _done(form, passed_over)
    return form.page("moderation/undo.html", batch=batch)


def _done(form, passed_over=0):
    """Lead back to where somebody was; the line of what was done stands there."""
    flash("done", DONE)
    if passed_over:
        words = ngettext("%(num)s 条后来有人处理过，没有动。", "%(num)s 条后来有人处理过，没有动。", passed_over)
        flash(words)
    if form.back.data == "log":
        return redirect(url_for("moderation_log.show"), 303)
    return redirect(url_for("moderation.queue", **back_to(form)), 303)
