"""Does the time of an answer tell whether an address has an account? `python -m benchmarks.enumeration [--quick]`

Starts a server three times: letters laid into files, handed to a mail server that takes the connection and says
nothing, and to one that refuses. Each time it logs in with wrong passwords, registers and asks for reset letters, in
random order, for people with an account (also a paused one, one without a password, one never confirmed) and for
people without, each try from an address block of its own. The times, from the first byte sent to the last one read, of
the answer and of the page asked for right after it, are compared with the Mann-Whitney U test.

Prints per comparison: how many of each, both medians and their difference in milliseconds, p, and the verdict. Without
any difference one comparison in a hundred has p < 0.01 by chance; such a one is measured again, twice as often, with
other people, and the second verdict counts. The exit status is 1 when that one sees a difference, too. Takes about ten
minutes, and sees most on a machine that does nothing else.
"""

import argparse
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median

from benchmarks.accounts import PASSWORD, add_accounts, add_unconfirmed, address_of, name_of
from benchmarks.serving import Answer, Browser, Server, free_port, hidden_fields, serving, silent_mail_server
from blueprints.captcha.challenges import answer_of

SMALLEST_P = 0.01
PAUSE_SECONDS = 0.03  # lets what one try set going end before the next
LIMITS = {"TRUSTED_PROXIES": "127.0.0.1", "LOGIN_FAILURES_PER_5_MINUTES": "100000", "RESETS_PER_HOUR": "10000"}
LETTERS = ("files", "silent", "refused")

_blocks = count()


@dataclass(frozen=True)
class Case:
    """One deed: the path of its form, what is typed, the groups compared with unknown people, the status of the answer."""

    name: str
    path: str
    typed: Callable[[Server, str, int, dict[str, str]], dict[str, str]]
    groups: tuple[str, ...]
    status: int


def log_in(_server: Server, group: str, number: int, _fields: dict[str, str]) -> dict[str, str]:
    """Use the name and the address in turns, and a wrong password."""
    who = (name_of if number % 2 else address_of)(group, number)
    return {"username": who, "password": "不是这一把旧伞也不是那封信"}


def register(server: Server, group: str, number: int, fields: dict[str, str]) -> dict[str, str]:
    """Take a name nobody has; the owner of the instance folder knows what the picture shows."""
    with server.app.app_context():
        shown = answer_of(fields["captcha_id"])
    filled = {"username": f"新来的{next(_blocks)}", "email": address_of(group, number), "captcha": shown}
    return filled | {"password": PASSWORD, "password_confirm": PASSWORD}


def ask_for_reset(_server: Server, group: str, number: int, _fields: dict[str, str]) -> dict[str, str]:
    return {"email": address_of(group, number)}


CASES = (
    Case("log-in", "/login", log_in, ("known", "paused", "passwordless", "unconfirmed"), 422),
    Case("registration", "/register", register, ("known", "paused", "unconfirmed"), 303),
    Case("recovery", "/forgot-password", ask_for_reset, ("known", "paused", "passwordless"), 303),
)


@contextmanager
def server_with(letters: str, people: int) -> Iterator[Server]:
    """Serve a site whose letters go there, with so many people in each group."""
    with silent_mail_server() as silent:
        port = {"silent": silent, "refused": free_port()}.get(letters)
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_SECURITY": "none"} if port else {}
        with serving(**LIMITS, **mail) as server:
            add_accounts(server, "known", people)
            add_accounts(server, "paused", people, is_paused=True)
            add_accounts(server, "passwordless", people, has_password=False)
            add_unconfirmed(server, "unconfirmed", people)
            yield server


def try_once(server: Server, case: Case, group: str, number: int) -> tuple[Answer, Answer]:
    """Fill the form in for this person; return the answer and the page asked for right after it."""
    with Browser(server.port, next(_blocks)) as browser:
        fields = hidden_fields(browser.get(case.path).text, case.path)
        answer = browser.post(case.path, fields | case.typed(server, group, number, fields))
        after = browser.get(case.path)
    time.sleep(PAUSE_SECONDS)
    return answer, after


def measure(
    server: Server, case: Case, groups: Sequence[str], numbers: range
) -> dict[str, list[tuple[Answer, Answer]]]:
    """Try each number of each group and of unknown people once, in random order."""
    everyone = [(group, number) for group in (*groups, "unknown") for number in numbers]
    random.shuffle(everyone)
    met: dict[str, list[tuple[Answer, Answer]]] = {group: [] for group in (*groups, "unknown")}
    for number in range(16):
        try_once(server, case, "warming", 2 * numbers.stop + number)
    for group, number in everyone:
        met[group].append(try_once(server, case, group, number))
    statuses = {group: Counter(answer.status for answer, _ in pairs) for group, pairs in met.items()}
    if any(set(found) != {case.status} for found in statuses.values()):
        raise SystemExit(f"{case.name}: {case.status} was expected from each, not {statuses}")
    return met


def p_of_no_difference(left: Sequence[float], right: Sequence[float]) -> float:
    """Return the two-sided p of the Mann-Whitney U test: normal approximation, corrected for ties and continuity."""
    together = sorted([(value, 0) for value in left] + [(value, 1) for value in right])
    many, rank_sum, ties, at = len(together), 0.0, 0, 0
    while at < many:
        end = at
        while end < many and together[end][0] == together[at][0]:
            end += 1
        rank_sum += (at + 1 + end) / 2 * sum(side == 0 for _value, side in together[at:end])
        ties += (end - at) ** 3 - (end - at)
        at = end
    product = len(left) * len(right)
    off = abs(rank_sum - len(left) * (len(left) + 1) / 2 - product / 2)
    variance = product / 12 * (many + 1 - ties / (many * (many - 1)))
    return math.erfc(max(off - 0.5, 0) / math.sqrt(2 * variance))


def compare(letters: str, case: Case, group: str, met: dict[str, list[tuple[Answer, Answer]]]) -> bool:
    """Print both comparisons of a group with the unknown and tell whether either sees a difference."""
    seen = False
    for place, what in enumerate((case.name, f"{case.name}, next page")):
        one, other = ([pair[place].seconds * 1000 for pair in met[name]] for name in (group, "unknown"))
        p = p_of_no_difference(one, other)
        seen = seen or p < SMALLEST_P
        verdict = "DIFFERENCE" if p < SMALLEST_P else "no difference seen"
        middles = f"{median(one):8.2f} {median(other):8.2f} {median(one) - median(other):+7.2f}"
        print(f"{letters:8} {what:24} {group:13} {len(one):4} {middles}  {p:7.4f}  {verdict}", flush=True)
    return seen


def main() -> int:
    """Measure what the command line asks for and return the exit status."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="30 of each group instead of 200")
    parser.add_argument("--letters", choices=LETTERS, action="append", help="only where letters go there")
    parser.add_argument("--case", choices=[case.name for case in CASES], action="append", help="only this deed")
    asked = parser.parse_args()
    many, seen = 30 if asked.quick else 200, False
    print(f"{'letters':8} {'deed':24} {'group':13} {'n':>4} {'ms':>8} {'unknown':>8} {'differ':>7}  {'p':>7}")
    for letters in asked.letters or LETTERS:
        with server_with(letters, people=3 * many) as server:
            for case in (case for case in CASES if case.name in (asked.case or [one.name for one in CASES])):
                met = measure(server, case, case.groups, range(many))
                doubtful = [group for group in case.groups if compare(letters, case, group, met)]
                if doubtful:
                    print("         again:")
                    met = measure(server, case, doubtful, range(many, 3 * many))
                    again = [compare(letters, case, group, met) for group in doubtful]
                    seen = seen or any(again)
    print("A difference was seen." if seen else "No difference was seen.")
    return int(seen)


if __name__ == "__main__":
    sys.exit(main())
