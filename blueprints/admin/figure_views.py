"""The first page of administrators: whether the site is well, its figures, and the ways to everything else."""

from flask import Blueprint, make_response, render_template

from blueprints.auth.doors import for_administrators
from blueprints.metrics.figures import figures
from blueprints.metrics.queries import most_opened
from core.health import health, mail_server_away

bp = Blueprint("figures", __name__)

ARTICLES_SHOWN = 5


@bp.get("/admin")
@for_administrators
def show(_actor):
    """Show whether the site is well and what the last eight weeks came to."""
    told = {"health": health(), "away": mail_server_away(), "figures": figures(), "most": most_opened(ARTICLES_SHOWN)}
    page = make_response(render_template("admin/overview.html", **told))
    page.headers["Cache-Control"] = "private, no-store"
    return page
