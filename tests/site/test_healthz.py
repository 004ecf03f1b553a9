"""Whether the site is well, for a watchman."""

import pytest
from sqlalchemy import event, text

from core import clock, jobs
from core.database import db
from core.mail import Letter, writes
from tests import builders
from tests.moments import later
from tests.stage import close, site


@writes("tests.well")
def well(payload):
    return Letter(payload["to"], "password_changed", {"username": "梅子"}, link="http://127.0.0.1:8000/login")


def queue():
    jobs.queue("tests.well", {"to": "mei@example.com"})
    db.session.commit()


def test_a_well_site_says_so_in_plain_words_and_nothing_of_anybody(client, mei):
    builders.log_in(client, "梅子")

    answer = client.get("/healthz")

    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text == "ok\ndatabase: readable, writable\nschema: right\nletters: the oldest waits 0 s\n"
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
    assert "Server" not in answer.headers


def test_letters_that_wait_longer_than_a_quarter_of_an_hour_turn_it_red(client):
    with clock.standing_at(clock.now().replace(microsecond=0)):
        queue()
        with later(minutes=15):
            assert client.get("/healthz").status_code == 200
        with later(minutes=15, seconds=1):
            answer = client.get("/healthz")
            assert answer.status_code == 503
            assert answer.text.startswith("not ok\n") and "letters: the oldest waits 901 s" in answer.text
            builders.send_letters()
            assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("revision", ["0001", "from-a-newer-version"])
def test_another_schema_turns_it_red(app, client, revision):
    head = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    set_to = text("UPDATE alembic_version SET version_num = :to")
    db.session.execute(set_to, {"to": revision})
    db.session.commit()

    answer = client.get("/healthz")

    db.session.execute(set_to, {"to": head})
    db.session.commit()
    assert answer.status_code == 503 and "schema: not right" in answer.text and "database: readable" in answer.text
    assert revision not in answer.text


def test_a_database_that_takes_no_changes_turns_it_red(app, client):
    read_only = "PRAGMA query_only=ON" if db.engine.dialect.name == "sqlite" else "SET TRANSACTION READ ONLY"

    def begin(connection):
        connection.exec_driver_sql(read_only)

    event.listen(db.engine, "begin", begin)
    try:
        answer = client.get("/healthz")
    finally:
        event.remove(db.engine, "begin", begin)
        db.session.remove()
        db.engine.dispose()

    assert answer.status_code == 503 and "database: readable, not writable" in answer.text


def test_a_database_that_is_away_turns_it_red(tmp_path):
    app = site(tmp_path)
    with app.app_context():
        db.session.remove()
        (tmp_path / "site.db").unlink()
        (tmp_path / "site.db").mkdir()
        db.engine.dispose()

    answer = app.test_client().get("/healthz")

    close(app)
    assert answer.status_code == 503 and answer.text.startswith("not ok\ndatabase: not readable, not writable\n")


def test_it_answers_while_the_site_is_closed_for_maintenance(app, client):
    runner = app.test_cli_runner()
    runner.invoke(args=["site", "maintenance", "on"])

    statuses = [client.get(path).status_code for path in ("/", "/healthz")]

    runner.invoke(args=["site", "maintenance", "off"])
    assert statuses == [503, 200]
