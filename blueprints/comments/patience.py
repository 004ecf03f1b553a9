"""Work that may hang, done by a thread nobody waits for longer than said.

That helps against what lets others run meanwhile: waiting for a file, a lock, another program, and Python's own steps. It cannot
interrupt one long step in C: while `re` or `regex` looks for one match, nothing else in the process runs, and nobody's patience
ends. So a pattern over what people write must not go back over runs of any length.
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

AT_ONCE = 8  # a thread that hangs keeps its place, so that no more than these ever hang

_T = TypeVar("_T")
_places = threading.BoundedSemaphore(AT_ONCE)


def in_time(work: Callable[[], _T], seconds: float) -> _T:
    """Return what the work gives. Raises TimeoutError when it takes longer or no place is free; what the work raises."""
    ends = time.monotonic() + seconds
    if not _places.acquire(timeout=seconds):
        raise TimeoutError("every place is taken by work that hangs")
    done, given, faults = threading.Event(), list[_T](), list[Exception]()

    def run() -> None:
        try:
            given.append(work())
        except Exception as fault:
            faults.append(fault)
        finally:
            _places.release()
            done.set()

    threading.Thread(target=run, name="screening", daemon=True).start()
    if not done.wait(max(0.0, ends - time.monotonic())):
        raise TimeoutError(f"not done in {seconds} s")
    if faults:
        raise faults[0]
    return given[0]
