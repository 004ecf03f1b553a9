"""What no database can hold, in addresses and fields of the desk: it is turned away like anything else that is none of ours."""

import re

import pytest
from sqlalchemy import select

from blueprints.comments.models import Comment, Status
from core.database import db
from tests.builders import comment, hidden

HUGE = ("2147483648", "9999999999", "999999999999999999")


def token_of(page) -> str:
    """Return what guards the form with the buttons that decide."""
    [form] = [one for one in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if 'value="spam"' in one]
    return str(re.findall(r'name="csrf_token" value="([^"]*)"', form)[0])


@pytest.mark.parametrize("batch", ["%00", "a%00b", "%F0%9F%98%80", "x" * 33, "%20"])
def test_a_mark_that_is_none_names_nothing_to_undo(desk, batch):
    """F18."""
    token = hidden(desk.post("/moderation/undo/x"), "csrf_token")

    answer = desk.post(f"/moderation/undo/{batch}", data={"csrf_token": token})

    assert answer.status_code == 404


@pytest.mark.parametrize("huge", HUGE)
def test_several_at_once_with_numbers_beyond_any_row(desk, article, huge):
    """F18."""
    reply_id = comment(article, held=True).id
    asked = {"pick": [f"{huge}.1:pending", f"{reply_id}.{huge}:pending"], "family": [f"1:{huge}"]}

    token = token_of(desk.get(f"/moderation/selected?pick={reply_id}.1:pending"))

    page = desk.get("/moderation/selected", query_string=asked)
    answer = desk.post("/moderation/selected", data=asked | {"csrf_token": token, "act": "spam"})

    assert page.status_code == 200 and "没有选中什么" in page.text
    assert answer.status_code == 409
    assert db.session.scalar(select(Comment.status)) is Status.PENDING


@pytest.mark.parametrize("act", ["ban", "approve", "spam", "keep"])
@pytest.mark.parametrize("huge", HUGE)
def test_a_text_with_a_number_beyond_any_row_is_not_decided(desk, article, act, huge):
    """F18."""
    reply_id = comment(article, held=True).id
    token = token_of(desk.get(f"/moderation/comments/{reply_id}"))
    sent = {"csrf_token": token, "act": act, "text": f"{reply_id}.{huge}", "seen": "pending", "days": "7"}

    assert desk.post(f"/moderation/comments/{reply_id}", data=sent).status_code == 409
    assert db.session.scalar(select(Comment.status)) is Status.PENDING
