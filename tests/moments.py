"""Moments for tests."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from core import clock


@contextmanager
def later(**duration: float) -> Iterator[None]:
    """Let it be later by so much."""
    with clock.standing_at(clock.now() + timedelta(**duration)):
        yield


def at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all deeds at the same moment, each in a thread of its own, and return what they gave, in their order."""
    results: list[Any] = [None] * len(deeds)
    ready = threading.Barrier(len(deeds))

    def run(number: int) -> None:
        ready.wait()
        results[number] = deeds[number]()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
