"""One server process: the application, its mail worker, and a watch on its parent. The launcher gives `application` to granian."""

import functools
import logging
import multiprocessing
import os
import threading
import time
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, abort
from werkzeug.utils import import_string

from core import jobs
from core.config import settings
from core.database import db
from core.logs import open_log

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

log = logging.getLogger("zhishang.server")


def application() -> Flask:
    """Return the application of a server process, its worker started, which ends when the launcher is gone."""
    open_log()
    app: Flask = import_string("app:create_app")()
    threading.Thread(target=_end_with_launcher, name="launcher", daemon=True).start()
    with app.app_context():
        if settings().jobs_in_server:
            jobs.start_worker(app)
    app.extensions["serving"] = True
    return app


def serve_on_first_request(app: Flask) -> None:
    """Under `flask run` or a foreign WSGI server the first request checks the schema and starts the worker."""

    @app.before_request
    def begin_serving() -> None:
        if app.testing or app.extensions.get("serving"):
            return
        problem = schema_problem()
        if problem:
            if not app.extensions.get("schema_told"):
                app.extensions["schema_told"] = True
                log.error(problem)
            abort(503, description=problem)
        if settings().jobs_in_server:
            jobs.start_worker(app)
        app.extensions["serving"] = True


def schema_problem() -> str | None:
    """Return in one line what is wrong with the database's schema, None when it is the one this version needs."""
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == _revisions()[0]:
        return None
    if current is None or current in _revisions():
        return "The database is older than this version of the site. Run: flask --app app db upgrade"
    return "The database was written by a newer version of the site. Install that version, or restore a backup made with this one."


@functools.cache
def _revisions() -> list[str]:
    """Return the schema's revisions that this version knows, the newest first; read once in each process."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


def _end_with_launcher() -> None:
    launcher = multiprocessing.parent_process()  # also one that was gone before this process was up
    if launcher is None:
        return
    while os.getppid() == launcher.pid:
        time.sleep(1)
    os._exit(1)
