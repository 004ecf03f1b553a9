"""What looking for words costs among 100,000 replies: `python -m benchmarks.search [sqlite|postgresql] [REPLIES] [ROUNDS]`.

The texts are drawn by lot, always the same ones; how often a character or a word comes follows Zipf's law. Each query is first
compared with looking at every text: the same replies in the same order. Milliseconds are wall clock of one process: "newest" and
"best" a page of 20 as the index gives it, "answer" the whole answer to a browser, with the sentences marked.
"""

import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from app import create_app
from blueprints.comments.models import Comment, Status
from blueprints.search.finding import Mark, Wanted, best_found, newest_found
from blueprints.search.rebuilding import batches, put
from blueprints.search.words import fold, terms_of
from core.config import Settings
from core.database import db
from tests import builders, postgres, stage

HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 4000) if fold(chr(code)) == chr(code)][:3000]  # one script
LATIN = [f"word{number}" for number in range(2000)]
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)


def drawn(count: int) -> list[str]:
    """Return texts of about 90 characters."""
    lot = random.Random(6)
    lot.shuffle(HAN)
    often = {len(of): list(accumulate(1 / rank for rank in range(1, len(of) + 1))) for of in (HAN, LATIN)}
    texts = []
    for _number in range(count):
        runs = [
            "".join(lot.choices(HAN, cum_weights=often[3000], k=lot.randint(2, 20)))
            for _run in range(lot.randint(2, 12))
        ]
        if lot.random() < 0.3:
            runs.insert(lot.randrange(len(runs)), lot.choices(LATIN, cum_weights=often[2000])[0])
        texts.append("，".join(runs) + "。")
    return texts


def fill(texts: list[str]) -> None:
    """Store the texts as public replies under one article, a minute apart, and read them into the index."""
    on = builders.article("searched", "一二三")
    for begin in range(0, len(texts), 5000):
        rows = [
            {
                "article_id": on.id,
                "nickname": "南山",
                "body": words,
                "body_html": f"<p>{words}</p>",
                "status": Status.PUBLISHED,
                "floor": number,
                "root_floor": number,
                "published_at": BEGAN + timedelta(minutes=number),
                "created_at": BEGAN,
            }
            for number, words in enumerate(texts[begin : begin + 5000], start=begin + 1)
        ]
        db.session.execute(insert(Comment), rows)
    db.session.commit()
    begin = time.perf_counter()
    for batch in batches():
        put(batch)
        db.session.commit()
    print(f"{len(texts)} read in: {time.perf_counter() - begin:.1f} s")
    builders.take_stock()


def queries(texts: list[str]) -> dict[str, list[str]]:
    """Return what is looked for, by kind: rare and frequent, most of it cut from the texts."""
    lot = random.Random(1)

    def cut(size: int) -> str:
        while True:
            runs = [run for run in re.findall(r"[\u4e00-\u9fff]+", lot.choice(texts)) if len(run) >= size]
            if runs:
                run = lot.choice(runs)
                begin = lot.randrange(len(run) - size + 1)
                return run[begin : begin + size]

    return {
        "one character": [HAN[0], HAN[30], HAN[300], *(cut(1) for _turn in range(7))],
        "two characters": [HAN[0] + HAN[1], *(cut(2) for _turn in range(9))],
        "three and more": [cut(size) for size in (3, 3, 3, 4, 4, 5, 6, 7, 8, 10)],
        "English": [LATIN[rank] for rank in (0, 1, 5, 20, 50, 100, 300, 700, 1500, 1999)],
        "two words": [f"{cut(2)} {cut(1)}" for _turn in range(5)] + [f"{LATIN[rank]} {cut(1)}" for rank in range(5)],
        "nothing": [HAN[2990] + HAN[2991] + HAN[2992], "nowhere"],
    }


def by_force(texts: list[str], query: str) -> list[int]:
    """Return the floors of the texts with every word, newest first."""

    def has(words: str, one: str) -> bool:
        return bool(re.search(rf"\b{one}(?![0-9])", words, re.ASCII)) if one.isascii() else one in words

    wanted = query.split()
    return [floor for floor in range(len(texts), 0, -1) if all(has(texts[floor - 1], one) for one in wanted)]


def is_exact(texts: list[str], query: str) -> bool:
    """Tell whether all pages together are what looking at each text finds."""
    floors: list[int] = []
    mark = None
    while True:
        page = newest_found(Wanted(terms_of(query), kind="replies"), mark)
        floors += [row.comment_id for row in page.items]
        if not page.has_later:
            return floors == by_force(texts, query)
        mark = Mark(page.items[-1].place)
        if len(floors) > 200:  # the first ten pages of a frequent word
            return floors == by_force(texts, query)[: len(floors)]


def milliseconds(deed: Callable[[], object], rounds: int) -> list[float]:
    taken = []
    for _round in range(rounds):
        begin = time.perf_counter()
        deed()
        taken.append((time.perf_counter() - begin) * 1000)
        db.session.rollback()
    return taken


def answer(browser: FlaskClient, query: str) -> None:
    """Ask as somebody from another network each time, for one network may not ask so often."""
    network = f"10.{random.randrange(256)}.{random.randrange(256)}.1"
    page = browser.get("/search", query_string={"q": query}, environ_overrides={"REMOTE_ADDR": network})
    assert page.status_code == 200


@contextmanager
def site(kind: str, folder: Path) -> Iterator[Flask]:
    """Make a site on one of the two databases."""
    if kind == "sqlite":
        app = stage.site(folder)
        yield app
        stage.close(app)
    else:
        with postgres.server() as server:
            app = create_app(
                Settings(instance=folder, database_uri=postgres.new_database(server, "search"), demo=False),
                testing=True,
            )
            app.test_client_class = stage.Browser
            with app.app_context():
                stage.make_tables()
            yield app
            stage.close(app)


def main(kind: str, count: int, rounds: int) -> None:
    texts = drawn(count)
    with tempfile.TemporaryDirectory() as place, site(kind, Path(place)) as app, app.app_context():
        fill(texts)
        browser = app.test_client()
        for name, wanted in queries(texts).items():
            exact = sum(is_exact(texts, query) for query in wanted)
            times: dict[str, list[float]] = {"newest": [], "best": [], "answer": []}
            for query in wanted:
                asked = Wanted(terms_of(query))
                times["newest"] += milliseconds(lambda asked=asked: newest_found(asked), rounds)  # type: ignore[misc]
                times["best"] += milliseconds(lambda asked=asked: best_found(asked), rounds)  # type: ignore[misc]
                times["answer"] += milliseconds(lambda query=query: answer(browser, query), rounds)  # type: ignore[misc]
            told = "  ".join(
                f"{one} {statistics.median(taken):6.1f} (worst {max(taken):6.1f})" for one, taken in times.items()
            )
            print(f"{kind} {name:15} exact {exact} of {len(wanted)}  {told} ms", flush=True)


if __name__ == "__main__":
    kind, count, rounds = [*sys.argv[1:], *["sqlite", "100000", "5"][len(sys.argv) - 1 :]]
    main(kind, int(count), int(rounds))
