"""What `python3 run.py` does inside the virtual environment: prepare the site, then serve it, or run the tests."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server import Server
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.utils import import_string

from core.config import Settings, WrongSetting, read_settings
from core.database import db
from core.logs import open_log
from core.server import schema_problem

ROOT = Path(__file__).resolve().parent.parent
HEADER_TIMEOUT_MS = 5000
STOP_SECONDS = 4
MIGRATION_LOCK = 7_102_026


class CannotStart(Exception):
    """A reason, in one line, why the site does not start."""


def main(arguments: list[str]) -> int:
    """Serve the site; with `test …` run the tests, with `install` only prepare. Returns the exit status."""
    try:
        if arguments[:1] == ["test"]:
            return test(arguments[1:])
        signal.signal(signal.SIGTERM, _leave)
        chosen = read_settings()
        app = prepare(chosen)
        if arguments[:1] == ["install"]:
            return 0
        return serve(app, chosen)
    except (WrongSetting, CannotStart) as reason:
        return _refuse(str(reason))
    except (OSError, SQLAlchemyError) as problem:
        return _refuse(f"The site cannot start: {_first_line(problem)}")
    except KeyboardInterrupt:
        return 0


def _leave(_signal: int, _frame: object) -> None:
    sys.exit(0)


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr, flush=True)
    return 1


def _first_line(problem: Exception) -> str:
    cause = getattr(problem, "orig", None) or problem
    return str(cause).strip().split("\n")[0]


def prepare(chosen: Settings) -> Flask:
    """Bring the site's folder and database up to this version, and an empty site to its demonstration articles."""
    open_log()
    app: Flask = import_string("app:create_app")(chosen)
    with app.app_context():
        if (problem := schema_problem()) and "newer" in problem:
            raise CannotStart(problem)
        if problem:
            _upgrade()
        if chosen.demo:
            import_string("blueprints.site.commands:fill_empty_site")()
        _let_go_of_the_database()
    return app


def _let_go_of_the_database() -> None:
    """Server processes make their own connections."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def _upgrade() -> None:
    """Migrate; on PostgreSQL one launcher at a time."""
    if db.engine.dialect.name == "sqlite":
        upgrade()
        return
    with db.engine.connect() as guard:
        guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
        upgrade()


def serve(app: Flask, chosen: Settings) -> int:
    """Serve with granian until SIGINT or SIGTERM; 0 when it ended in good order. Raises CannotStart."""
    _check_port(chosen)
    if chosen.host in ("0.0.0.0", "::") and not chosen.site_url:  # noqa: S104  (refused, not bound)
        raise CannotStart(
            f"ZHISHANG_HOST={chosen.host} answers to every name: say in ZHISHANG_SITE_URL which is the site's."
        )
    print(f"{chosen.site_name}: {chosen.address}", flush=True)
    if not chosen.mail_server:
        print(f"No mail server is set: letters are laid into {chosen.outbox}", flush=True)
    _say_who_may_begin(app)
    os.environ["ZHISHANG_INSTANCE"] = str(chosen.instance)
    server = Server(
        "core.server:application",
        factory=True,
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=chosen.threads,
        backpressure=max(chosen.threads * 8, 256),
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_enabled=False,
    )
    server.serve()
    return 0


def _say_who_may_begin(app: Flask) -> None:
    """Print the link that makes the first administrator, on each start until there is one."""
    with app.app_context():
        link = import_string("blueprints.auth.first_administrator:first_run_link")()
        _let_go_of_the_database()
    if link:
        print(f"First administrator: {link}", flush=True)


def _check_port(chosen: Settings) -> None:
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as problem:
            raise CannotStart(
                f"Cannot listen on {chosen.host}:{chosen.port} ({problem.strerror}). Choose another with ZHISHANG_PORT=8001."
            ) from None


def test(arguments: list[str]) -> int:
    """Run the whole test suite, or what `arguments` (pytest's own) name; tests with no browser are left out and named."""
    browser = _chromium() or _install_chromium()
    extra = []
    if browser is None:
        print("No Chromium was found or could be installed: tests marked `browser` are left out.", flush=True)
        extra = ["-m", "not browser"]
    environment = os.environ | {"ZHISHANG_CHROMIUM": browser or ""}
    return subprocess.call(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            "auto",
            "--dist",
            "loadfile",
            "--no-loadscope-reorder",
            *extra,
            *arguments,
        ],
        cwd=ROOT,
        env=environment,
    )


def _chromium() -> str | None:
    given = os.environ.get("CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    installed = sorted((Path.home() / ".cache" / "ms-playwright").glob("chromium-*/chrome-linux*/chrome"))
    found = [given] if given else [path for name in names if (path := shutil.which(name))]
    return next((path for path in [*found, *map(str, installed)] if path and Path(path).exists()), None)


def _install_chromium() -> str | None:
    print("Installing Chromium for the browser tests …", flush=True)
    debian = shutil.which("apt-get") and os.geteuid() == 0 if hasattr(os, "geteuid") else False
    steps = (
        [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
        ]
        if debian
        else [[sys.executable, "-m", "playwright", "install", "chromium"]]
    )
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in steps:
        subprocess.call(step, env=environment, stdout=subprocess.DEVNULL)
    return _chromium()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
