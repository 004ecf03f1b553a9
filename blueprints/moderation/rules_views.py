"""The doors of what keeps replies out: the owner's words, and who is paused."""

from flask import Blueprint, flash, redirect, url_for

from blueprints.auth.doors import for_moderators
from blueprints.auth.forms import ConfirmForm
from blueprints.comments.bans import open_bans
from blueprints.comments.word_rules import dry_run, rules
from blueprints.moderation.decisions import Sitting
from blueprints.moderation.forms import DropForm, UndoForm, WordForm
from blueprints.moderation.log_queries import last_act_of
from blueprints.moderation.rules import add_words, ban_by_id, drop_words, lift_ban, rule_of
from blueprints.moderation.undoing import is_undoable
from core.database import db, writing
from core.i18n import _

bp = Blueprint("moderation_rules", __name__)


@bp.route("/moderation/words", methods=["GET", "POST"])
@for_moderators
def words(actor):
    """Show the owner's words; try one against the last 500 replies, or keep it."""
    form, caught = WordForm(), None
    if form.validate_on_submit():
        with form.showing_errors():
            if form.act.data == "try":
                caught = dry_run(form.words.data)
            else:
                with writing():
                    add_words(form.words.data, Sitting(actor), refuses=form.refuses.data)
                    db.session.commit()
                return _done("moderation_rules.words", _("已添加。"))
    return form.page("moderation/words.html", word_form=form, caught=caught, act_form=DropForm(), **_rules(actor))


@bp.post("/moderation/words/<int:rule_id>/drop")
@for_moderators
def drop(actor, rule_id):
    """Keep a word no longer."""
    form = DropForm()
    if form.validate():
        with form.showing_errors(), writing():
            drop_words(rule_of(rule_id, form.words.data), Sitting(actor))
            db.session.commit()
            return _done("moderation_rules.words", _("已去掉。"))
    return form.page("moderation/words.html", word_form=WordForm(), caught=None, act_form=form, **_rules(actor))


@bp.get("/moderation/bans")
@for_moderators
def bans(actor):
    """Show who is kept from replying, and until when."""
    return ConfirmForm().page("moderation/bans.html", bans=open_bans(), **_last(actor))


@bp.post("/moderation/bans/<int:ban_id>/lift")
@for_moderators
def lift(actor, ban_id):
    """Let somebody reply again."""
    form = ConfirmForm()
    if form.validate():
        with form.showing_errors(), writing():
            lift_ban(ban_by_id(ban_id), Sitting(actor))
            db.session.commit()
            return _done("moderation_rules.bans", _("已解除。"))
    return form.page("moderation/bans.html", bans=open_bans(), **_last(actor))


def _rules(actor):
    return {"rules": rules()} | _last(actor)


def _last(actor):
    return {"last": last_act_of(actor), "undo_form": UndoForm(), "is_undoable": is_undoable}


def _done(endpoint, said):
    flash(said)
    return redirect(url_for(endpoint), 303)
