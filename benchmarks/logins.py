"""Do log-ins starve reading? `python -m benchmarks.logins [--rate 50] [--rounds 4]`

Starts a server with the demonstration articles and asks for an article's page 20 times a second, for five seconds
alone and for five while 50 log-ins a second are offered, four times in turns, so that other work on the machine weighs
on both. Log-ins come with right and wrong passwords in turns, each from an address block of its own. Everything
arrives by schedule whether or not the answers before have come, on a connection of its own, and its time runs from the
scheduled moment to the last byte. Pages and log-ins are asked for by two processes, which share the cores with the
server.

Prints p50 and p95 of the page both times in milliseconds and their ratios, the answers to the log-ins by status, and
the verdict. The exit status is 1 when p95 rose above three times the idle one, a page was not served, or a log-in was
neither answered (303, 422) nor told when to try again (429, 503 with Retry-After).
"""

import argparse
import asyncio
import re
import sys
import time
import urllib.parse
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from multiprocessing import get_context
from statistics import quantiles

from benchmarks.accounts import PASSWORD, add_accounts, name_of
from benchmarks.serving import Browser, Server, hidden_fields, serving

RATIO_MAX = 3.0
ACCOUNTS, BROWSERS = 500, 40
PAGES_PER_SECOND, ROUND_SECONDS = 20, 5
LEAD_SECONDS = 1.5  # log-ins come before the pages are measured and end after them
LIMITS = {"TRUSTED_PROXIES": "127.0.0.1", "LOGIN_FAILURES_PER_5_MINUTES": "100000", "DEMO": "1"}
GOOD_ANSWERS = {"303", "422", "429, told when", "503, told when"}


@dataclass(frozen=True)
class Met:
    """What was met: the seconds and the statuses, in no order."""

    seconds: list[float]
    statuses: Counter[str]

    def __add__(self, other: "Met") -> "Met":
        return Met(self.seconds + other.seconds, self.statuses + other.statuses)

    def percentile(self, percent: int) -> float:
        """Return the milliseconds that so many of a hundred stayed below."""
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1] * 1000


def offer(port: int, requests: Sequence[bytes], per_second: float) -> Met:
    """Send the requests by schedule and return what was met."""
    return asyncio.run(_offer(port, requests, per_second))


async def _offer(port: int, requests: Sequence[bytes], per_second: float) -> Met:
    begin = time.perf_counter() + 0.1
    tries = [_ask(port, text, begin + number / per_second) for number, text in enumerate(requests)]
    met = await asyncio.gather(*tries)
    return Met([seconds for seconds, _status in met], Counter(status for _seconds, status in met))


async def _ask(port: int, request: bytes, due: float) -> tuple[float, str]:
    await asyncio.sleep(due - time.perf_counter())
    try:
        async with asyncio.timeout(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = (await reader.read()).partition(b"\r\n\r\n")[0].lower()
            writer.close()
    except (OSError, TimeoutError) as problem:
        return time.perf_counter() - due, type(problem).__name__
    status = head[9:12].decode() or "nothing"
    return time.perf_counter() - due, status + (", told when" if b"\r\nretry-after:" in head else "")


def page_request(server: Server) -> bytes:
    """Return a reader's request for the newest article's page."""
    with Browser(server.port, 0) as browser:
        found = re.search(r'href="(/articles/[^"/?#]+)"', browser.get("/").text)
    if found is None:
        raise SystemExit("there is no article on the front page")
    return f"GET {found[1]} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n".encode()


def login_requests(server: Server, many: int) -> list[bytes]:
    """Return so many filled log-in forms, each from another block, every second one with a wrong password."""
    add_accounts(server, "known", ACCOUNTS)
    forms = list(islice(cycle([_form(server, number) for number in range(BROWSERS)]), many))
    return [_filled(number, cookie, fields) for number, (cookie, fields) in enumerate(forms)]


def _form(server: Server, number: int) -> tuple[str, dict[str, str]]:
    with Browser(server.port, number) as browser:
        fields = hidden_fields(browser.get("/login").text, "/login")
        return browser.headers["Cookie"], fields


def _filled(number: int, cookie: str, fields: dict[str, str]) -> bytes:
    password = "不是这一把旧伞也不是那封信" if number % 2 else PASSWORD
    form = fields | {"username": name_of("known", number % ACCOUNTS), "password": password}
    body = urllib.parse.urlencode(form)
    head = [
        "POST /login HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        f"X-Forwarded-For: 10.{number // 256 % 256}.{number % 256}.7",
        f"Cookie: {cookie}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(head) + f"\r\n\r\n{body}").encode()


def measure(rate: float, rounds: int) -> tuple[Met, Met, Met]:
    """Return what was met by idle pages, by pages beside log-ins, and by the log-ins."""
    idle = beside = answers = Met([], Counter())
    with serving(**LIMITS) as server, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        pages = [page_request(server)] * (PAGES_PER_SECOND * ROUND_SECONDS)
        each = int(rate * (ROUND_SECONDS + 2 * LEAD_SECONDS))
        logins = login_requests(server, each * rounds)
        elsewhere.submit(offer, server.port, pages, PAGES_PER_SECOND).result()  # all are warm
        for number in range(rounds):
            time.sleep(LEAD_SECONDS)
            idle += offer(server.port, pages, PAGES_PER_SECOND)
            running: Future[Met] = elsewhere.submit(offer, server.port, logins[number * each :][:each], rate)
            time.sleep(LEAD_SECONDS)
            beside += offer(server.port, pages, PAGES_PER_SECOND)
            answers += running.result()
    return idle, beside, answers


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--rate", type=float, default=50, help="log-ins offered in a second")
    parser.add_argument("--rounds", type=int, default=4, help="how often pages are measured without and with log-ins")
    asked = parser.parse_args()
    idle, beside, logins = measure(asked.rate, asked.rounds)
    ratio = beside.percentile(95) / idle.percentile(95)
    for name, met in (("page, idle", idle), ("page, beside log-ins", beside), ("log-ins", logins)):
        print(
            f"{name:22} n={len(met.seconds):5}  p50 {met.percentile(50):8.1f} ms  p95 {met.percentile(95):8.1f} ms ",
            end="",
        )
        print("; ".join(f"{status}: {many}" for status, many in sorted(met.statuses.items())))
    middle = beside.percentile(50) / idle.percentile(50)
    print(f"p50 × {middle:.1f}, p95 × {ratio:.1f}; at most × {RATIO_MAX:.0f} is allowed for p95")
    holds = ratio <= RATIO_MAX and set(beside.statuses) == {"200"} and set(logins.statuses) <= GOOD_ANSWERS
    print("It holds." if holds else "It does NOT hold.")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
