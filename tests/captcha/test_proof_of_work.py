"""Puzzles for idle browsers: good once, for one form, in one browser, for ten minutes."""

import base64
import json
import random
from typing import Any

import altcha
import pytest
from sqlalchemy import func, select

from blueprints.captcha.models import CaptchaUse
from blueprints.captcha.proof_of_work import ITERATIONS, PREFIX, is_solved, puzzle, spend_solution
from core.database import db, writing
from core.jobs import tidy
from tests.moments import at_once, later

HERE = ("register", "a browser")


def solved(text):
    """Return what a browser sends for a puzzle."""
    challenge = altcha.Challenge.from_dict(json.loads(text))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def opened(payload):
    return json.loads(base64.b64decode(payload))


def sealed(parts):
    return base64.b64encode(json.dumps(parts).encode()).decode()


def uses():
    return db.session.scalar(select(func.count()).select_from(CaptchaUse))


def test_a_solution_is_good_once_and_looking_uses_nothing_up(app):
    work = solved(puzzle(*HERE))

    assert is_solved(work, *HERE) and is_solved(work, *HERE)
    assert uses() == 0
    assert spend_solution(work, *HERE)

    assert not is_solved(work, *HERE)
    assert not spend_solution(work, *HERE)
    assert uses() == 1


def test_the_same_solution_in_other_clothes_is_a_replay(app):
    work = solved(puzzle(*HERE))
    assert spend_solution(work, *HERE)

    parts = opened(work)
    parts["solution"]["time"] = 1
    parts["more"] = "unread"
    wrapped = "\n".join(work[start : start + 40] for start in range(0, len(work), 40))

    assert not spend_solution(sealed(parts), *HERE)
    assert not spend_solution(wrapped, *HERE)


def test_a_second_solution_of_one_puzzle_is_a_replay(app):
    work = solved(puzzle(*HERE))
    assert spend_solution(work, *HERE)
    challenge = altcha.Payload.from_base64(work).challenge
    second = altcha.solve_challenge(challenge, counter_start=opened(work)["solution"]["counter"] + 1)
    assert second is not None

    assert not spend_solution(altcha.Payload(challenge, second).to_base64(), *HERE)


@pytest.mark.parametrize("elsewhere", [("comment", "a browser"), ("register", "another browser")])
def test_a_solution_belongs_to_its_form_and_browser(app, elsewhere):
    work = solved(puzzle(*HERE))

    assert not is_solved(work, *elsewhere)
    assert not spend_solution(work, *elsewhere)
    assert uses() == 0


def test_a_solution_expires_after_ten_minutes(app):
    work = solved(puzzle(*HERE))

    with later(minutes=9, seconds=58):
        assert is_solved(work, *HERE)
    with later(minutes=10, seconds=1):
        assert not is_solved(work, *HERE)
        assert not spend_solution(work, *HERE)


def test_a_spent_solution_is_remembered_as_long_as_it_would_live(app):
    work = solved(puzzle(*HERE))
    spend_solution(work, *HERE)
    db.session.commit()

    with later(minutes=9, seconds=58):
        tidy()
        assert not spend_solution(work, *HERE)
    with later(minutes=21):
        tidy()
        assert uses() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("cost", 1), ("keyPrefix", ""), ("expiresAt", 2**40), ("algorithm", "SHA-256"), ("data", {"a": 1})],
)
def test_an_easier_puzzle_is_not_ours(app, name, value):
    easier = json.loads(puzzle(*HERE))
    easier["parameters"][name] = value

    assert not spend_solution(solved(json.dumps(easier)), *HERE)


def test_a_puzzle_signed_with_nothing_or_solved_wrongly_is_none(app):
    parts = opened(solved(puzzle(*HERE)))
    unsigned = {"challenge": {"parameters": parts["challenge"]["parameters"]}, "solution": parts["solution"]}
    wrong = parts | {"solution": parts["solution"] | {"counter": parts["solution"]["counter"] + 1}}

    assert not spend_solution(sealed(unsigned), *HERE)
    assert not spend_solution(sealed(wrong), *HERE)
    assert not spend_solution(sealed(parts | {"solution": {"counter": -1, "derivedKey": "00"}}), *HERE)
    assert spend_solution(sealed(parts), *HERE)


GARBAGE = [
    "", "x", "=", "é", "\x00", "\ud800", "A" * 5_000_000, None, 7, b"e30=", [], {},
    sealed({}), sealed([]), sealed("text"), sealed(None), sealed({"challenge": 1, "solution": 2}),
    sealed({"challenge": {}, "solution": {}}), sealed({"challenge": "text", "solution": "text"}),
    sealed({"challenge": {"parameters": []}, "solution": {"counter": 1, "derivedKey": "00"}}),
    base64.b64encode(b"[" * 1400).decode(), base64.b64encode(b"1" * 1400).decode(),
    base64.b64encode(b'{"challenge":' * 100).decode(),
]  # fmt: skip


@pytest.mark.parametrize("payload", GARBAGE, ids=lambda payload: str(payload)[:20].encode("unicode_escape").decode())
def test_garbage_solves_nothing(app, payload):
    assert is_solved(payload, *HERE) is False
    assert spend_solution(payload, *HERE) is False
    assert uses() == 0


def test_whatever_is_put_in_a_place_of_a_solution_nothing_breaks_and_it_is_good_once(app):
    chance = random.Random(7)
    work = solved(puzzle(*HERE))
    strange: list[Any] = [
        None,
        True,
        -1,
        2**70,
        1e300,
        "",
        "zz",
        "\ud800",
        [],
        {},
        [[[]]],
        {"__proto__": 1},
        "0" * 300,
        0.5,
    ]

    taken = 0
    for _ in range(300):
        parts = opened(work)
        places = [parts, parts["challenge"], parts["challenge"]["parameters"], parts["solution"]]
        place = chance.choice(places)
        place[chance.choice([*place, "data", "keySignature"])] = chance.choice(strange)
        taken += spend_solution(sealed(parts), *HERE)

    assert taken == uses() <= 1


def test_twenty_uses_of_one_solution_at_once_are_one_success(app):
    work = solved(puzzle(*HERE))

    def spend():
        with app.app_context(), writing():
            good = spend_solution(work, *HERE)
            db.session.commit()
            return good

    results = at_once([spend] * 20)

    db.session.rollback()
    assert sorted(results) == [False] * 19 + [True]
    assert uses() == 1


def test_checking_is_a_hundred_times_cheaper_than_solving(app):
    parameters = json.loads(puzzle(*HERE))["parameters"]

    assert (parameters["algorithm"], parameters["cost"]) == ("PBKDF2/SHA-256", ITERATIONS)
    assert 16 ** len(PREFIX) >= 100, "so many derivations a browser does on average, and the site does one"


def test_puzzles_are_made_without_storing_and_differ(app, statements):
    puzzles = {puzzle(*HERE) for _ in range(20)}

    assert len(puzzles) == 20
    assert statements == []
    assert max(map(len, puzzles)) < 1000
