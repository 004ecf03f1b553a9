"""The real parts: the server process, an SMTP server, PostgreSQL, a browser."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, sync_playwright

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Mailbox:
    """What an SMTP server on this machine was handed."""

    letters: list[Any] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    def wait_for(self, count: int) -> list[Any]:
        """Return the letters once there are `count`."""
        for _ in range(200):
            if len(self.letters) >= count:
                return self.letters
            time.sleep(0.1)
        raise AssertionError(f"{len(self.letters)} letters instead of {count}")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox(port=free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@dataclass
class Site:
    """A running server and the folder it runs on."""

    address: str
    process: "subprocess.Popen[str]"
    environment: dict[str, str]

    def flask(self, *arguments: str, feed: str = "") -> str:
        """Run one of the site's commands and return what it printed."""
        command = [sys.executable, "-m", "flask", "--app", "app", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=feed, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def environment(instance: Path, port: int, **settings: str) -> dict[str, str]:
    """Return the environment of a site of its own, with nothing of the machine's settings."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ZHISHANG_")}
    own = {"INSTANCE": str(instance), "PORT": str(port), "DEMO": "0", "WORKERS": "2"} | settings
    return bare | {f"ZHISHANG_{name}": value for name, value in own.items()}


def is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(address + "/privacy", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def starting(folder: Path) -> Iterator[Callable[..., Site]]:
    """Start servers on one instance folder; all are ended after the block."""
    sites: list[Site] = []

    def run(**settings: str) -> Site:
        port = free_port()
        given = environment(folder / "instance", port, **settings)
        log = folder / f"server-{port}.log"
        with log.open("w") as file:
            command = [sys.executable, "-m", "core.launch"]
            process = subprocess.Popen(command, cwd=ROOT, env=given, stdout=file, stderr=file, text=True)
        site = Site(f"http://127.0.0.1:{port}", process, given)
        sites.append(site)
        for _ in range(150):
            if is_up(site.address):
                return site
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        raise AssertionError("the server did not come up")

    yield run
    for site in sites:
        if site.process.poll() is None:
            site.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    with starting(tmp_path) as run:
        yield run


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One running site for the tests of a module that leave no trace in it."""
    with starting(tmp_path_factory.mktemp("shared")) as run:
        yield run()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The address of an empty database of each kind, "" for SQLite in the instance folder."""
    if request.param == "sqlite":
        return ""
    return postgres.new_database(request.getfixturevalue("postgres_server"), f"system_{free_port()}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("ZHISHANG_CHROMIUM") or None, args=FLAGS)
        yield browser
        browser.close()
