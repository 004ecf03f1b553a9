"""The application in this process, behind a socket: a real browser reads it, and its clock and rows are at hand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from tests import stage


@dataclass(frozen=True)
class Served:
    address: str
    app: Flask


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a site of its own for the length of the block."""
    app = stage.site(folder)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.server_port}", app)
    server.shutdown()
    thread.join()
    server.server_close()
    stage.close(app)
