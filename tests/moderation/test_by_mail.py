"""Links in letters to moderators: opening one changes nothing, its buttons decide once, as that moderator."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from blueprints.auth.models import Role, User
from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.moderation.cases import forget_cases, mail_case
from blueprints.moderation.decisions import Sitting, approve, look_at
from blueprints.moderation.models import Decision, MailedCase
from core import clock
from core.database import db
from tests.builders import comment, hidden
from tests.moments import later


@pytest.fixture
def reply(article):
    return comment(article, "在等的一条。", held=True)


@pytest.fixture
def path(reply, lin):
    """The address in a letter to 林舟 about the reply."""
    address = f"/moderation/by-mail/{mail_case(lin, reply, 'seed')}"
    db.session.commit()
    return address


def press(browser, path, act, **more):
    return browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token"), "act": act} | more)


def status_of(reply) -> Status:
    db.session.refresh(reply)
    return Status(reply.status)


def test_opening_it_changes_nothing_however_often(client, path, reply):
    """T59: what scans letters decides nothing."""
    for _again in range(3):
        assert client.get(path).status_code == 200 and client.head(path).status_code == 200

    assert status_of(reply) is Status.PENDING
    assert db.session.scalars(select(MailedCase.used_at)).all() == [None]
    page = client.get(path)
    assert "在等的一条。" in page.text and "林舟" in page.text and page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("act", "status"), [("approve", Status.PUBLISHED), ("remove", Status.REJECTED), ("spam", Status.SPAM)]
)
def test_a_button_decides_as_that_moderator_without_a_session(client, path, reply, lin, act, status):
    answer = press(client, path, act, reason="说明")

    assert answer.status_code == 200 and "林舟 刚刚已经" in answer.text
    assert status_of(reply) is status
    assert db.session.scalars(select(Decision.actor_id)).one() == lin.id


def test_it_decides_once(client, path, reply):
    token = hidden(client.get(path), "csrf_token")
    press(client, path, "approve")

    again = client.post(path, data={"csrf_token": token, "act": "spam"})

    assert (again.status_code, client.get(path).status_code) == (410, 410)
    assert "这个链接用过了。林舟 刚刚已经通过了这条。" in client.get(path).text
    assert status_of(reply) is Status.PUBLISHED


def test_without_the_guard_of_the_form_nothing_is_decided(client, path, reply):
    assert client.post(path, data={"act": "approve"}).status_code == 422
    assert client.post(path, data={"act": "approve"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert status_of(reply) is Status.PENDING


def test_an_act_there_is_not_leaves_the_link_good(client, path, reply):
    for act in ("erase", "keep", "ban", ""):
        assert press(client, path, act).status_code == 409
    assert press(client, path, "approve").status_code == 200


def test_a_changed_text_is_shown_and_not_decided(client, path, reply):
    token = hidden(client.get(path), "csrf_token")
    db.session.execute(update(Comment).where(Comment.id == reply.id).values(version=2, body="没人看过的内容。"))
    db.session.commit()

    answer = client.post(path, data={"csrf_token": token, "act": "approve"})

    assert answer.status_code == 409 and "没人看过的内容。" in answer.text and 'value="approve"' not in answer.text
    assert status_of(reply) is Status.PENDING
    assert client.get(path).status_code == 200 and "刚刚改过这条" in client.get(path).text


def test_somebody_else_was_first(client, path, reply, mei):
    token = hidden(client.get(path), "csrf_token")
    approve(look_at(reply), Sitting(mei))
    db.session.commit()

    assert "梅子 刚刚已经通过了这条。" in client.get(path).text
    assert client.post(path, data={"csrf_token": token, "act": "spam"}).status_code == 409
    assert status_of(reply) is Status.PUBLISHED


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.READER}, {"role": Role.AUTHOR}, {"paused_at": clock.at(0)}, {"leaves_at": clock.at(4e9)},
    ],
    ids=str,
)  # fmt: skip
def test_who_may_not_decide_any_more_decides_nothing_by_an_old_letter(client, path, reply, lin, change):
    token = hidden(client.get(path), "csrf_token")
    db.session.execute(update(User).where(User.id == lin.id).values(**change))
    db.session.commit()

    assert client.get(path).status_code == 410
    assert client.post(path, data={"csrf_token": token, "act": "approve"}).status_code == 410
    assert status_of(reply) is Status.PENDING


def test_a_second_factor_is_demanded_here_too(client, path, choose):
    choose(moderators_need_second_factor=True)

    assert client.get(path).status_code == 410


def test_it_ends_after_three_days_and_is_forgotten_after_a_month(client, path):
    with clock.standing_at(clock.now() + timedelta(days=3, minutes=1)):
        assert client.get(path).status_code == 410
    assert client.get("/moderation/by-mail/made-up").status_code == 410
    with clock.standing_at(clock.now() + timedelta(days=34)):
        forget_cases()
    assert db.session.scalars(select(MailedCase)).all() == []


def test_a_letter_about_a_changed_text_of_a_public_reply(client, article, lin):
    reply = comment(article, "公开的内容。")
    edit = {"number": 2, "body": "改动后的内容。", "body_html": "<p>改动后的内容。</p>", "status": Status.PENDING}
    db.session.add(CommentVersion(comment_id=reply.id, **edit))
    db.session.flush()
    address = f"/moderation/by-mail/{mail_case(lin, reply, 'seed')}"
    db.session.commit()

    assert "改动后的内容。" in client.get(address).text
    press(client, address, "approve")
    db.session.refresh(reply)
    assert reply.body == "改动后的内容。"


def test_a_letter_that_is_tried_again_has_the_same_link_which_ends_three_days_after_the_last_try(client, reply, lin):
    seed = "one letter's"
    token = mail_case(lin, reply, seed)
    with later(days=4):
        assert mail_case(lin, reply, seed) == token
        db.session.commit()
    assert len(db.session.scalars(select(MailedCase)).all()) == 1

    with later(days=6):
        assert client.get(f"/moderation/by-mail/{token}").status_code == 200


def test_each_letter_and_each_text_has_a_link_of_its_own(article, reply, lin, mei):
    other_reply = comment(article, "在等的另一条。", nickname="周默", email="zhou@example.com", held=True)

    tokens = {
        mail_case(*one) for one in [(lin, reply, "a"), (lin, reply, "b"), (mei, reply, "a"), (lin, other_reply, "a")]
    }

    assert len(tokens) == 4


def test_the_token_is_kept_as_a_hash_only(path):
    kept = db.session.scalars(select(MailedCase.token_hash)).one()

    assert re.fullmatch(r"[0-9a-f]{64}", kept) and kept not in path
