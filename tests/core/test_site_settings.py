"""What was chosen in the browser, laid over the settings of the file and the environment."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import create_app
from core import clock
from core.config import OPTIONS, settings
from core.database import db, writing
from core.errors import Conflict
from core.site_settings import (
    IN_BROWSER,
    SiteSettings,
    forget_old_settings,
    keep_settings,
    newest_settings,
    read_settings_anew,
    read_text,
)
from tests import stage


def choose_in_browser(**texts):
    with writing():
        keep_settings(texts, seen=newest_settings().revision, by=None)
        db.session.commit()
    read_settings_anew()


def revisions():
    return list(db.session.scalars(select(SiteSettings.revision).order_by(SiteSettings.revision)))


def test_what_is_chosen_counts_in_the_words_of_the_environment(app):
    choose_in_browser(site_name="慢慢读", comments_per_minute="7", removals_public="1", comments_hold="first")

    chosen = settings()

    assert (chosen.site_name, chosen.comments_per_minute) == ("慢慢读", 7)
    assert (chosen.removals_public, chosen.comments_hold) == (True, "first")
    assert chosen.comments_per_10_minutes == 20


def test_every_one_of_them_is_a_setting_and_its_default_can_be_read(app):
    for name in IN_BROWSER:
        default = OPTIONS[name].default
        assert read_text(name, str(int(default) if isinstance(default, bool) else default)) == default


def test_what_the_file_or_the_environment_names_is_theirs(app, choose):
    choose(site_name="纸上", given=frozenset({"site_name"}))
    choose_in_browser(site_name="慢慢读", registration="closed")

    assert (settings().site_name, settings().registration) == ("纸上", "closed")


@pytest.mark.parametrize(
    "damaged",
    [
        {"comments_per_minute": "many"},
        {"comments_per_minute": 7},
        {"comments_per_minute": None},
        {"comments_per_minute": ["7"]},
        {"secret_key": "x"},
        {"mail_password": "x"},
        {"instance": "/tmp"},
        {"site_name": "纸\n上"},
    ],
    ids=str,
)
def test_a_value_that_means_nothing_is_ignored_and_logged_once(app, caplog, damaged):
    [name] = damaged
    with caplog.at_level(logging.WARNING, "zhishang.settings"):
        choose_in_browser(**damaged, registration="closed")

        chosen, _again = settings(), settings()

    assert chosen.registration == "closed"
    assert chosen.comments_per_minute == 5 and chosen.site_name == "纸上" and chosen.mail_password == ""
    assert [record.getMessage() for record in caplog.records] == [
        f"the site's own setting {name} is not understood and does not count"
    ]


@pytest.mark.parametrize("damaged", [[], "x", None, 7], ids=repr)
def test_a_row_that_is_damaged_as_a_whole_counts_for_nothing(app, damaged):
    db.session.add(SiteSettings(revision=1, values=damaged))
    db.session.commit()
    read_settings_anew()

    assert settings().site_name == "纸上"


def test_another_process_knows_within_a_second(app):
    elsewhere = create_app(app.config["ZHISHANG"], testing=True)
    now = clock.now()
    with clock.standing_at(now), elsewhere.app_context():
        assert settings().site_name == "纸上"

    with clock.standing_at(now):
        choose_in_browser(site_name="慢慢读")
        assert settings().site_name == "慢慢读"

    with clock.standing_at(now + timedelta(seconds=1)), elsewhere.app_context():
        assert settings().site_name == "慢慢读"
    stage.close(elsewhere)


def test_of_two_who_change_at_once_one_is_told(app):
    choose_in_browser(site_name="慢慢读")

    with writing(), pytest.raises(Conflict):
        db.session.expunge_all()
        keep_settings({"site_name": "快快读"}, seen=0, by=None)

    assert newest_settings().values == {"site_name": "慢慢读"}


def test_what_was_replaced_is_kept_for_thirty_days_and_what_counts_for_ever(app):
    now = clock.now()
    for days, name in ((100, "一"), (40, "二"), (20, "三")):
        with clock.standing_at(now - timedelta(days=days)):
            choose_in_browser(site_name=name)

    with writing():
        forget_old_settings()
        db.session.commit()
    assert revisions() == [2, 3]

    with clock.standing_at(now + timedelta(days=400)), writing():
        forget_old_settings()
        db.session.commit()
    assert revisions() == [3] and settings().site_name == "三"
