"""How letters end: by one click, for ever, whoever holds the letter."""

import pytest
from sqlalchemy import delete, select

from blueprints.auth.models import Role, User
from blueprints.notifications.choosing import choose
from blueprints.notifications.models import Frequency, NotificationChoice, Subscription
from blueprints.notifications.stopping import Kind, account_token, subscription_token
from core.database import db
from tests import builders
from tests.builders import comment, send_letters
from tests.notifications.cast import followed, lines, proved, stop_path, text_of

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ABROAD = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}


def test_one_click_ends_one_subscription_and_nothing_else(app, article, mei):
    """S71, T59: without cookie, page or origin; looking changes nothing; again is the same as once."""
    second = builders.article("second", "第二篇")
    followed(mei, article=article)
    followed(mei, article=second)
    comment(article, "一条")
    (letter,) = send_letters()
    program = app.test_client()

    assert all(program.open(stop_path(letter), method=method).status_code == 200 for method in ("GET", "HEAD", "GET"))
    assert [one.frequency for one in db.session.scalars(select(Subscription))] == [Frequency.AT_ONCE] * 2
    done = [program.post(stop_path(letter), data=ONE_CLICK, headers=ABROAD) for _ in range(2)]

    assert [(answer.status_code, answer.text) for answer in done] == [(200, "")] * 2
    assert all("Set-Cookie" not in answer.headers for answer in done)
    comment(article, "不写信的一条", nickname="周默", email="zhou@example.com")
    comment(second, "还写信的一条", nickname="老秦", email="qin@example.com")
    letters = send_letters()
    assert len(letters) == 2 and "还写信的一条" in text_of(letters[-1]) and len(lines()) == 3


def test_the_page_says_what_ended_and_offers_to_end_everything(client, article, mei):
    followed(mei, article=article)
    comment(article, "一条")
    path = stop_path(send_letters()[0])
    assert "《纸上的第一篇》的回复：现在有新内容会写信给你。" in client.get(path).text

    answer = client.post(path, data={"which": "this"})

    assert answer.location == path
    page = client.get(path).text
    assert "已经停掉" in page and "《纸上的第一篇》的回复：不再写信。" in page and "什么信都不要了" in page
    assert client.post(path, data={"which": "all"}).location == "/letters/stopped"
    assert "不会再写信了。" in client.get("/letters/stopped").text


def test_everything_of_an_account_ends_and_its_inbox_goes_on(client, mei):
    builders.user("沈未", "shen@example.com", role=Role.AUTHOR)
    mine = builders.article("mine", "我的一篇")
    shen = mine.author_id
    asked = comment(mine, "作者问的", user=db.session.get(User, shen), nickname="沈未", notify=True)
    other_article = builders.article("second", "第二篇", author="别人")
    followed(db.session.get(User, shen), article=other_article, often=Frequency.DAILY)
    comment(mine, "一条")
    (letter,) = send_letters()

    client.post(stop_path(letter), data={"which": "all"})

    comment(mine, "回应作者", asked, nickname="周默", email="zhou@example.com")
    comment(mine, "又一条", nickname="老秦", email="qin@example.com")
    assert len(send_letters()) == 1 and len(lines()) == 3
    chosen = db.session.scalars(select(NotificationChoice)).one()
    assert (chosen.own_articles, chosen.decisions, chosen.waiting) == (Frequency.NEVER,) * 3
    assert db.session.scalars(select(Subscription)).one().frequency is Frequency.NEVER


def test_everything_of_a_guest_ends_with_one_subscriptions_link(client, article):
    guest = proved()
    followed(guest, article=article)
    comment(article, "一条")
    (letter,) = send_letters()

    client.post(stop_path(letter), data={"which": "all"})

    db.session.refresh(guest)
    assert guest.stopped_at is not None
    comment(article, "又一条", nickname="周默", email="zhou@example.com")
    assert len(send_letters()) == 1


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_of_an_accounts_letters_has_a_link(app, client, article, mei, kind):
    followed(mei, article=article, often=Frequency.WEEKLY)
    choose(mei, answers=Frequency.DAILY)
    db.session.commit()
    path = f"/letters/stop/{account_token(mei, kind)}"
    assert "现在会写给你" in client.get(path).text

    app.test_client().post(path, data=ONE_CLICK)

    assert "不再写了" in client.get(path).text
    chosen = db.session.scalars(select(NotificationChoice)).one()
    wish = db.session.scalars(select(Subscription)).one()
    if kind is Kind.DIGEST:
        assert (chosen.answers, wish.frequency, chosen.decisions) == (
            Frequency.NEVER,
            Frequency.NEVER,
            Frequency.AT_ONCE,
        )
    else:
        assert getattr(chosen, kind.value) is Frequency.NEVER
        assert (chosen.answers, wish.frequency) == (Frequency.DAILY, Frequency.WEEKLY)


def test_the_link_of_what_was_ended_on_a_page_still_answers(client, article, mei):
    followed(mei, article=article)
    comment(article, "一条")
    path = stop_path(send_letters()[0])
    db.session.execute(delete(Subscription))
    db.session.commit()

    assert client.get(path).status_code == 200 and "这种信不会再来了。" in client.get(path).text
    assert client.post(path, data=ONE_CLICK).status_code == 200


@pytest.mark.parametrize(
    "token",
    ["s1", "s1.x", "s.x", "u1-waiting.x", "u1.x", "u1-nothing.x", "u-waiting.x", "s99999999999.x", "s²1.x", "u1-"],
)
def test_a_made_up_link_ends_nothing(client, article, mei, token):
    followed(mei, article=article)

    assert client.get(f"/letters/stop/{token}").status_code == 410
    assert client.post(f"/letters/stop/{token}", data=ONE_CLICK).status_code == 410
    assert db.session.scalars(select(Subscription)).one().frequency is Frequency.AT_ONCE


def test_a_link_of_one_kind_is_none_of_another(client, article, mei):
    """S61."""
    followed(mei, article=article)
    wish = db.session.scalars(select(Subscription)).one()
    signature = subscription_token(wish).partition(".")[2]

    assert client.get(f"/letters/stop/s{wish.id + 1}.{signature}").status_code == 410
    assert client.get(f"/letters/stop/u{wish.id}-waiting.{signature}").status_code == 410
    assert client.get(f"/letters/stop/a{wish.id}.{signature}").status_code == 410


def test_every_letter_that_is_no_answer_to_an_act_can_be_ended_by_one_click(article, mei):
    """S71."""
    followed(mei, article=article)
    comment(article, "一条")

    for letter in send_letters():
        assert letter["List-Unsubscribe"].strip().startswith("<http") and letter["Auto-Submitted"] == "auto-generated"
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
