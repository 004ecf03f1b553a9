"""The door that ends letters."""

from flask import Blueprint, flash, redirect, render_template, request, url_for

from blueprints.comments.wishes import end, stop_of
from core.database import db, writing
from core.i18n import _
from core.security import takes_foreign_posts

bp = Blueprint("letters", __name__)


@bp.route("/letters/stop/<token>", methods=["GET", "POST"])
@takes_foreign_posts
def stop(token):
    """Show what the link would end; a POST ends it, without a page and without a cookie (RFC 8058)."""
    found = stop_of(token)
    if request.method != "POST":
        return render_template("letters/stop.html", stop=found)
    with writing():
        end(stop_of(token), everything=request.form.get("which") == "all")
        db.session.commit()
    if "List-Unsubscribe" in request.form:
        return "", 200
    flash(_("不会再写信了。"))
    return redirect(url_for("letters.stopped"), 303)


@bp.get("/letters/stopped")
def stopped():
    """Say that no more letters will be written."""
    return render_template("letters/stopped.html")
