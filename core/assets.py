"""Sheets and scripts: files joined once at start, named by a hash of their content.

There are two of each: what every page loads (`site`), and what the pages of those who work here load after it (`desk`).
"""

import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Flask, url_for

STATIC = Path(__file__).resolve().parent.parent / "static"
PARTS = {"site": Path(), "desk": Path("desk")}
SHEET_ORDER = ("tokens", "reset", "base", "layout")  # then the components by name, print last


@cache
def sheet(part: str) -> bytes:
    """Return all of one part of static/css in the order the cascade needs. Raises KeyError for a part there is not."""
    files = {path.stem: path for path in sorted((STATIC / "css" / PARTS[part]).glob("*.css"))}
    first = [files.pop(name) for name in SHEET_ORDER if name in files]
    last = [files.pop(name) for name in ("print",) if name in files]
    return b"\n".join(path.read_bytes() for path in [*first, *files.values(), *last])


@cache
def script(part: str) -> bytes:
    """Return all of one part of static/js as one module, each file in a block of its own, without indents and lines of comment.

    Raises KeyError for a part there is not.
    """
    files = sorted((STATIC / "js" / PARTS[part]).glob("*.js"))
    joined = b"\n".join(b"{\n" + path.read_bytes() + b"}" for path in files)
    return re.sub(rb"(?m)^[ \t]*(?://.*\n)?", b"", joined)


@cache
def picture(name: str) -> bytes:
    return (STATIC / "img" / name).read_bytes()


def open_assets(app: Flask) -> None:
    """Let templates link sheets, scripts and pictures by their content."""
    app.jinja_env.globals.update(
        sheet_url=lambda part: url_for("site.sheet", part=part, v=_version(sheet(part))),
        script_url=lambda part: url_for("site.script", part=part, v=_version(script(part))),
        picture_url=lambda name: url_for("static", filename=f"img/{name}", v=_version(picture(name))),
    )


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
