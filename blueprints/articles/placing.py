"""Where an article stands: its address and the ones it had, its series, the text it translates."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from blueprints.articles.models import Article, FormerSlug, Series
from blueprints.articles.queries import article_named
from core.database import db
from core.errors import Conflict, DomainError
from core.i18n import _


class SlugTaken(Conflict):
    """The address is or was another article's; it leads there for ever."""

    field = "slug"

    def __init__(self, slug: str) -> None:
        super().__init__(_("地址 %(slug)s 是或者曾经是另一篇文章的，请换一个。", slug=slug))


class NoOriginal(DomainError):
    """There is no such article to be a translation of."""

    field = "translation_of"


def move_to(article: Article, slug: str, was: Sequence[str] = ()) -> None:
    """Give the article this address. The public one it had and those of `was` lead to it from now on, for ever. Raises SlugTaken."""
    left = [article.slug] if article.slug and article.published_at is not None else []
    former = {*left, *was} - {slug}
    for one in sorted({slug, *former}):
        owner = article_named(one)
        if owner is not None and owner is not article:
            raise SlugTaken(one)
    article.slug = slug
    _store(article)
    back = db.session.get(FormerSlug, slug)
    if back is not None:
        db.session.delete(back)
    for one in sorted(former):
        if db.session.get(FormerSlug, one) is None:
            db.session.add(FormerSlug(slug=one, article_id=article.id))


def _store(article: Article) -> None:
    """Another may have taken the address this moment: the database decides."""
    try:
        with db.session.begin_nested():
            db.session.add(article)
    except IntegrityError:
        raise SlugTaken(article.slug) from None


def put_in_series(article: Article, title: str, slug: str, place: int | None = None) -> None:
    """Give the article its place in a series: the one it has there or the next where none is named. No slug takes it out of any.

    The series bears the title that a public article named it with last.
    """
    article.series_title = title or None
    if not slug:
        article.series, article.series_place, article.series_title = None, None, None
        return
    series = _series_named(slug) or _new_series(slug, title)
    if place is None and article.series_id == series.id:
        place = article.series_place
    article.series, article.series_place = series, place or _next_place(series)
    name_series(article)


def name_series(article: Article) -> None:
    """Let the series of an article that is public now bear the title the article names it with."""
    if article.published_at is not None and article.series is not None and article.series_title:
        article.series.title, article.series_title = article.series_title, None


def _series_named(slug: str) -> Series | None:
    return db.session.scalar(select(Series).where(Series.slug == slug))


def _new_series(slug: str, title: str) -> Series:
    """Somebody else may have made it this moment; then it is theirs."""
    try:
        with db.session.begin_nested():
            series = Series(slug=slug, title=title)
            db.session.add(series)
    except IntegrityError:
        return db.session.scalars(select(Series).where(Series.slug == slug)).one()
    return series


def _next_place(series: Series) -> int:
    last = select(func.max(Article.series_place)).where(Article.series_id == series.id)
    return (db.session.scalar(last) or 0) + 1


def set_original(article: Article, slug: str) -> None:
    """Say which article this one translates, none for an empty slug; translations of a text stand together, whatever they name.

    Raises NoOriginal.
    """
    if not slug:
        article.translation_of_id = None
        return
    original = article_named(slug)
    if original is None or original is article:
        raise NoOriginal(_("没有地址是 %(slug)s 的另一篇文章。", slug=slug))
    first_id = original.translation_of_id or original.id
    if first_id == article.id:
        return
    theirs = or_(Article.id == article.id, Article.translation_of_id == article.id)
    db.session.execute(update(Article).where(theirs).values(translation_of_id=first_id))
