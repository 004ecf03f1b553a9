"""An address that bounces, through the real parts: a worker of its own, a mail server, the page of letters."""

import pytest
from flask import current_app
from sqlalchemy import select

from blueprints.auth.models import Role
from core.bounces import PausedAddress
from core.database import db
from tests import builders
from tests.builders import hidden, log_in
from tests.post_office import post_office
from tests.system.test_letters import address, rows, site_with, until, waiting
from tests.system.worker import worker_of

pytestmark = pytest.mark.system


def paused():
    db.session.rollback()
    return list(db.session.scalars(select(PausedAddress.email)))


def test_a_refused_address_is_paused_shown_let_in_again_and_written_to(database, tmp_path):
    with post_office() as office, site_with(1, tmp_path, office.port, database) as given:
        office.answers = {"RCPT": ["550 5.1.1 no such person"]}
        with worker_of(given):
            until(lambda: waiting() == 0)
            assert paused() == [address(0)] and office.letters == []

            browser = app_browser()
            page = browser.get("/admin/mail?which=failed").text
            assert "550 5.1.1 no such person" in page and page.count(address(0)) >= 2
            form = {"csrf_token": hidden(browser.get("/admin/mail"), "csrf_token"), "email": address(0)}
            assert browser.post("/admin/mail/lift", data=form).status_code == 303
            assert paused() == []

            [failed] = [job.id for job in rows() if job.outcome == "failed"]
            form = {"csrf_token": hidden(browser.get("/admin/mail?which=failed"), "csrf_token")}
            assert browser.post(f"/admin/mail/{failed}/again", data=form).status_code == 303
            until(lambda: waiting() == 0)

        assert [job.outcome for job in rows() if job.id == failed] == ["sent"]
        assert any(address(0).encode() in letter for letter in office.letters)


def app_browser():
    """Return the browser of an administrator."""
    builders.user("陆岸", "lu@example.com", Role.ADMINISTRATOR)
    browser = current_app.test_client()
    log_in(browser, "陆岸")
    return browser
