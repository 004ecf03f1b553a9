"""The doors of the site itself: sheet and script, privacy, security.txt."""

from datetime import timedelta

from flask import Blueprint, Response, make_response, render_template

from core import clock
from core.assets import script as joined_script, sheet as joined_sheet
from core.config import settings
from core.mail import site_link
from core.security import for_everyone

bp = Blueprint("site", __name__)

KEPT_BY_BROWSERS = "public, max-age=31536000, immutable"  # the address carries the content's hash


@bp.get("/static/site.css")
def sheet():
    """Serve the style sheet."""
    return Response(joined_sheet(), mimetype="text/css", headers={"Cache-Control": KEPT_BY_BROWSERS})


@bp.get("/static/site.js")
def script():
    """Serve the script."""
    return Response(joined_script(), mimetype="text/javascript", headers={"Cache-Control": KEPT_BY_BROWSERS})


@bp.get("/privacy")
def privacy():
    """Say what is stored about readers and writers."""
    return for_everyone(make_response(render_template("site/privacy.html")))


@bp.get("/.well-known/security.txt")
def security_txt():
    """Say whom to tell of a hole (RFC 9116)."""
    contact = settings().security_contact or settings().sender
    lines = [
        f"Contact: {contact if ':' in contact else 'mailto:' + contact}",
        f"Expires: {(clock.now() + timedelta(days=180)).strftime('%Y-%m-%dT00:00:00Z')}",
        "Preferred-Languages: zh, en",
        f"Canonical: {site_link('site.security_txt')}",
    ]
    return Response("\n".join(lines) + "\n", mimetype="text/plain", headers={"Cache-Control": "public, max-age=86400"})
