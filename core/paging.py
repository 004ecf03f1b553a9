"""A page of a long list, found by key and never by counting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items in order, and whether there are more on either side."""

    items: Sequence[Item]
    has_earlier: bool
    has_later: bool


def cut(found: Sequence[Item], size: int, *, has_earlier: bool) -> Page[Item]:
    """Make a page of at most `size` items from a query that asked for one more."""
    return Page(found[:size], has_earlier, len(found) > size)
