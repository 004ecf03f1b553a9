"""Copies of what every page needs: read seldom, never long out of date, and kept while nothing can be read."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core import clock
from core.config import settings
from core.copies import Copy
from core.database import db


class Source:
    """Counts how often it is read, and can be away."""

    def __init__(self) -> None:
        self.value, self.reads, self.is_away = 0, 0, False

    def read(self, connection):
        self.reads += 1
        if self.is_away:
            raise OperationalError("SELECT", {}, Exception("away"))
        return self.value + connection.execute(text("SELECT 0")).scalar_one()


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def copy(app, source):
    return Copy("a test", source.read, -1)


def test_it_is_read_once_a_second_however_often_it_is_asked_for(copy, source, statements):
    now = clock.now()
    with clock.standing_at(now):
        assert [copy.now() for _ in range(100)] == [0] * 100
    source.value = 1
    with clock.standing_at(now + timedelta(seconds=0.9)):
        assert copy.now() == 0
    with clock.standing_at(now + timedelta(seconds=1)):
        assert [copy.now() for _ in range(100)] == [1] * 100

    assert source.reads == 2 and statements == []


def test_whoever_changed_it_need_not_wait(copy, source):
    with clock.standing_at(clock.now()):
        copy.now()
        source.value = 5
        copy.read_anew()

        assert copy.now() == 5


def test_a_clock_that_was_set_back_makes_no_copy_last_longer(copy, source):
    now = clock.now()
    with clock.standing_at(now):
        copy.now()
    source.value = 7

    with clock.standing_at(now - timedelta(hours=1)):
        assert copy.now() == 7


def test_while_nothing_can_be_read_it_stays_what_it_was_and_is_asked_for_once_a_second(copy, source):
    now = clock.now()
    source.value = 3
    with clock.standing_at(now):
        copy.now()
    source.is_away, source.value = True, 4

    with clock.standing_at(now + timedelta(seconds=1)):
        assert [copy.now() for _ in range(10)] == [3] * 10
    assert source.reads == 2
    source.is_away = False
    with clock.standing_at(now + timedelta(seconds=2)):
        assert copy.now() == 4


def test_where_nothing_was_ever_read_it_is_nothing(copy, source):
    source.is_away = True

    assert copy.now() == -1


def test_of_many_threads_one_reads_while_the_others_go_on_with_what_there_is(app, source):
    begun, go_on = threading.Event(), threading.Event()
    now = clock.now()

    def slow(connection):
        if source.reads:
            begun.set()
            go_on.wait(10)
        return source.read(connection)

    copy = Copy("a slow test", slow, -1)
    with clock.standing_at(now):
        copy.now()
    source.value = 9
    with clock.standing_at(now + timedelta(seconds=1)):
        reader = threading.Thread(target=lambda: app.app_context().__enter__() and copy.now())
        reader.start()
        assert begun.wait(10)
        assert copy.now() == 0, "the old one, at once"
        go_on.set()
        reader.join(10)
        assert copy.now() == 9


def test_nobody_who_holds_every_connection_of_the_pool_waits_for_it(copy, source):
    pool: Any = db.engine.pool
    held = [db.engine.connect() for _ in range(pool.size() + pool._max_overflow)]

    assert copy.now() == 0

    for connection in held:
        connection.close()


def test_to_ask_for_settings_makes_no_database(new_site):
    app = new_site()
    with app.app_context():
        assert settings().site_name == "纸上"
        assert not (settings().instance / "site.db").exists()
