"""Replies while the site is shot down under them, and while fifty write at once: what was acknowledged is kept, once and whole.

`posting_under_fire.py` is the long form of the first.
"""

from statistics import quantiles

import pytest

from tests.system.posting_under_fire import Told, burning, judge, posting, reply, stamp_of, under_fire

pytestmark = pytest.mark.system

POSTS, KILLS = 600, 4
WRITERS, EACH = 50, 20


def test_what_was_acknowledged_survives_the_death_of_every_process(tmp_path, database):
    """F1, F10, F13: a client without an answer sends the same form again, and there is one reply."""
    verdict, fire, told = under_fire(tmp_path, POSTS, KILLS, database)

    print(f"{told.unanswered} sent again, slowest return {max(fire.returns):.2f} s")
    assert len(fire.returns) == KILLS
    assert verdict.acknowledged == POSTS and verdict.holds, (verdict, told.odd[:3])


def test_fifty_writers_at_once_lose_nothing_and_hear_of_no_lock(tmp_path, database):
    """F8: each post is acknowledged, or told in words when to try again."""
    told = Told()
    with burning(tmp_path, database) as (fire, _app):
        stamp = {"stamp": stamp_of(fire.port)}
        with posting(fire, told, [reply(number) | stamp for number in range(WRITERS * EACH)], clients=WRITERS):
            pass
        verdict = judge(told)

    print(f"p99 {quantiles(told.seconds, n=100)[98]:.2f} s, {len(told.busy)} told to try again")
    assert not any("locked" in answer.text.lower() for answer in told.busy + told.odd)
    assert told.unanswered == 0
    assert verdict.acknowledged == WRITERS * EACH and verdict.holds, (verdict, told.odd[:3])
