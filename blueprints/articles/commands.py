"""Commands of the room of articles."""

from pathlib import Path

import click
from flask.cli import AppGroup

from blueprints.articles.front_matter import WrongFile, read_article_file
from blueprints.articles.publishing import keep_rendering, publish_article, rendered, rendered_anew, withdraw_article
from blueprints.articles.queries import all_slugs, texts_of
from core.database import db, writing
from core.errors import DomainError
from core.mail import site_link

group = AppGroup("articles", help="Articles.")


@group.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def publish(file: Path) -> None:
    """Put FILE (Markdown with front matter) on the site, or revise the article with its slug."""
    try:
        read = read_article_file(file)
        html = rendered(read)
        with writing():
            article = publish_article(read, html)
            db.session.commit()
            click.echo(site_link("articles.show", slug=article.slug))
    except WrongFile as wrong:
        raise click.ClickException(f"{file.name}, {wrong.message}") from None
    except (DomainError, OSError) as refusal:
        raise click.ClickException(str(refusal)) from None


@group.command("render")
def render() -> None:
    """Render all articles anew from their texts, as after an upgrade. Paragraphs keep their addresses."""
    slugs = all_slugs()
    for slug in slugs:
        body = texts_of(slug)[0]
        html = rendered_anew(slug, body)
        with writing():
            keep_rendering(slug, body, html)
            db.session.commit()
    click.echo(f"{len(slugs)} rendered")


@group.command("withdraw")
@click.argument("slug")
def withdraw(slug: str) -> None:
    """Take the article SLUG down; its address answers 410. Publishing it again brings it back with its replies."""
    try:
        with writing():
            withdraw_article(slug)
            db.session.commit()
    except DomainError as refusal:
        raise click.ClickException(refusal.message) from None
    click.echo(f"{slug}: withdrawn")
