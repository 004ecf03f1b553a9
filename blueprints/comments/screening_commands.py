"""Commands of screening: what the classifier learned, how good it is, and its lessons to take away."""

import json
import re

import click
from flask.cli import AppGroup

from blueprints.comments.classifying import LESSONS_MIN, Taught, cross_validated, keep, lessons, model_of
from core.database import db, writing

group = AppGroup("screening", help="The classifier that learns from the moderators' decisions.")

_ADDRESS = re.compile(r"[^\s<>@]{1,64}@(?=[\w-])")


@group.command("train")
def train() -> None:
    """Learn from the lessons now; the site does so by itself within the hour after a decision."""
    taught = lessons()
    model = model_of(taught)
    with writing():
        keep(model)
        db.session.commit()
    wanted = sum(is_wanted for _text, is_wanted in taught)
    if model is None:
        _say_too_few(taught)
    else:
        click.echo(f"learned from {wanted} wanted and {len(taught) - wanted} unwanted replies")


@group.command("test")
def test() -> None:
    """Learn from four fifths of the lessons, judge the fifth, in turns, and print how often that was right."""
    taught = lessons()
    score = cross_validated(taught)
    if score is None:
        _say_too_few(taught)
        raise SystemExit(1)
    precision = "nothing was taken for unwanted" if score.precision is None else f"precision {score.precision:.1%}"
    click.echo(f"{score.wanted_count} wanted, {score.unwanted_count} unwanted: {precision}, recall {score.recall:.1%}")


@group.command("export")
def export() -> None:
    """Print the lessons, one JSON object a line, the newest of each kind first; e-mail addresses are left out."""
    for text, is_wanted in lessons():
        _name, _break, body = text.partition("\n")
        click.echo(json.dumps({"is_wanted": is_wanted, "body": _ADDRESS.sub("…@", body)}, ensure_ascii=False))


def _say_too_few(taught: list[Taught]) -> None:
    wanted = sum(is_wanted for _text, is_wanted in taught)
    click.echo(
        f"too few lessons: {wanted} wanted and {len(taught) - wanted} unwanted; it takes {LESSONS_MIN} of each. "
        "Until then the classifier says nothing."
    )
