"""How often something may be done, to the second."""

from datetime import timedelta

import pytest

from core import clock, throttle
from core.errors import TooManyRequests
from core.throttle import Limit
from tests.moments import at_once, later

THREE_A_MINUTE = [Limit(3, 60)]


@pytest.fixture(autouse=True)
def still(app):
    """Time stands; only the test moves it."""
    with clock.standing_at(clock.now().replace(microsecond=0)):
        yield


def test_so_many_are_allowed_and_the_next_is_told_to_wait_until_the_first_is_over():
    assert [throttle.take("k", THREE_A_MINUTE) for _ in range(5)] == [0, 0, 0, 60, 60]
    with later(seconds=10):
        assert throttle.take("k", THREE_A_MINUTE) == 50
    with later(seconds=59.2):
        assert throttle.take("k", THREE_A_MINUTE) == 1
    with later(seconds=60):
        assert throttle.take("k", THREE_A_MINUTE) == 0


def test_waiting_as_long_as_told_is_enough():
    for second in (0, 7, 13):
        with later(seconds=second):
            throttle.take("k", THREE_A_MINUTE)

    with later(seconds=20):
        wait = throttle.take("k", THREE_A_MINUTE)

    assert wait == 40
    with later(seconds=20 + wait - 1):
        assert throttle.take("k", THREE_A_MINUTE) == 1
    with later(seconds=20 + wait):
        assert throttle.take("k", THREE_A_MINUTE) == 0


def test_the_window_slides_and_does_not_begin_anew_on_the_minute():
    for second in (0, 50, 55):
        with later(seconds=second):
            assert throttle.take("k", THREE_A_MINUTE) == 0

    with later(seconds=60):
        assert throttle.take("k", THREE_A_MINUTE) == 0
    with later(seconds=61):
        assert throttle.take("k", THREE_A_MINUTE) == 49


def test_a_refused_deed_is_not_counted_and_makes_nobody_wait_longer():
    for _ in range(3):
        throttle.take("k", THREE_A_MINUTE)

    for second in range(1, 60):
        with later(seconds=second):
            assert throttle.take("k", THREE_A_MINUTE) == 60 - second

    with later(seconds=60):
        assert throttle.count("k", 60) == 0
        assert throttle.take("k", THREE_A_MINUTE) == 0


def test_of_two_limits_both_hold():
    limits = [Limit(2, 60), Limit(3, 600)]

    assert [throttle.take("k", limits) for _ in range(3)] == [0, 0, 60]
    with later(seconds=60):
        assert [throttle.take("k", limits) for _ in range(2)] == [0, 540]


def test_the_same_mark_counts_once_and_is_never_refused():
    assert [throttle.take("k", THREE_A_MINUTE, mark="one") for _ in range(6)] == [0] * 6
    assert throttle.count("k", 60) == 1

    assert [throttle.take("k", THREE_A_MINUTE) for _ in range(3)] == [0, 0, 60]

    assert throttle.take("k", THREE_A_MINUTE, mark="one") == 0
    assert throttle.take("k", THREE_A_MINUTE, mark="two") == 60


def test_a_mark_is_known_until_its_window_is_over():
    throttle.take("k", THREE_A_MINUTE, mark="one")

    with later(seconds=61):
        throttle.take("k", THREE_A_MINUTE, mark="one")

        assert throttle.count("k", 60) == 1
    assert throttle.count("k", 60) == 0


def test_keys_count_apart():
    for _ in range(3):
        throttle.take("k", THREE_A_MINUTE)

    assert throttle.take("K", THREE_A_MINUTE) == 0
    assert throttle.take("k ", THREE_A_MINUTE, mark="one") == 0
    assert throttle.take("k", THREE_A_MINUTE) == 60


def test_asking_for_the_wait_counts_nothing():
    assert [throttle.wait_seconds("k", THREE_A_MINUTE) for _ in range(9)] == [0] * 9
    for _ in range(3):
        throttle.take("k", THREE_A_MINUTE)
    assert throttle.wait_seconds("k", THREE_A_MINUTE) == 60
    assert throttle.count("k", 60) == 3


def test_what_is_forgotten_is_forgotten_for_its_key_alone():
    for key in ("a", "b"):
        for _ in range(3):
            throttle.take(key, THREE_A_MINUTE)

    throttle.forget("a")

    assert throttle.take("a", THREE_A_MINUTE) == 0
    assert throttle.take("b", THREE_A_MINUTE) == 60


def test_everything_can_be_forgotten():
    for key in ("a", "b"):
        throttle.take(key, [Limit(1, 60)])

    throttle.forget_everything()

    assert [throttle.take(key, [Limit(1, 60)]) for key in ("a", "b")] == [0, 0]


def test_a_clock_set_back_by_a_day_locks_nobody_out_for_a_day():
    for _ in range(3):
        throttle.take("k", THREE_A_MINUTE)

    with clock.standing_at(clock.now() - timedelta(days=1)):
        assert [throttle.take("k", THREE_A_MINUTE) for _ in range(4)] == [0, 0, 0, 60]
        with later(seconds=60):
            assert throttle.take("k", THREE_A_MINUTE) == 0


def test_a_clock_set_back_by_some_seconds_frees_nobody():
    for _ in range(3):
        throttle.take("k", THREE_A_MINUTE)

    with clock.standing_at(clock.now() - timedelta(seconds=20)):
        assert throttle.take("k", THREE_A_MINUTE) == 60


def test_too_many_is_a_refusal_with_the_wait_and_the_words():
    for _ in range(3):
        throttle.demand("k", THREE_A_MINUTE, "请等 {} 秒".format)

    with pytest.raises(TooManyRequests) as refusal:
        throttle.demand("k", THREE_A_MINUTE, "请等 {} 秒".format)

    assert (refusal.value.message, refusal.value.wait_seconds, refusal.value.status) == ("请等 60 秒", 60, 429)


def test_of_ten_at_the_same_instant_exactly_as_many_are_allowed(app):
    def take():
        with app.app_context():
            return throttle.take("k", [Limit(4, 60)])

    waits = at_once([take] * 10)

    assert sorted(waits) == [0] * 4 + [60] * 6


def test_ten_at_the_same_instant_under_one_mark_count_once(app):
    def take():
        with app.app_context():
            return throttle.take("k", [Limit(1, 60)], mark="the same")

    assert at_once([take] * 10) == [0] * 10
    assert throttle.count("k", 60) == 1


def test_a_limit_that_is_over_leaves_no_row():
    throttle.take("old", [Limit(1, 60)])

    with later(seconds=61):
        throttle.tidy()

    assert throttle.count("old", 3600) == 0
