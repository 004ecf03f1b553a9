"""The door that ends letters."""

from flask import Blueprint, redirect, render_template, request, url_for

from blueprints.notifications.forms import name_of
from blueprints.notifications.stopping import end, ending_of
from core.database import db, writing
from core.security import takes_foreign_posts

bp = Blueprint("letters", __name__)


@bp.route("/letters/stop/<token>", methods=["GET", "POST"])
@takes_foreign_posts
def stop(token):
    """Show what the link ends or has ended; a POST ends it, without a page and without a cookie (RFC 8058)."""
    if request.method != "POST":
        ending = ending_of(token)
        name = name_of(ending.subscription) if ending.subscription is not None else ""
        return render_template("notifications/stop.html", ending=ending, name=name)
    with writing():
        end(ending_of(token), everything=request.form.get("which") == "all")
        db.session.commit()
    if "List-Unsubscribe" in request.form:
        return "", 200
    if request.form.get("which") == "all":
        return redirect(url_for("letters.stopped"), 303)
    return redirect(url_for("letters.stop", token=token), 303)


@bp.get("/letters/stopped")
def stopped():
    """Say that no more letters will be written."""
    return render_template("notifications/stopped.html")
