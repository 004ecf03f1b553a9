"""What stands around an article on its page, as long as it is only written: what its author says belongs to it."""

from blueprints.articles.around_queries import Around, Link, source_of
from blueprints.articles.models import Article
from blueprints.articles.readiness import file_of
from blueprints.articles.tagging import by_key
from blueprints.articles.working_copies import Text


def around_as_written(shown: Article, text: Text) -> Around:
    """Return the tags, the series and the source that an editor holds; `shown` is told what its page says of them."""
    file = file_of(shown, text, is_draft=True)
    shown.canonical, shown.series_place = file.canonical or None, file.series_place
    return Around(
        tags=[Link("tag", key, name, "", 0) for key, name in sorted(by_key(file.tags).items()) if key],
        series=Link("series", file.series_slug, file.series, "", 0) if file.series else None,
        series_before=None,
        series_after=None,
        earlier=None,
        later=None,
        translations=[],
        related=[],
        source=source_of(shown),
    )
