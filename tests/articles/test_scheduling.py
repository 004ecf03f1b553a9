"""What is to be published by itself: whose, at which time, and what the desk says of it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from blueprints.articles.models import Article
from blueprints.articles.scheduling import publish_overdue
from blueprints.auth.models import Role, User
from core import clock, jobs
from core.config import settings
from core.database import db, writing
from tests.builders import log_in
from tests.moments import later
from tests.states_of_writing import author, draft, press

MAY_NOT = {
    "paused": lambda user: setattr(user, "paused_at", clock.now()),
    "demoted": lambda user: setattr(user, "role", Role.READER),
    "leaving": lambda user: setattr(user, "leaves_at", clock.now() + timedelta(days=7)),
}


@pytest.fixture
def shen(client):
    """沈未, an author, logged in."""
    return author(client)


def the_article() -> Article:
    db.session.expire_all()
    return db.session.scalars(select(Article)).one()


def in_site_time(moment: datetime) -> str:
    return f"{moment.astimezone(settings().timezone):%Y-%m-%d %H:%M}"


def scheduled(browser, **ahead: float) -> str:
    path = draft(browser)
    at = in_site_time(clock.now() + timedelta(**ahead))
    assert press(browser, f"{path}/publish", when="later", at=at).location == path
    return path


def change(user: User, deed) -> None:
    deed(db.session.get_one(User, user.id))
    db.session.commit()


def work() -> None:
    """Do what the worker does, and its housekeeping."""
    while jobs.work_once("tests:1"):
        pass
    with writing():
        publish_overdue()
        db.session.commit()
    db.session.expire_all()


@pytest.mark.parametrize("deed", MAY_NOT.values(), ids=MAY_NOT)
def test_nothing_is_published_by_itself_of_somebody_who_may_not_publish(client, other, shen, lin, deed):
    path = scheduled(client, days=2)
    change(shen, deed)

    with later(days=3):
        work()

        assert other.get("/articles/rainy-night").status_code == 404
        log_in(other, "林舟")
        for page in ("/write?which=all", path):
            assert "作者的账号现在不能发表文章" in other.get(page).text


def test_what_was_held_is_published_once_its_author_may_dated_that_day(client, other, shen):
    scheduled(client, days=2)
    change(shen, MAY_NOT["paused"])
    with later(days=3):
        work()
    change(shen, lambda user: setattr(user, "paused_until", clock.now() + timedelta(days=9)))

    with later(days=10):
        work()
        published_at = the_article().published_at
        assert other.get("/articles/rainy-night").status_code == 200
        assert published_at is not None and clock.now() - published_at < timedelta(minutes=5)
