"""From an article's Markdown to its HTML: with the pictures there are, and words about notes in its language."""

from sqlalchemy import select

from blueprints.articles.models import Article, Picture
from core.database import db
from core.i18n import LANGUAGES, _, force_locale
from core.markup import render_article
from core.note_markup import NoteWords
from core.picture_markup import Sizes, pictures_in


def html_of(body: str, lang: str) -> str:
    """Return the HTML of a text in this language, without the keys of its paragraphs."""
    return render_article(body, sizes_in(body), note_words(lang))


def sizes_in(body: str) -> dict[str, Sizes]:
    """Return how large the pictures are that a text names, by name; only of those there are."""
    names = {picture.name for picture in pictures_in(body) if picture.name} if "/pictures/" in body else set()
    found = db.session.scalars(select(Picture).where(Picture.name.in_(names))) if names else ()
    return {picture.name: Sizes(picture.width, picture.height, picture.widths) for picture in found}


def language_of(slug: str) -> str:
    """Return the language of the article with this slug; Chinese where there is none."""
    return db.session.scalar(select(Article.lang).where(Article.slug == slug)) or "zh"


def note_words(lang: str) -> NoteWords:
    """Return what is said about notes in the language of an article."""
    with force_locale(LANGUAGES.get(lang, LANGUAGES["zh"])):
        return NoteWords(_("注释"), _("注 %(number)s", number="{}"), _("回到正文中的注 %(number)s", number="{}"))
