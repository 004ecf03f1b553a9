"""The sheet and the script: files joined once at start, named by a hash of their content."""

import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Flask, url_for

STATIC = Path(__file__).resolve().parent.parent / "static"
SHEET_ORDER = ("tokens", "reset", "base", "layout")  # then the components by name, print last


@cache
def sheet() -> bytes:
    """Return all of static/css in the order the cascade needs."""
    files = {path.stem: path for path in sorted((STATIC / "css").glob("*.css"))}
    last = [files.pop("print")]
    first = [files.pop(name) for name in SHEET_ORDER]
    return b"\n".join(path.read_bytes() for path in [*first, *files.values(), *last])


@cache
def script() -> bytes:
    """Return all of static/js as one module, each file in a block of its own, without indents and lines of comment."""
    joined = b"\n".join(b"{\n" + path.read_bytes() + b"}" for path in sorted((STATIC / "js").glob("*.js")))
    return re.sub(rb"(?m)^[ \t]*(?://.*\n)?", b"", joined)


@cache
def picture(name: str) -> bytes:
    return (STATIC / "img" / name).read_bytes()


def open_assets(app: Flask) -> None:
    """Let templates link the sheet, the script and pictures by their content."""
    app.jinja_env.globals.update(
        sheet_url=lambda: url_for("site.sheet", v=_version(sheet())),
        script_url=lambda: url_for("site.script", v=_version(script())),
        picture_url=lambda name: url_for("static", filename=f"img/{name}", v=_version(picture(name))),
    )


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
