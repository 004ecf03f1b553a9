"""Commands of the room of search."""

import click
from flask.cli import AppGroup

from blueprints.search.indexing import Step, forget_gone, rebuild_some
from core.database import db, writing

group = AppGroup("search", help="Search.")


@group.command("rebuild")
def rebuild() -> None:
    """Make the index of search anew, a few rows at a time; the site may go on meanwhile."""
    with writing():
        dropped = forget_gone()
        db.session.commit()
    step = Step()
    while not step.is_done:
        with writing():
            step = rebuild_some(step)
            db.session.commit()
    click.echo(f"{step.made} can be found, {dropped} dropped")
