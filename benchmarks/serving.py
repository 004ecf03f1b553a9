"""A real server to measure: its own process, its own folder, on loopback; and the site's own code to set its scene.

Used by the benchmarks beside it; prints nothing.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from flask import Flask

from app import create_app
from core.config import read_settings

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """A running site. `app` is the same site in this process, for making accounts and reading what the server keeps."""

    port: int
    app: Flask


@contextmanager
def serving(**settings: str) -> Iterator[Server]:
    """Serve an empty site with these settings (names without their prefix) for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="zhishang-benchmark-") as folder:
        port = free_port()
        given = _environment(Path(folder) / "instance", port, settings)
        log = Path(folder) / "server.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "core.launch"], cwd=ROOT, env=given, stdout=file, stderr=file
            )
        try:
            _wait_for(port, process, log)
            yield Server(port, create_app(read_settings(given)))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(instance: Path, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ZHISHANG_")}
    own = {"INSTANCE": str(instance), "PORT": str(port), "DEMO": "0"} | dict(settings)
    return bare | {f"ZHISHANG_{name}": value for name, value in own.items()}


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(f"the server did not start:\n{log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not come up")


@contextmanager
def silent_mail_server() -> Iterator[int]:
    """Take every connection and say nothing, for the length of the block; gives the port."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:  # the kernel takes them, nobody reads
        yield listening.getsockname()[1]


@dataclass(frozen=True)
class Answer:
    """One answer; `seconds` is from the first byte sent to the last one read."""

    status: int
    seconds: float
    text: str


class Browser:
    """One browser, seen from an address block of its own: a kept connection and its cookies."""

    def __init__(self, port: int, number: int) -> None:
        self.address = f"10.{number // 256 % 256}.{number % 256}.7"
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._connection.close()

    def get(self, path: str) -> "Answer":
        return self._exchange("GET", path, None)

    def post(self, path: str, form: Mapping[str, str]) -> "Answer":
        return self._exchange("POST", path, urllib.parse.urlencode(form))

    @property
    def headers(self) -> dict[str, str]:
        """What this browser sends with a form."""
        own = {"X-Forwarded-For": self.address, "Content-Type": "application/x-www-form-urlencoded"}
        return own | {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}

    def _exchange(self, method: str, path: str, body: str | None) -> "Answer":
        headers = self.headers
        begun = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        seconds = time.perf_counter() - begun
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Answer(answer.status, seconds, text.decode())


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that posts to this path, or of the one that names no path."""
    parser = _Forms(action)
    parser.feed(page)
    if not parser.fields:
        raise SystemExit(f"no form for {action} on the page")
    return parser.fields


class _Forms(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action, self._inside = action, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            to = urllib.parse.urlsplit(found.get("action") or self._action).path
            self._inside = found.get("method", "get").lower() == "post" and to == self._action
        elif tag == "input" and self._inside and found.get("type") == "hidden" and "name" in found:
            self.fields[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"
