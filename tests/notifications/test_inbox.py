"""The inbox of an account."""

import pytest
from sqlalchemy import select

from blueprints.auth.models import User
from blueprints.comments.models import Comment
from blueprints.notifications.models import Frequency, Notification
from blueprints.notifications.queries import NOTIFICATIONS_PER_PAGE, UNREAD_MAX, unread_count
from core import jobs
from core.database import db
from tests import builders
from tests.builders import comment, hidden, log_in, send_letters
from tests.moments import later
from tests.notifications.cast import followed, proved, written


@pytest.fixture
def asked(article, mei):
    """梅子's reply, for which she wants no letters."""
    return comment(article, "会员问的", user=mei, nickname="梅子")


def answered(article, asked, *bodies: str) -> None:
    for body in bodies or ("半夏答的",):
        written(article, body, asked)
    send_letters()


def test_answers_stand_in_the_inbox_without_a_letter_that_was_not_asked_for(client, article, mei, asked):
    answered(article, asked)
    log_in(client, "梅子")

    page = client.get("/notifications").text

    assert "半夏 回应了你" in page and "半夏答的" in page and "纸上的第一篇" in page and ">新<" in page
    assert send_letters() == [] and unread_count(mei) == 1


def test_an_empty_inbox_says_so(client, mei):
    log_in(client, "梅子")

    assert "没有新的回应。" in client.get("/notifications").text


def test_opening_a_line_leads_to_the_reply_and_notes_that_it_was_read(client, article, mei, asked):
    answered(article, asked)
    row = db.session.scalars(select(Notification)).one()
    log_in(client, "梅子")

    answer = client.get(f"/notifications/{row.id}")

    assert (answer.status_code, answer.location) == (303, f"/comments/{row.comment_id}")
    assert unread_count(mei) == 0 and ">新<" not in client.get("/notifications").text


def test_a_line_is_its_owners_alone(client, other, article, mei, lin, asked):
    """S59."""
    answered(article, asked)
    row = db.session.scalars(select(Notification)).one()
    log_in(other, "林舟")

    assert other.get(f"/notifications/{row.id}").status_code == 404
    assert client.get(f"/notifications/{row.id}").location.startswith("/login?next=")
    assert client.get("/notifications").location.startswith("/login?next=")
    assert unread_count(mei) == 1


def test_everything_seen_is_taken_as_read_and_what_came_since_is_not(client, article, mei, asked):
    answered(article, asked, "先来的")
    log_in(client, "梅子")
    page = client.get("/notifications")
    newest = db.session.scalars(select(Notification.id)).one()
    answered(article, asked, "刚来的")

    form = {"up_to": str(newest), "csrf_token": hidden(page, "csrf_token")}
    answer = client.post("/notifications/read", data=form)

    assert answer.location == "/notifications" and unread_count(mei) == 1
    assert client.post("/notifications/read", data={"up_to": "x"}).status_code == 422 and unread_count(mei) == 1


def test_a_hidden_reply_leaves_the_inbox(app, client, article, mei, asked):
    answered(article, asked)
    row = db.session.scalars(select(Notification)).one()
    app.test_cli_runner().invoke(args=["comments", "remove", str(row.comment_id)])
    log_in(client, "梅子")

    assert "半夏" not in client.get("/notifications").text and unread_count(mei) == 0
    assert client.get(f"/notifications/{row.id}").status_code == 404


def test_lines_are_grouped_by_article_and_paged_by_key(client, article, mei, asked):
    second = builders.article("second", "第二篇")
    followed(mei, article=second)
    answered(article, asked, *(f"第 {number} 次" for number in range(NOTIFICATIONS_PER_PAGE)))
    comment(second, "另一篇下的", nickname="周默", email="zhou@example.com")
    send_letters()
    log_in(client, "梅子")

    page = client.get("/notifications")
    assert page.text.count(">第二篇<") == page.text.count(">纸上的第一篇<") == 1 and "第 0 次" not in page.text
    oldest = db.session.scalars(select(Notification.id).order_by(Notification.id).limit(2)).all()[1]
    later_page = client.get(f"/notifications?before={oldest}").text

    assert f"before={oldest}" in page.text and "第 0 次" in later_page and "最新的通知" in later_page


def test_a_page_of_the_inbox_is_the_same_few_statements_however_long_it_is(client, article, mei, asked, statements):
    log_in(client, "梅子")

    def cost() -> int:
        client.get("/notifications")
        statements.clear()
        client.get("/notifications")
        return len(statements)

    answered(article, asked)
    few = cost()
    answered(article, asked, *(f"第 {number} 次" for number in range(25)))

    assert cost() == few <= 6


def test_no_more_than_a_hundred_are_counted(article, mei, asked):
    answered(article, asked)
    row = db.session.scalars(select(Notification)).one()
    builders.many_comments(article, UNREAD_MAX + 5)
    rest = {"user_id": mei.id, "why": row.why, "article_id": article.id, "frequency": Frequency.NEVER}
    ids = db.session.scalars(select(Comment.id).where(Comment.id > row.comment_id)).all()
    db.session.add_all(Notification(comment_id=number, **rest) for number in ids)
    db.session.commit()

    assert unread_count(mei) == UNREAD_MAX


def test_lines_go_after_half_a_year(article, mei, asked):
    answered(article, asked)

    with later(days=181):
        jobs.tidy()

    assert db.session.scalars(select(Notification)).all() == []


def test_names_and_words_are_text_in_the_inbox(client, article, asked):
    """S01."""
    comment(article, "<script>alert(1)</script> 你好", asked, nickname='"><b>x', email="ban@example.com")
    send_letters()
    log_in(client, "梅子")

    page = client.get("/notifications").text

    assert "<script>alert" not in page and "<b>x" not in page and "&lt;script&gt;" in page


def test_what_is_stored_goes_with_the_account(client, article, mei, asked):
    followed(mei, article=article)
    answered(article, asked)
    log_in(client, "梅子")
    told = client.get("/account/download.json").json
    assert told["notifications"][0]["why"] == "answer" and "纸上的第一篇" in client.get("/account/download.html").text
    mei.leaves_at = mei.created_at
    db.session.commit()

    jobs.tidy()

    assert db.session.scalars(select(User)).all() == [] and db.session.scalars(select(Notification)).all() == []


@pytest.mark.parametrize("often", [Frequency.NEVER, Frequency.DAILY, Frequency.AT_ONCE])
def test_an_account_has_its_line_and_one_letter_though_its_owner_follows_as_a_guest_too(article, mei, often):
    """Whichever reason is the stronger, and whichever followed later."""
    root = comment(article, "起头的", nickname="周默", email="zhou@example.com")
    guest = proved("mei@example.com")
    followed(mei, article=article, often=often)
    followed(guest, article=article)

    comment(article, "第一条", nickname="老秦", email="qin@example.com")
    assert len(send_letters()) == 1 and unread_count(mei) == 1

    followed(guest, root=root)
    comment(article, "第二条", root, nickname="半夏", email="ban@example.com")
    assert len(send_letters()) == 2 and unread_count(mei) == 2
