"""Is a reply that was acknowledged ever lost? `python -m tests.system.posting_under_fire [--posts 10000] [--kills 20]`

Starts the site, posts distinct replies from eight clients at once, kills every process of it with SIGKILL at random moments,
starts it again at once, and goes on. Each client keeps what it sent and what it was told; a post without an answer is sent
again, the same form, until it is acknowledged.

Prints, at the end, how many were acknowledged and stored, what is missing, double or half (floors with holes, counters that
do not agree), the slowest return after a kill, and the verdict. `--database` takes an address of PostgreSQL, or the word
`postgresql` for a server of the tests' own. The exit status is 1 when anything is lost, or a return took more than 3 seconds.
"""

import argparse
import http.client
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from flask import Flask
from sqlalchemy import select, text

from app import create_app
from blueprints.articles.models import Article
from blueprints.comments.models import Comment, Status
from core.config import read_settings
from core.database import db, writing
from core.markup import render_comment
from tests import builders, postgres, stage
from tests.system.conftest import ROOT, environment, free_port

CLIENTS = 8
RETURN_SECONDS_MAX = 3.0
PATH = "/articles/fire"
UNLIMITED = {f"COMMENTS_{name}": "100000" for name in ("PER_MINUTE", "PER_10_MINUTES", "FLOOD_PER_MINUTE")}
WORDS = "一本书读到停下来看会儿窗外写在纸上的字不催人慢些也好后来又想起那年冬天"


@dataclass(frozen=True)
class Answer:
    """What a client was told; status 0 when it was told nothing."""

    status: int
    location: str = ""
    wait: str = ""
    text: str = ""


class Fire:
    """A site that can be shot down and comes back, on one port and one folder."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.port, self._log = free_port(), folder / "server.log"
        more = {"DATABASE_URI": database, "TRUSTED_PROXIES": "127.0.0.1"}
        self.environment = environment(folder / "instance", self.port, **UNLIMITED, **more)
        self.returns: list[float] = []
        self.is_up = threading.Event()

    def start(self) -> None:
        """Start, and wait until a page is served."""
        begun = time.monotonic()
        with self._log.open("a") as log:
            command = [sys.executable, "-m", "core.launch"]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        while ask(self.port, "/privacy").status != 200:
            if self.process.poll() is not None or time.monotonic() > begun + 60:
                raise SystemExit(f"the site did not come up:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.02)
        self.returns.append(time.monotonic() - begun)
        self.is_up.set()

    def kill(self) -> None:
        """Kill every process of the site at this instant."""
        self.is_up.clear()
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End in good order."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)


def ask(port: int, path: str, form: dict[str, str] | None = None, address: str = "10.0.0.7") -> Answer:
    """Send one request from this address; what the server did not answer in full is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        body = urllib.parse.urlencode(form) if form is not None else None
        headers = {"X-Forwarded-For": address, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("GET" if form is None else "POST", path, body, headers)
        got = connection.getresponse()
        answered = got.read().decode()
        return Answer(got.status, got.headers.get("Location", ""), got.headers.get("Retry-After", ""), answered)
    except (OSError, http.client.HTTPException):
        return Answer(0)
    finally:
        connection.close()


def stamp_of(port: int) -> str:
    """Return the stamp that a reply's form carries."""
    return str(re.findall(r'name="stamp" value="([^"]+)"', ask(port, PATH).text)[-1])


def reply(number: int) -> dict[str, str]:
    """Return the form of one of so many distinct replies."""
    words = "".join(random.choices(WORDS, k=random.randint(5, 400)))
    return {"nickname": f"读者{number}", "email": f"r{number}@example.com", "body": f"第 {number} 条。\n\n{words}"}


@dataclass
class Told:
    """What the clients were told: where each text went, and every answer that was neither that nor "try again"."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    odd: list[Answer] = field(default_factory=list)
    busy: list[Answer] = field(default_factory=list)
    unanswered: int = 0
    seconds: list[float] = field(default_factory=list)

    def post(self, fire: Fire, form: dict[str, str], address: str) -> None:
        """Post until it is acknowledged, or answered with what no reply of ours deserves."""
        while True:
            fire.is_up.wait()
            begun = time.monotonic()
            answer = ask(fire.port, PATH + "/comments", form, address)
            self.seconds.append(time.monotonic() - begun)
            if answer.status == 303:
                self.acknowledged[form["body"]] = answer.location
                return
            if answer.status == 503 and answer.wait and form["body"].split("\n")[0] in answer.text:
                self.busy.append(answer)
                time.sleep(0.2)
            elif answer.status == 0:
                self.unanswered += 1
                time.sleep(0.02)
            else:
                self.odd.append(answer)
                return


@contextmanager
def posting(fire: Fire, told: Told, forms: list[dict[str, str]], clients: int = CLIENTS) -> Iterator[None]:
    """Post all forms from so many clients, each in an address block of its own, beside the block and until they are through."""
    waiting, lock = iter(forms), threading.Lock()

    def work(number: int) -> None:
        while True:
            with lock:
                form = next(waiting, None)
            if form is None:
                return
            told.post(fire, form, f"10.{number}.0.7")

    threads = [threading.Thread(target=work, args=[number], daemon=True) for number in range(clients)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


@contextmanager
def burning(folder: Path, database: str = "") -> Iterator[tuple[Fire, Flask]]:
    """Run a site with one article for the length of the block; gives the application beside it, to look at what is stored."""
    fire = Fire(folder, database)
    fire.start()
    app = create_app(read_settings(fire.environment))
    try:
        with app.app_context():
            with writing():
                builders.article("fire")
            yield fire, app
    finally:
        if fire.process.poll() is None:
            fire.stop()
        stage.close(app)


@dataclass(frozen=True)
class Verdict:
    """What was found in the database, against what the clients were told."""

    acknowledged: int
    stored: int
    missing: int
    double: int
    half: list[str]
    odd: int
    integrity: str

    @property
    def holds(self) -> bool:
        """Whether every text is there once and whole."""
        counted = self.acknowledged == self.stored and self.missing == self.double == self.odd == 0
        return counted and not self.half and self.integrity == "ok"


def judge(told: Told) -> Verdict:
    """Compare what is stored with what was told; to be called inside the application's context."""
    db.session.rollback()
    rows = db.session.scalars(select(Comment).order_by(Comment.id)).all()
    places = {row.body: f"/comments/{row.id}" for row in rows}
    missing = sum(places.get(body) != location for body, location in told.acknowledged.items())
    double = sum(count - 1 for count in Counter(row.body for row in rows).values())
    return Verdict(len(told.acknowledged), len(rows), missing, double, _half(rows), len(told.odd), _integrity())


def _half(rows: Sequence[Comment]) -> list[str]:
    """Name rows and counters that only a torn transaction leaves."""
    found = [f"reply {row.id}" for row in rows if not _is_whole(row)]
    article = db.session.scalars(select(Article)).one()
    floors = sorted(row.floor for row in rows if row.floor is not None)
    if floors != list(range(1, len(floors) + 1)):
        found.append("floors with holes or doubles")
    if (article.last_floor, article.comment_count) != (len(floors), len(floors)):
        found.append(f"{len(floors)} floors, last_floor {article.last_floor}, comment_count {article.comment_count}")
    return found


def _is_whole(row: Comment) -> bool:
    shown = row.status is Status.PUBLISHED and row.published_at is not None and row.floor == row.root_floor is not None
    return bool(shown and row.send_key and row.writer_hash and row.body_html == render_comment(row.body))


def _integrity() -> str:
    if db.engine.dialect.name != "sqlite":
        return "ok"
    return str(db.session.execute(text("PRAGMA integrity_check")).scalar())


def shoot(fire: Fire, told: Told, posts: int, kills: int) -> None:
    """Kill the site so many times while the posts go on, each time after a random number of them, and start it again at once."""
    for moment in sorted(random.sample(range(1, max(posts - CLIENTS, kills + 1)), kills)):
        while len(told.acknowledged) < moment and not told.odd:
            time.sleep(0.001)
        time.sleep(random.random() / 50)
        fire.kill()
        fire.start()


def under_fire(folder: Path, posts: int, kills: int, database: str = "") -> tuple[Verdict, Fire, Told]:
    """Post under fire, and judge what is left."""
    told = Told()
    with burning(folder, database) as (fire, _app):
        stamp = {"stamp": stamp_of(fire.port)}
        fire.returns.clear()
        with posting(fire, told, [reply(number) | stamp for number in range(posts)]):
            shoot(fire, told, posts, kills)
        return judge(told), fire, told


def main() -> int:
    """Run, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database", default="", help="an address of PostgreSQL, or postgresql; without it SQLite")
    asked = parser.parse_args()
    own = postgres.server() if asked.database == "postgresql" else nullcontext(asked.database)
    begun = time.monotonic()
    with own as address, tempfile.TemporaryDirectory(prefix="zhishang-fire-") as folder:
        database = postgres.new_database(address, "fire") if asked.database == "postgresql" else address
        verdict, fire, told = under_fire(Path(folder), asked.posts, asked.kills, database)
    returns = fire.returns or [0.0]
    for name, value in (
        ("acknowledged", verdict.acknowledged),
        ("stored", verdict.stored),
        ("acknowledged − stored", verdict.missing),
        ("stored twice", verdict.double),
        ("half rows", len(verdict.half)),
        ("other answers", verdict.odd),
        ("sent again without answer", told.unanswered),
        ("told to try again", len(told.busy)),
        ("kills", len(fire.returns)),
        ("slowest return", f"{max(returns):.2f} s, half within {median(returns):.2f} s"),
        ("integrity", verdict.integrity),
        ("took", f"{time.monotonic() - begun:.0f} s"),
    ):
        print(f"{name:26} {value}")
    holds = verdict.holds and verdict.acknowledged == asked.posts and max(returns) <= RETURN_SECONDS_MAX
    print("It holds." if holds else f"It does NOT hold. {verdict.half[:5]} {told.odd[:2]}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
