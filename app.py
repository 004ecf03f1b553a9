"""The front door: `create_app()` opens the ground floor and then each room, one line each. It starts nothing."""

from datetime import timedelta

from flask import Flask
from flask_compress import Compress

from blueprints.admin import (
    figure_views as figures,
    mail_views as mail_desk,
    page_views as site_pages,
    setting_views as site_settings,
    views as admin,
)
from blueprints.articles import (
    commands as articles_commands,
    listeners as articles_listeners,
    picture_views as pictures,
    place_views as places,
    release_views as release,
    revision_views as revisions,
    views as articles,
    write_views as write,
)
from blueprints.auth import (
    account_views as account,
    commands as auth_commands,
    factor_views as second_factor,
    recovery_views as recovery,
    registration_views as registration,
    views as auth,
)
from blueprints.auth.forms import LogoutForm
from blueprints.auth.login import open_login
from blueprints.captcha import commands as captcha_commands, views as captcha
from blueprints.comments import (
    guest_views as guests,
    listeners as comments_listeners,
    own_views as own_comments,
    screening_commands,
    views as comments,
)
from blueprints.feeds import map_views as site_map, share_views as share, views as feeds
from blueprints.metrics import views as metrics
from blueprints.moderation import (
    commands as moderation_commands,
    log_views as moderation_log,
    mail_views as mailed_cases,
    rules_views as moderation_rules,
    views as moderation,
)
from blueprints.notifications import (
    follow_views as follows,
    listeners as notifications_listeners,
    stop_views as letters,
    views as notifications,
)
from blueprints.search import commands as search_commands, listeners as search_listeners, views as search
from blueprints.site import commands as site_commands, privacy_commands, views as site
from blueprints.site.dressing import dress_templates
from core.assets import open_assets
from core.config import Settings, read_settings
from core.database import open_database
from core.forms import open_forms
from core.i18n import open_languages
from core.instance import prepare_instance, secret_key
from core.mail import open_mail
from core.preferences import open_preferences
from core.security import BehindProxies, guard
from core.server import serve_on_first_request
from core.site_settings import open_site_settings

DOORS = (
    captcha,
    registration,
    auth,
    recovery,
    account,
    second_factor,
    articles,
    places,
    pictures,
    write,
    release,
    revisions,
    comments,
    own_comments,
    guests,
    moderation,
    moderation_log,
    moderation_rules,
    mailed_cases,
    follows,
    letters,
    notifications,
    search,
    feeds,
    site_map,
    share,
    metrics,
    admin,
    mail_desk,
    figures,
    site_settings,
    site_pages,
    site,
)  # those of a lower room first
FORM_BYTES_MAX = 2 * 1024 * 1024
COMPRESSED = ["text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml", "application/xml"]
COMPRESSED += ["application/atom+xml", "application/feed+json"]


def create_app(chosen: Settings | None = None, *, testing: bool = False) -> Flask:
    """Return the application for these settings, by default those of the instance folder. Raises WrongSetting."""
    chosen = chosen or read_settings()
    prepare_instance(chosen)
    app = Flask(__name__, instance_path=str(chosen.instance))
    _configure(app, chosen, testing=testing)
    open_languages(app)
    open_preferences(app)
    open_database(app, chosen)
    open_site_settings(app)
    open_mail(app, chosen)
    open_assets(app)
    site.open_maintenance(app)
    guard(app)
    open_forms(app)
    open_login(app)
    serve_on_first_request(app)
    Compress(app)
    app.wsgi_app = BehindProxies(app.wsgi_app, chosen)  # type: ignore[method-assign]

    _open_rooms(app)
    _add_commands(app)
    dress_templates(app)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # pages hold data in the letters they are written in
    app.jinja_env.globals.update(logout_form=LogoutForm)
    site.open_error_pages(app)
    return app


def _open_rooms(app: Flask) -> None:
    for door in DOORS:
        app.register_blueprint(door.bp)

    articles_listeners.listen()
    comments_listeners.listen()
    notifications_listeners.listen()
    search_listeners.listen()


def _add_commands(app: Flask) -> None:
    app.cli.add_command(captcha_commands.group)
    app.cli.add_command(auth_commands.group)
    app.cli.add_command(articles_commands.group)
    app.cli.add_command(screening_commands.group)
    app.cli.add_command(moderation_commands.group)
    app.cli.add_command(search_commands.group)
    app.cli.add_command(site_commands.jobs)
    app.cli.add_command(site_commands.backup)
    app.cli.add_command(site_commands.site)
    app.cli.add_command(privacy_commands.group)


def _configure(app: Flask, chosen: Settings, *, testing: bool) -> None:
    app.config.update(
        ZHISHANG=chosen,
        TESTING=testing,
        SECRET_KEY=secret_key(chosen),
        MAX_CONTENT_LENGTH=FORM_BYTES_MAX,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES_MAX,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=chosen.is_https,
        SESSION_COOKIE_NAME="__Host-session" if chosen.is_https else "session",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        COMPRESS_MIMETYPES=COMPRESSED,
    )
