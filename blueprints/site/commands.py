"""Commands of the site itself: its letters, its backups, its maintenance."""

import signal
import threading
from datetime import datetime, timedelta
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from blueprints.articles.queries import is_empty
from blueprints.site.demonstration import prepare_demonstration, put_on_empty_site
from blueprints.site.maintenance import close_until, open_again
from core import clock, jobs as outbox
from core.backup import CannotBackUp, create_backup, restore_backup
from core.config import settings
from core.database import db, writing
from core.logs import open_log
from core.mail import ServerAway

jobs = AppGroup("jobs", help="Letters that are to leave.")
backup = AppGroup("backup", help="Backups.")
site = AppGroup("site", help="The site as a whole.")
maintenance = AppGroup("maintenance", help="Close the site for a while, with a page that says until when.")
site.add_command(maintenance)


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


@maintenance.command("on")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), default=30, show_default=True, help="How long.")
@click.option("--until", type=click.DateTime(["%H:%M"]), help="The next time it is HH:MM in the site's time zone.")
def maintenance_on(minutes: int, until: datetime | None) -> None:
    """Close the site; it opens by itself at the time it tells readers. Reading, writing and letters' links wait."""
    here = clock.now().astimezone(settings().timezone)
    opens = here + timedelta(minutes=minutes)
    if until is not None:
        opens = here.replace(hour=until.hour, minute=until.minute, second=0, microsecond=0)
        opens += timedelta(days=1) if opens <= here else timedelta()
    try:
        close_until(opens)
    except OSError as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"closed until {opens:%Y-%m-%d %H:%M} ({settings().timezone})")


@maintenance.command("off")
def maintenance_off() -> None:
    """Open the site again."""
    try:
        click.echo("open again" if open_again() else "was open")
    except OSError as problem:
        raise click.ClickException(str(problem)) from None
