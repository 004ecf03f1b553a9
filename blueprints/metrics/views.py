"""The room of figures has no door; it looks at what leaves the others."""

from flask import Blueprint, current_app, request

from blueprints.metrics.counting import Opens, is_reader, writing_of
from core.database import write_after

bp = Blueprint("metrics", __name__)


@bp.record_once
def begin_counting(state):
    """Give this process its own count."""
    state.app.extensions["opens"] = Opens()


@bp.after_app_request
def count_open(response):
    """Count an article that was opened; what is due is written once the answer was sent."""
    is_page = request.endpoint == "articles.show" and request.method == "GET" and response.status_code in (200, 304)
    if is_page and is_reader(request.headers, request.path):
        write_after(response, *writing_of(current_app.extensions["opens"].note((request.view_args or {})["slug"])))
    return response
