"""What every template may use beside what its view hands over: filters for words and moments, and a few facts of the site."""

from flask import Flask

from blueprints.admin.page_queries import foot_links
from blueprints.articles.paragraphs import headings_of, paragraphs_of
from blueprints.auth.people import role_names
from blueprints.comments.paths import answer_path, comment_path
from blueprints.comments.reading import signed
from blueprints.comments.screening import words_for
from blueprints.metrics.words import duration, number, short_date, weekday
from blueprints.moderation.queries import waiting_count
from blueprints.moderation.words import actor_of, done_words, line_words, told
from blueprints.notifications.queries import unread_count
from core import jobs
from core.config import settings
from core.folding import folded
from core.i18n import HTML_LANG
from core.markup import stored
from core.text import excerpt, up_to

LATE_SECONDS = 5 * 60


def dress_templates(app: Flask) -> None:
    """Hand filters and facts to the templates."""
    app.context_processor(_names)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(stored=stored, excerpt=excerpt, reason=words_for, signed=signed, folded=folded)
    app.jinja_env.filters.update(paragraphs=paragraphs_of, headings=headings_of, up_to=up_to)
    app.jinja_env.filters.update(number=number, duration=duration, short_date=short_date, weekday=weekday)
    app.jinja_env.filters.update(done=done_words, decided_by=actor_of, deed=line_words, told=told)
    app.jinja_env.globals.update(
        site_address=lambda: settings().address,
        answer_path=answer_path,
        comment_path=comment_path,
        role_names=role_names,
        lang_tags=HTML_LANG,
        waiting_count=waiting_count,
        unread_count=unread_count,
        foot_links=foot_links,
        outbox=lambda: settings().outbox,
        letters_are_files=lambda: settings().is_loopback and not settings().mail_server,
        letters_are_late=lambda: jobs.oldest_waiting_seconds() > LATE_SECONDS,
    )


def _names() -> dict[str, str]:
    chosen = settings()
    return {"site_name": chosen.site_name, "site_description": chosen.site_description}
