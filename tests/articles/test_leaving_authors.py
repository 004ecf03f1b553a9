"""What is stored about whoever writes articles: they can take it along, and what was never public goes with them."""

import json
from datetime import timedelta

from sqlalchemy import select

from blueprints.articles.models import Article, ArticleVersion, WorkingCopy
from blueprints.auth.models import User
from core import clock, jobs
from core.database import db
from tests.moments import later
from tests.states_of_writing import author, draft, published


def test_an_author_downloads_drafts_and_pictures_too(client):
    author(client)
    draft(client, body="只有我写的草稿。")

    for_programs = json.loads(client.get("/account/download.json").text)
    to_be_read = client.get("/account/download.html").text

    assert "只有我写的草稿。" in json.dumps(for_programs["articles"], ensure_ascii=False)
    assert "只有我写的草稿。" in to_be_read


def test_whoever_never_wrote_an_article_downloads_no_word_of_any(client, mei):
    author(client)

    assert "articles" not in json.loads(client.get("/account/download.json").text)


def test_what_was_never_public_goes_with_its_author_and_the_rest_stays(client, other):
    shen = author(client)
    published(client, slug="public", body="发表过的。")
    draft(client, slug="never", body="没有公开过的。")
    user = db.session.get_one(User, shen.id)
    user.leaves_at = clock.now() + timedelta(days=7)
    db.session.commit()

    with later(days=8):
        jobs.tidy()
    db.session.rollback()

    assert db.session.scalars(select(User)).all() == []
    assert db.session.scalars(select(Article.slug)).all() == ["public"]
    assert db.session.scalars(select(WorkingCopy)).all() == []
    assert db.session.scalars(select(ArticleVersion).where(ArticleVersion.was_public.is_(False))).all() == []
    assert "发表过的。" in other.get("/articles/public").text
