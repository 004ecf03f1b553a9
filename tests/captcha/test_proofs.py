"""Proofs: what stays of a right answer while something else in the form is wrong."""

import pytest
from sqlalchemy import func, select

from blueprints.captcha.challenges import (
    ChallengeExpired,
    answer_of,
    is_proof,
    is_right,
    issue,
    issue_proof,
    redeem,
    spend_proof,
)
from blueprints.captcha.models import CaptchaUse
from core.database import db, writing
from core.jobs import tidy
from tests.moments import at_once, later

HERE = ("register", "a browser")


def uses():
    return db.session.scalar(select(func.count()).select_from(CaptchaUse))


def test_a_proof_is_good_once_and_looking_uses_nothing_up(app):
    proof = issue_proof(*HERE)

    assert is_proof(proof, *HERE) and is_proof(proof, *HERE)
    assert uses() == 0
    spend_proof(proof, *HERE)

    assert uses() == 1
    assert not is_proof(proof, *HERE)
    with pytest.raises(ChallengeExpired) as refusal:
        spend_proof(proof, *HERE)
    assert refusal.value.field == "captcha" and "过期" in refusal.value.message


@pytest.mark.parametrize("elsewhere", [("comment", "a browser"), ("register", "another browser"), ("", "a browser")])
def test_a_proof_belongs_to_its_form_and_browser(app, elsewhere):
    proof = issue_proof(*HERE)

    assert not is_proof(proof, *elsewhere)
    with pytest.raises(ChallengeExpired):
        spend_proof(proof, *elsewhere)
    assert is_proof(proof, *HERE), "trying it elsewhere does not spend it"


def test_a_proof_relabelled_is_none(app):
    proof = issue_proof(*HERE).replace("register", "comment")

    assert not is_proof(proof, "comment", "a browser")


def test_a_proof_is_no_challenge_and_a_challenge_is_no_proof(client):
    proof, challenge = issue_proof(*HERE), issue(*HERE)

    assert not is_right(proof, *HERE, answer_of(proof))
    with pytest.raises(ChallengeExpired):
        redeem(proof, *HERE, answer_of(proof))
    assert not is_proof(challenge, *HERE)
    with pytest.raises(ChallengeExpired):
        spend_proof(challenge, *HERE)
    client.set_cookie("form", "a browser")
    assert client.get(f"/captcha/{challenge}.png").status_code == 200
    assert client.get(f"/captcha/{proof}.png").status_code == 404
    assert client.get(f"/captcha/{proof}.zh.wav").status_code == 404


def test_a_proof_lives_fifteen_minutes(app):
    proof = issue_proof(*HERE)

    with later(minutes=14, seconds=59):
        assert is_proof(proof, *HERE)
    with later(minutes=15, seconds=2):
        assert not is_proof(proof, *HERE)
        with pytest.raises(ChallengeExpired):
            spend_proof(proof, *HERE)


def test_a_spent_proof_is_remembered_as_long_as_it_would_live(app):
    proof = issue_proof(*HERE)
    spend_proof(proof, *HERE)
    db.session.commit()

    with later(minutes=14, seconds=59):
        tidy()
        assert not is_proof(proof, *HERE)
    with later(minutes=21):
        tidy()
        assert uses() == 0


@pytest.mark.parametrize("proof", ["", "x", "...", "a.b.c.d", "a.1.register.0", "é.1.register.0", "\x00", "." * 5000])
def test_a_made_up_proof_is_none(app, proof):
    assert not is_proof(proof, *HERE)
    with pytest.raises(ChallengeExpired):
        spend_proof(proof, *HERE)
    assert uses() == 0


def test_twenty_uses_of_one_proof_at_once_are_one_success(app):
    proof = issue_proof(*HERE)

    def spend():
        with app.app_context():
            try:
                with writing():
                    spend_proof(proof, *HERE)
                    db.session.commit()
            except ChallengeExpired:
                return False
            return True

    results = at_once([spend] * 20)

    db.session.rollback()
    assert sorted(results) == [False] * 19 + [True]
    assert uses() == 1
