"""Every state of every page, played out on a real site: `python -m tests.states` serves each at /states/<name>.

A state is the answer of the application itself, with its status, headers and cookies, so what is looked at here is
what people get. Not part of the site.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response

from tests import (
    states_of_accounts,
    states_of_admin,
    states_of_feeds,
    states_of_figures,
    states_of_moderation,
    states_of_notifications,
    states_of_pictures,
    states_of_places,
    states_of_reading,
    states_of_replying,
    states_of_screening,
    states_of_search,
    states_of_settings,
    states_of_writers,
    states_of_writing,
)
from tests.stage import STATES, Browser, State, empty, play, site

__all__ = [
    "STATES",
    "Browser",
    "Server",
    "State",
    "empty",
    "play",
    "site",
    "states_of_accounts",
    "states_of_admin",
    "states_of_feeds",
    "states_of_figures",
    "states_of_moderation",
    "states_of_notifications",
    "states_of_pictures",
    "states_of_places",
    "states_of_reading",
    "states_of_replying",
    "states_of_screening",
    "states_of_search",
    "states_of_settings",
    "states_of_writers",
    "states_of_writing",
]


class Server:
    """The site, with its states at /states/<name> (`?lang=en` for English)."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        request = Request(environ)
        name = request.path.removeprefix("/states/")
        if request.path.startswith("/states/") and name in STATES:
            answer = play(self._app, name, request.args.get("lang", "zh"))
            headers = [
                header for header in answer.headers if header[0] not in ("Content-Length", "ETag", "Content-Encoding")
            ]
            return Response(answer.data, answer.status_code, headers)(environ, start_response)
        with self._app.app_context():
            return self._app(environ, start_response)


if __name__ == "__main__":
    if sys.argv[1:] == ["list"]:
        print(" ".join(f"/states/{name}@{one.status}" for name, one in STATES.items()))
    else:
        with tempfile.TemporaryDirectory() as place:
            run_simple("127.0.0.1", int((sys.argv[1:] or ["8100"])[0]), Server(site(Path(place))))
