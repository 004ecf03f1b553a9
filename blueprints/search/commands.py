"""Commands of the room of search."""

import click
from flask.cli import AppGroup

from blueprints.search.rebuilding import batches, forget_gone, gone, merge, put
from core.database import db, writing

group = AppGroup("search", help="Search.")


@group.command("rebuild")
def rebuild() -> None:
    """Make the index of search anew, a little at a time; the site may go on meanwhile."""
    dropped = made = 0
    while places := gone():
        with writing():
            dropped += forget_gone(places)
            db.session.commit()
    for batch in batches():
        with writing():
            made += put(batch)
            db.session.commit()
    is_more = begin = True
    while is_more:
        with writing():
            is_more = merge(begin=begin)
            db.session.commit()
        begin = False
    click.echo(f"{made} can be found, {dropped} dropped")
