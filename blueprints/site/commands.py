"""Commands of the site itself: its letters, its backups."""

import signal
import threading
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from blueprints.articles.queries import is_empty
from blueprints.site.demonstration import prepare_demonstration, put_on_empty_site
from core import jobs as outbox
from core.backup import CannotBackUp, create_backup, restore_backup
from core.config import settings
from core.database import db, writing
from core.logs import open_log
from core.mail import ServerAway

jobs = AppGroup("jobs", help="Letters that are to leave.")
backup = AppGroup("backup", help="Backups.")


def fill_empty_site() -> None:
    """Put the demonstration articles with their replies on a site that has no article yet, all or nothing."""
    if is_empty():
        prepared = prepare_demonstration()
        with writing():
            put_on_empty_site(prepared)
            db.session.commit()


@jobs.command("work")
@click.option("--once", is_flag=True, help="Send what is due now and end.")
def work(once: bool) -> None:
    """Send letters as they come, as a process of its own (set ZHISHANG_JOBS_IN_SERVER=0 for the server)."""
    open_log()
    if once:
        try:
            while outbox.work_once("jobs work --once"):
                pass
        except ServerAway as problem:
            raise click.ClickException(f"the mail server is away: {problem}") from None
        return
    stop = threading.Event()

    def leave(_number: int, _frame: object) -> None:
        stop.set()
        outbox.wake()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    outbox.work(app, stop)


@backup.command("create")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-key",
    is_flag=True,
    help="Put the secret key in, too; without it everyone logs in again after a restore elsewhere.",
)
def create(file: Path, with_key: bool) -> None:
    """Write a backup of the running or stopped site to FILE (.tar.gz)."""
    try:
        create_backup(settings(), file, with_key=with_key)
    except (CannotBackUp, OSError) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"{file}: {file.stat().st_size} bytes")


@backup.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put the site back to what FILE holds; stop the server first. What is there now is kept beside it."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
    try:
        restore_backup(settings(), file)
    except (CannotBackUp, OSError) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo("restored")
