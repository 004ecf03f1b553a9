"""What the moderation queue costs with 10 and with 100,000 replies waiting: `python -m benchmarks.moderation [ROUNDS]`.

The same page of 20 is asked for in turns, from sites that differ in nothing but what waits; milliseconds are of this process's CPU, ratios are of medians of one run.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from blueprints.articles.models import Article
from blueprints.auth.models import Role
from blueprints.comments.models import Comment, Status
from core import clock
from core.database import db
from tests import builders, stage

SIZES = (10, 20, 1_000, 100_000)
FLOOD = 50_000  # of the largest, so many are nearly the same
PATHS = {"queue": "/moderation", "narrowed": "/moderation?q=%E7%AC%AC&age=day", "a later page": "/moderation?from=8"}


def fill(on: Article, count: int, *, flooded: int = 0) -> None:
    """Store so many replies that wait, each by another writer; the last `flooded` are of one family."""
    for begin in range(0, count, 5000):
        numbers = range(begin, min(count, begin + 5000))
        rows = [
            {
                "article_id": on.id,
                "nickname": f"读者{number}",
                "email": f"reader{number}@example.com",
                "email_key": f"reader{number}@example.com",
                "body": f"第 {number} 条回复，说几句读后的话。" * 4,
                "body_html": f"<p>第 {number} 条回复，说几句读后的话。</p>" * 4,
                "status": Status.PENDING,
                "held_reason": "first",
                "family": 77 if number >= count - flooded else None,
                "address_block": f"10.{number % 200}.{number // 200 % 200}.0/24",
                "created_at": clock.now(),
            }
            for number in numbers
        ]
        db.session.execute(insert(Comment), rows)
    db.session.commit()


def site(folder: Path, count: int, flooded: int = 0) -> tuple[Flask, FlaskClient]:
    """Make a site with so many replies waiting, and a moderator's browser."""
    folder.mkdir()
    app = stage.site(folder)
    browser = app.test_client()
    with app.app_context():
        fill(builders.article(), count, flooded=flooded)
        builders.user("林舟", "lin@example.com", Role.MODERATOR)
        builders.log_in(browser, "林舟")
    return app, browser


def milliseconds(browser: FlaskClient, path: str) -> float:
    """Return what one answer costs."""
    begin = time.process_time()
    answer = browser.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return (time.process_time() - begin) * 1000


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        sites = {f"{count} waiting": site(Path(place) / str(count), count)[1] for count in SIZES}
        sites[f"{SIZES[-1]} waiting, {FLOOD} of them a flood"] = site(Path(place) / "flood", SIZES[-1], FLOOD)[1]
        for name, path in PATHS.items():
            times: dict[str, list[float]] = {one: [] for one in sites}
            for turn in range(rounds + 2):
                for one, browser in sites.items():
                    taken = milliseconds(browser, path)
                    if turn > 1:
                        times[one].append(taken)
            least = statistics.median(times["20 waiting"])
            for one, taken in times.items():
                median = statistics.median(taken)
                print(f"{name:14} {one:38} {median:7.1f} ms  × {median / least:4.2f}  worst {max(taken):7.1f}")


if __name__ == "__main__":
    main(int((sys.argv[1:] or ["15"])[0]))
