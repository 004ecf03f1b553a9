"""What do the figures and the page of letters cost? `python -m benchmarks.figures [--rows 100000] [--rounds 20]`

Times the first page of administrators and the page of letters on a small site and again with so many replies (spread over 60
days), decisions about a tenth of them, and letters that wait or failed: before the days that are over are kept, and after.
Then how long it takes to keep them, and what counting adds to the request of an article. Prints medians of the processor's
time in milliseconds (on SQLite the database's part, too), of counting in microseconds. The exit status is 1 when a page takes
more than 250 ms with the rows, or counting more than 50 µs.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert
from werkzeug.datastructures import Headers

from blueprints.auth.models import Role
from blueprints.comments.models import Comment, Status
from blueprints.metrics.counting import Opens, is_reader
from blueprints.metrics.tallying import keep_days
from blueprints.moderation.models import Act, Decision
from core import clock
from core.database import db, writing
from core.jobs import Job
from tests import builders, stage

PAGES = ("/admin", "/admin/mail", "/admin/mail?which=failed")
PAGE_MS_MAX, COUNT_US_MAX = 250, 50
BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


def cost_ms(deed: Callable[[], Any], rounds: int) -> float:
    """Return the median of the processor's time of a deed."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        deed()
        times.append((time.process_time() - begun) * 1000)
    return median(times)


def fill(rows: int, article_id: int) -> None:
    """Store replies, decisions and letters."""
    now = clock.now()
    for begin in range(1, rows + 1, 10_000):
        numbers = range(begin, min(begin + 10_000, rows + 1))
        same = {"article_id": article_id, "nickname": "南山", "body": "一条。", "body_html": "<p>一条。</p>"}
        at = {number: now - timedelta(days=60 * number / rows) for number in numbers}
        spam = [same | {"id": number, "status": Status.SPAM, "created_at": at[number]} for number in numbers]
        db.session.execute(insert(Comment), spam)
        decided = [
            {"act": Act.SPAM, "comment_id": number, "batch": "b", "created_at": at[number] + timedelta(hours=1)}
            for number in numbers
            if number % 10 == 0
        ]
        db.session.execute(insert(Decision), decided)
        letter = {"kind": "notice", "payload": {"comment": 1}, "language": "zh", "run_after": now, "created_at": now}
        letters = [letter | {"message_id": f"m{number}", "outcome": None, "done_at": None} for number in numbers]
        for number in numbers[::2]:
            letters[number - begin] |= {"outcome": "failed", "done_at": at[number]}
        db.session.execute(insert(Job), letters)
    db.session.commit()


def counting_us() -> float:
    """Return what counting adds to a request that is not the one which writes."""
    opens, headers = Opens(), Headers({"User-Agent": BROWSER, "Referer": "https://example.org/"})
    opens.note("hello")
    times = 10_000
    begun = time.perf_counter()
    for _ in range(times):
        if is_reader(headers, "/articles/hello"):
            opens.note("hello")
    return (time.perf_counter() - begun) / times * 1_000_000


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhishang-benchmark-") as folder:
        app = stage.site(Path(folder))
        with app.app_context():
            article = builders.article()
            article_id = article.id
            article.created_at = clock.now() - timedelta(days=60)
            db.session.commit()
            builders.user("陆岸", "lu@example.com", Role.ADMINISTRATOR)
            browser = app.test_client()
            builders.log_in(browser, "陆岸")
            costs = {}

            def look(when: str) -> None:
                for page in PAGES:
                    costs[when, page] = cost_ms(lambda page=page: browser.get(page), options.rounds)  # type: ignore[misc]

            look("empty")
            fill(options.rows, article_id)
            look("days not kept")
            begun = time.process_time()
            more = True
            while more:
                with writing():
                    more = keep_days()
                    db.session.commit()
            keeping = time.process_time() - begun
            look("days kept")
            counted = counting_us()
        stage.close(app)
    for (when, page), cost in costs.items():
        print(f"{cost:8.1f} ms  {page:26} {when}")
    print(f"{keeping * 1000:8.1f} ms  keeping eight weeks, in rounds of one")
    print(f"{counted:8.1f} µs  counting an opening")
    slow = [cost for (when, _page), cost in costs.items() if when == "days kept" and cost > PAGE_MS_MAX]
    return 1 if slow or counted > COUNT_US_MAX else 0


if __name__ == "__main__":
    sys.exit(main())
