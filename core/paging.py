"""A page of a long list, found by key and never by counting."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items in order, whether there are any before them, and the one the next page begins with."""

    items: Sequence[Item]
    has_earlier: bool
    later_item: Item | None

    @property
    def has_later(self) -> bool:
        return self.later_item is not None


def cut(found: Sequence[Item], size: int, *, has_earlier: bool) -> Page[Item]:
    """Make a page of at most `size` items from a query that asked for one more."""
    return Page(found[:size], has_earlier, found[size] if len(found) > size else None)
