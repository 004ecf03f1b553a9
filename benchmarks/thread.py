"""What does a page of replies cost? `python -m benchmarks.thread [--rounds 40] [--database URI]`

Makes articles with 10, 1,000, 10,000 and 100,000 replies, in threads of five as people write them, and asks the application
for their pages in this process: the first page, one from the middle, one that begins inside a thread, the newest first, one
from the middle of those, the redirect of a permalink to the middle, and the page it leads to. All of them take turns, so that other work on the machine
weighs on all; what is compared is the processor's time (the database's part too where it is SQLite), not the clock's.

Prints for each the median in milliseconds, how many times that of the first page with 10 replies it is, and how many
statements it took; and the verdict. A page shows 50 replies, so the ones with 10 replies are shorter: the figure for 1,000
tells what the rows cost, the ones after it what the size of the thread costs; a page that begins inside a thread repeats
its root with one more statement. The exit status is 1 when the first page of 100,000 replies costs more than 1.5 times that
of 10, when a page from the middle or a permalink costs more than the first page of its order and size (a tenth more counts
as noise), or when one takes more than five statements.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from flask import Flask
from sqlalchemy import event, insert, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app import create_app
from blueprints.articles.front_matter import ArticleFile
from blueprints.articles.models import Article
from blueprints.articles.publishing import publish_article, rendered
from blueprints.comments.models import Comment, Status
from core import clock
from core.config import Settings
from core.database import db, writing
from core.markup import render_comment

SIZES = (10, 1_000, 10_000, 100_000)
RATIO_MAX, NOISE, STATEMENTS_MAX = 1.5, 1.1, 5
THREAD = 5  # replies with their root
AT_ONCE = 10_000
PLACES = {
    "first page": "/articles/of-{size}",
    "from the middle": "/articles/of-{size}?from={root}",
    "from inside a thread": "/articles/of-{size}?from={middle}",
    "newest": "/articles/of-{size}?sort=newest",
    "newest, middle": "/articles/of-{size}?sort=newest&from={root}",
    "permalink": "/comments/{id}",
    "where it leads": "{there}",
}
NO_SLOWER = {
    "from the middle": "first page",
    "newest, middle": "newest",
    "permalink": "first page",
    "where it leads": "first page",
}
BODY = "读到第二遍才明白，作者并不急着说服谁。\n\n慢的好处是看得见自己在哪里跳过去了。**这一句**我抄下来了。"


@dataclass
class Cost:
    """What one address cost: the processor's milliseconds each time, and the statements of the last."""

    address: str
    milliseconds: list[float] = field(default_factory=list)
    statements: int = 0

    @property
    def middle(self) -> float:
        return median(self.milliseconds)


@contextmanager
def site(database: str) -> Iterator[Flask]:
    """Make an empty site in a folder of its own, and step into its context."""
    with tempfile.TemporaryDirectory(prefix="zhishang-benchmark-") as folder:
        app = create_app(Settings(instance=Path(folder), database_uri=database, demo=False), testing=True)
        with app.app_context():
            db.create_all()
            yield app
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def write_thread(size: int) -> dict[str, object]:
    """Write an article with so many replies, and return what its addresses need."""
    file = ArticleFile(
        title=f"{size} 条",
        slug=f"of-{size}",
        author="沈未",
        body="第一段。\n\n第二段。",
        summary="",
        published_at=clock.now(),
        lang="zh",
        comments_open=True,
    )
    with writing():
        article = publish_article(file, rendered(file))
        for start in range(1, size + 1, AT_ONCE):
            _write_replies(article, range(start, min(start + AT_ONCE, size + 1)))
        article.last_floor = article.comment_count = size
        db.session.commit()
    middle = size // 2  # the last of its thread
    here = db.session.scalars(select(Comment.id).where(Comment.article_id == article.id, Comment.floor == middle)).one()
    return {"size": size, "middle": middle, "root": middle + 1, "id": here}


def _write_replies(article: Article, floors: range) -> None:
    now, html = clock.now(), render_comment(BODY)
    first = (db.session.scalar(select(Comment.id).order_by(Comment.id.desc()).limit(1)) or 0) + 1 - floors[0]
    shared = {"article_id": article.id, "nickname": "南山", "email": "a@example.com", "body": BODY, "body_html": html}
    shared |= {"status": Status.PUBLISHED, "published_at": now, "created_at": now}
    rows = []
    for floor in floors:
        root = floor - (floor - 1) % THREAD
        own = {"floor": floor, "root_floor": root, "parent_id": None if floor == root else first + floor - 1}
        rows.append(shared | own | {"is_by_author": floor % 40 == 0})
    db.session.execute(insert(Comment), rows)


def measure(app: Flask, costs: Mapping[tuple[int, str], Cost], rounds: int) -> None:
    """Ask for every address in turns, so many times after one that warms all."""
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, statement, *_more: seen.append(statement))
    for number in range(rounds + 1):
        for cost in costs.values():
            environ = EnvironBuilder(cost.address).get_environ()
            seen.clear()
            begun = time.process_time()
            body, status, _headers = run_wsgi_app(app, environ, buffered=True)
            b"".join(body)
            spent = (time.process_time() - begun) * 1000
            if status[:3] not in ("200", "302"):
                raise SystemExit(f"{cost.address}: {status}")
            if number:
                cost.milliseconds.append(spent)
            cost.statements = sum(not one.startswith(("BEGIN", "SAVEPOINT", "RELEASE")) for one in seen)


def where_it_leads(app: Flask, address: str) -> str:
    _body, _status, headers = run_wsgi_app(app, EnvironBuilder(address).get_environ(), buffered=True)
    return str(headers["Location"]).partition("#")[0]


def tell(costs: Mapping[tuple[int, str], Cost]) -> bool:
    """Print the table, and tell whether every goal is met."""
    base = costs[SIZES[0], "first page"].middle
    print(f"{'':22}" + "".join(f"{f'{size:,} replies':>26}" for size in SIZES))
    for name in PLACES:
        cells = [costs[size, name] for size in SIZES]
        print(f"{name:22}" + "".join(f"{c.middle:12.2f} ms ×{c.middle / base:5.2f} {c.statements} q" for c in cells))
    ratio = costs[SIZES[-1], "first page"].middle / base
    rows = costs[SIZES[-1], "first page"].middle / costs[SIZES[1], "first page"].middle
    print(f"the first page of 100,000: × {ratio:.2f} that of 10 (goal {RATIO_MAX}), × {rows:.2f} that of 1,000")
    slow = [
        f"{name} of {size:,}"
        for size in SIZES[1:]
        for name, first in NO_SLOWER.items()
        if costs[size, name].middle > NOISE * costs[size, first].middle
    ]
    most = max(cost.statements for cost in costs.values())
    print(f"slower than the first of their order: {', '.join(slow) or 'none'}; most statements: {most}")
    return ratio <= RATIO_MAX and not slow and most <= STATEMENTS_MAX


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=40, help="how often each page is asked for")
    parser.add_argument("--database", default="", help="an address of PostgreSQL; without it SQLite")
    asked = parser.parse_args()
    with site(asked.database) as app:
        costs: dict[tuple[int, str], Cost] = {}
        for size in SIZES:
            known = write_thread(size)
            known["there"] = where_it_leads(app, f"/comments/{known['id']}")
            costs |= {(size, name): Cost(address.format(**known)) for name, address in PLACES.items()}
        if db.engine.dialect.name == "postgresql":
            db.session.connection().exec_driver_sql("ANALYZE")
        db.session.commit()
        measure(app, costs, asked.rounds)
        holds = tell(costs)
    print("It holds." if holds else "It does NOT hold.")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
