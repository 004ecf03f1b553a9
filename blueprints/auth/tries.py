"""How often a password may be tried: under one name from one address block, and from one block under all names.

A try is counted before the password is looked at and given back when it was right, so that a hundred at the same
moment are no more than ten one after the other. At the limit a wait begins, each one of a day twice as long as the one before.

After a hundred failures in a row under one name, from wherever, a password is taken only where its account was logged in before
(NIST SP 800-63B, 3.2.2); elsewhere a mailed link logs in.
"""

from dataclasses import dataclass, field

from core import throttle
from core.config import settings
from core.errors import TooManyRequests
from core.i18n import _, ngettext
from core.throttle import Limit
from core.tokens import new_token

WINDOW_SECONDS = 300
TRIES_PER_BLOCK = 50
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 60, 900
DAY = 24 * 3600
FAILURES_IN_A_ROW = Limit(100, 30 * DAY)


class ByMailOnly(TooManyRequests):
    """Waiting does not help: the account was tried too often, and never logged in from here."""


@dataclass
class Tries:
    """The tries for one name, whoever's it is, from one address block. A stranger never makes the owner wait."""

    name: str
    block: str
    mark: str = field(default_factory=new_token)
    taken: dict[str, str] = field(default_factory=dict)

    def take(self, *, has_been_here: bool) -> None:
        """Count one try. Raises TooManyRequests with the wait, ByMailOnly."""
        too_many = throttle.wait_seconds(self._in_a_row, [FAILURES_IN_A_ROW])
        if too_many and not has_been_here:
            raise ByMailOnly(_("这个账号输错得太多，请用邮件登录。"), wait_seconds=0)
        for key, most in self._limits().items():
            waits = throttle.count(_waits(key), DAY)  # read first: a wait begun meanwhile is seen below
            if wait := _remaining(key, waits):
                raise _too_many(wait)
            bucket = f"{key}:{waits}"
            if throttle.take(bucket, [Limit(most, WINDOW_SECONDS)], self.mark):
                raise _too_many(_begin_wait(key, bucket, waits))
            self.taken[key] = bucket

    def failed(self) -> None:
        """Begin the wait when this was the last try."""
        throttle.take(self._in_a_row, [FAILURES_IN_A_ROW])
        for key, most in self._limits().items():
            if throttle.wait_seconds(self.taken[key], [Limit(most, WINDOW_SECONDS)]):
                _begin_wait(key, self.taken[key], int(self.taken[key].rpartition(":")[2]))

    def succeeded(self) -> None:
        """Uncount the try, and begin anew to count failures in a row."""
        throttle.forget(self._in_a_row)
        self.take_back()

    def take_back(self) -> None:
        """Uncount the try: the password was not looked at."""
        for bucket in self.taken.values():
            throttle.take_back(bucket, self.mark)

    @property
    def _in_a_row(self) -> str:
        return _failures(self.name)

    def _limits(self) -> dict[str, int]:
        most = settings().login_failures_per_5_minutes
        return {f"login:{self.name}:{self.block}": most, f"login-block:{self.block}": TRIES_PER_BLOCK}


def forget_failures(name: str) -> None:
    """Begin anew to count failures in a row under a name."""
    throttle.forget(_failures(name))


def _failures(name: str) -> str:
    return f"failures:{name}"


def _too_many(wait: int) -> TooManyRequests:
    words = ngettext(
        "试得太多了，请 %(num)s 分钟后再试，或者用邮件登录。",
        "试得太多了，请 %(num)s 分钟后再试，或者用邮件登录。",
        -(-wait // 60),
    )
    return TooManyRequests(words, wait_seconds=wait)


def _begin_wait(key: str, bucket: str, waits: int) -> int:
    """Begin one wait, however many ask for it at once, and return its length."""
    throttle.take(_waits(key), [Limit(1000, DAY)], mark=bucket)
    return _wait_seconds(waits + 1)


def _waits(key: str) -> str:
    return f"waits:{key}"


def _wait_seconds(count: int) -> int:
    """Return how long the `count`-th wait of a day is."""
    return min(FIRST_WAIT_SECONDS << min(count - 1, 10), LONGEST_WAIT_SECONDS)


def _remaining(key: str, count: int) -> int:
    return throttle.wait_seconds(_waits(key), [Limit(1, _wait_seconds(count))]) if count else 0
