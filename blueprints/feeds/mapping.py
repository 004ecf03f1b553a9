"""The map of the site: all that everyone may read, each with its address; in files of at most 10,000 where it is large."""

from collections.abc import Sequence
from datetime import datetime

from blueprints.feeds.naming import address
from blueprints.feeds.queries import PART, articles_between, authors, series_between, spread, tags_between
from core.database import LARGEST_ID

Url = tuple[str, datetime | None]

_PAGES = ("articles.index", "places.tags", "places.archive", "site.about", "site.privacy", "feeds.index")


def files() -> list[str]:
    """Return the addresses of the files the map is cut into, none where it is small enough to be one."""
    found = spread()
    if found.count <= PART:
        return []
    named = [("places", 0)]
    for kind, parts in (("articles", found.articles), ("tags", found.tags), ("series", found.series)):
        named += [(kind, part) for part in parts]
    return [address("map.part", kind=kind, part=part) for kind, part in named]


def addresses(kind: str = "all", part: int | None = None) -> Sequence[Url]:
    """Return the public addresses of one kind, or all, with the last change of articles; by id, those of part n from n × 10,000 on."""
    first, last = (0, LARGEST_ID) if part is None else (part * PART, (part + 1) * PART)
    if last > LARGEST_ID:
        return []
    found: list[Url] = []
    if kind in ("places", "all") and not part:
        found += [(address(endpoint), None) for endpoint in _PAGES]
        found += [(address("places.author", name=name), None) for name in authors()]
    if kind in ("articles", "all"):
        found += [(address("articles.show", slug=slug), at) for slug, at in articles_between(first, last)]
    if kind in ("tags", "all"):
        found += [(address("places.tag", key=key), None) for key in tags_between(first, last)]
    if kind in ("series", "all"):
        found += [(address("places.series", slug=slug), None) for slug in series_between(first, last)]
    return found
