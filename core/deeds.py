"""What a queued job does that is no letter: in a write transaction of its own, and without waiting for the mail server."""

from collections.abc import Callable, Mapping
from typing import Any

Deed = Callable[[Mapping[str, Any]], None]

DEEDS: dict[str, Deed] = {}


def does(kind: str) -> Callable[[Deed], Deed]:
    """Register what a queued job of this kind does."""

    def register(do: Deed) -> Deed:
        DEEDS[kind] = do
        return do

    return register
