"""Giving articles their tags."""

import re
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from blueprints.articles.models import Article, Tag
from blueprints.articles.place_queries import key_of
from core.database import db
from core.errors import DomainError
from core.i18n import _
from core.text import has_invisible, tidy_name

_BETWEEN = re.compile("[,，、]")
_KEY_MAX = 2 * Tag.NAME_MAX


class WrongTag(DomainError):
    """A name that cannot be a tag, or too many of them."""

    field = "tags"


def tag_names(written: str) -> tuple[str, ...]:
    """Return the names in a line of tags, separated by commas of either width or 、; blanks and empty places are nothing."""
    return tuple(name for part in _BETWEEN.split(written) if (name := tidy_name(part)))


def is_tag(name: str) -> bool:
    """Tell whether a name can be a tag's."""
    is_short = len(name) <= Tag.NAME_MAX and 0 < len(key_of(name)) <= _KEY_MAX
    return is_short and not has_invisible(name) and not _BETWEEN.search(name)


def by_key(names: Sequence[str]) -> dict[str, str]:
    """Return the names by their tags' keys: one for all spellings of a name, the first."""
    return {key_of(name): name for name in reversed([tidy_name(name) for name in names])}


def set_tags(article: Article, names: Sequence[str]) -> None:
    """Give the article these tags and no others; a tag keeps the spelling it was first written with. Raises WrongTag."""
    tags = by_key(names)
    for name in tags.values():
        if not is_tag(name):
            raise WrongTag(_("标签“%(name)s”不行：一个标签是 1 到 %(most)s 个字。", name=name, most=Tag.NAME_MAX))
    if len(tags) > Tag.PER_ARTICLE:
        raise WrongTag(_("一篇文章最多 %(most)s 个标签。", most=Tag.PER_ARTICLE))
    known = {tag.key: tag for tag in db.session.scalars(select(Tag).where(Tag.key.in_(tags)))}
    article.tags = [known.get(key) or _new_tag(key, tags) for key in sorted(tags)]


def _new_tag(key: str, tags: Mapping[str, str]) -> Tag:
    """Somebody else may have made it this moment; then it is theirs."""
    try:
        with db.session.begin_nested():
            tag = Tag(name=tags[key], key=key)
            db.session.add(tag)
    except IntegrityError:
        return db.session.scalars(select(Tag).where(Tag.key == key)).one()
    return tag
