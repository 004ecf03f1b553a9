"""The doors to following, and the one consent that an address is asked for."""

import pytest
from sqlalchemy import select

from blueprints.auth.models import Role
from blueprints.comments.models import Comment, GuestAddress
from blueprints.notifications.models import Frequency, Subscription
from blueprints.notifications.queries import FOLLOWED_MAX
from core import clock, jobs
from core.database import db
from core.jobs import Job
from tests import builders
from tests.builders import comment, hidden, log_in, send_letters
from tests.moments import later
from tests.notifications.cast import followed, open_letter, opened, text_of


def follow(browser, path="/articles/hello/follow", **form):
    """Press the button of the page for following."""
    token = hidden(browser.get(path), "csrf_token")
    return browser.post(path, data={"frequency": "at_once", "csrf_token": token} | form)


def wishes() -> list[Subscription]:
    return list(db.session.scalars(select(Subscription).order_by(Subscription.id)).all())


def test_a_member_follows_an_article_at_once(client, article, mei):
    log_in(client, "梅子")

    answer = follow(client, frequency="daily")

    assert (answer.status_code, answer.location) == (303, "/articles/hello")
    (wish,) = wishes()
    assert (wish.user_id, wish.article_id, wish.frequency) == (mei.id, article.id, Frequency.DAILY)
    assert wish.wanted_since is not None and "已关注。" in client.get("/articles/hello").text
    assert "已经在关注" in client.get("/articles/hello/follow").text and send_letters() == []


def test_a_member_follows_a_thread_or_the_person_who_wrote_in_it(client, article, mei, lin):
    root = comment(article, "第一条")
    answer = comment(article, "林舟答的", root, user=lin, nickname="林舟")
    log_in(client, "梅子")
    path = f"/comments/{answer.id}/follow"
    assert "林舟 的新文章和回复" in client.get(path).text

    follow(client, path, what="root_id")
    follow(client, path, what="person_id")

    assert [(wish.root_id, wish.person_id) for wish in wishes()] == [(root.id, None), (None, lin.id)]


def test_one_is_not_offered_to_follow_oneself(client, article, mei):
    mine = comment(article, "我写的", user=mei, nickname="梅子")
    log_in(client, "梅子")

    page = client.get(f"/comments/{mine.id}/follow").text

    assert "梅子 的新文章和回复" not in page and "这一串的新回复" in page


def test_the_author_can_be_followed_at_an_article(client, mei):
    shen = builders.user("沈未", "shen@example.com", role=Role.AUTHOR)
    builders.article()
    log_in(client, "梅子")

    follow(client, what="person_id", frequency="weekly")

    assert [(wish.person_id, wish.frequency) for wish in wishes()] == [(shen.id, Frequency.WEEKLY)]


def test_a_guest_is_asked_once_and_counts_when_the_link_was_opened(client, other, article):
    answer = follow(client, email="guest@example.com")

    assert answer.location == "/follow/sent" and "请查收邮件" in client.get("/follow/sent").text
    (letter,) = send_letters()
    assert letter["To"] == "guest@example.com" and "确认订阅" in letter["Subject"]
    assert wishes()[0].wanted_since is None
    comment(article, "还没确认")
    assert len(send_letters()) == 1

    open_letter(other, letter)
    comment(article, "确认以后")

    assert wishes()[0].wanted_since is not None
    assert "确认以后" in text_of(send_letters()[-1]) and len(send_letters()) == 2


def test_a_proved_address_is_asked_again_the_same_day_from_another_browser(client, other, article):
    builders.article("two", "第二篇")
    follow(client, email="guest@example.com")
    open_letter(client, send_letters()[0])

    with later(minutes=1):
        follow(other, "/articles/two/follow", email="guest@example.com")
        open_letter(other, send_letters()[1])

    assert len(wishes()) == 2 and all(wish.wanted_since is not None for wish in wishes())


def test_a_stranger_cannot_have_somebody_written_to(app, client, article):
    """T04, T60, T97, S72: before the opt-in there is one letter a day and three in all, whoever asks and for whatever."""
    comment(article, "一条")
    for number in range(5):
        builders.article(f"a{number}", f"第 {number} 篇")
    for day in range(6):
        with later(days=day):
            for number in range(5):
                follow(app.test_client(), f"/articles/a{number}/follow", email="victim@example.com")
            comment(article, f"第 {day} 天")
            sent = [letter for letter in send_letters() if letter["To"] == "victim@example.com"]
            assert len(sent) == min(day + 1, 3)


def test_the_answer_and_the_job_are_the_same_for_every_address(app, client, other, article, mei):
    """S63: nobody learns whether an address is known, proved, stopped or an account's."""
    opened(client)
    stopped = GuestAddress(email="stopped@example.com", email_key="stopped@example.com", stopped_at=clock.now())
    db.session.add(stopped)
    db.session.commit()
    answers = [
        follow(app.test_client(), email=f"{name}@example.com") for name in ("nanshan", "stopped", "mei", "nobody")
    ]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/follow/sent")}
    queued = db.session.scalars(select(Job).where(Job.done_at.is_(None))).all()
    assert [(job.kind, sorted(job.payload)) for job in queued] == [
        ("follow_wish", ["article", "column", "email", "frequency", "may", "row"])
    ] * 4


def test_a_stranger_changes_nothing_of_what_somebody_follows(client, other, article):
    guest = opened(client)
    followed(guest, article=article, often=Frequency.WEEKLY)

    follow(other, email="nanshan@example.com", frequency="at_once")
    send_letters()

    assert [wish.frequency for wish in wishes()] == [Frequency.WEEKLY]


def test_a_strangers_wish_for_a_proved_address_waits_for_its_owner(client, other, article):
    opened(client)
    builders.article("second", "第二篇")

    follow(other, "/articles/second/follow", email="nanshan@example.com")
    with later(days=2):
        send_letters()

    assert [wish.wanted_since for wish in wishes()] == [None]


def test_a_strangers_wishes_do_not_ride_along_with_a_letter_about_a_reply(client, other, article):
    """S72: the page of the link names them, none is ticked, and what is not ticked is dropped."""
    builders.article("second", "第二篇")
    client.post("/articles/hello/comments", data=builders.reply_form(client, notify="y"))
    (letter,) = send_letters()
    for slug in ("hello", "second"):
        follow(other, f"/articles/{slug}/follow", email="nanshan@example.com")
    send_letters()
    page = client.get(builders.link_in(letter)).text
    assert "《纸上的第一篇》的回复" in page and "《第二篇》的回复" in page and " checked" not in page

    open_letter(client, letter)

    assert wishes() == [] and "已确认" in client.get("/mine").text


def test_the_letter_about_a_wish_has_it_ticked_and_no_other(client, other, article):
    builders.article("second", "第二篇")
    builders.article("third", "第三篇")
    follow(client, email="guest@example.com")
    (letter,) = send_letters()
    for slug in ("second", "third"):
        follow(other, f"/articles/{slug}/follow", email="guest@example.com")
    send_letters()
    first, _second, third = wishes()
    page = client.get(builders.link_in(letter))
    assert f'value="{first.id}" checked' in page.text and page.text.count(" checked") == 1
    assert [one.wanted_since for one in wishes()] == [None] * 3

    ticked = {"csrf_token": hidden(page, "csrf_token"), "wishes": [str(first.id), str(third.id)]}
    client.post(builders.link_in(letter), data=ticked)

    db.session.expire_all()
    assert [(one.id, one.wanted_since is not None) for one in wishes()] == [(first.id, True), (third.id, True)]


def test_nobody_takes_up_wishes_of_another_address(client, other, article):
    """S59."""
    follow(other, email="guest@example.com")
    client.post("/articles/hello/comments", data=builders.reply_form(client, notify="y"))
    letter = next(letter for letter in send_letters() if letter["To"] == "nanshan@example.com")
    (theirs,) = wishes()
    path = builders.link_in(letter)

    client.post(path, data={"csrf_token": hidden(client.get(path), "csrf_token"), "wishes": [str(theirs.id), "x"]})

    db.session.expire_all()
    assert [one.wanted_since for one in wishes()] == [None]


def test_asking_again_renews_a_wish_that_waits(client, other, article):
    follow(client, email="guest@example.com")
    send_letters()
    with later(days=20):
        follow(client, email="guest@example.com", frequency="weekly")
        letter = send_letters()[-1]

    with later(days=40):
        jobs.tidy()
        assert [one.frequency for one in wishes()] == [Frequency.WEEKLY]
        open_letter(other, letter)

        db.session.expire_all()
        assert wishes()[0].wanted_since is not None


def test_a_guest_whose_letter_was_opened_in_this_browser_follows_at_once(client, article):
    guest = opened(client)
    assert "E-Mail" not in client.get("/articles/hello/follow").text

    answer = follow(client)

    (wish,) = wishes()
    assert answer.location == "/articles/hello" and wish.guest_address_id == guest.id and wish.wanted_since is not None


def test_following_again_lets_letters_come_to_a_guest_who_had_stopped_them(client, article):
    guest = opened(client)
    guest.stopped_at = clock.now()
    db.session.commit()

    follow(client)

    db.session.refresh(guest)
    assert guest.stopped_at is None


@pytest.mark.parametrize(
    "form",
    [
        {"email": "no address"},
        {"email": ""},
        {"email": "a@example.com", "frequency": "hourly"},
        {"email": "a@example.com", "frequency": "never"},
        {"email": "a@example.com", "csrf_token": "x"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_queued(client, article, form):
    answer = follow(client, **form)

    assert answer.status_code == 422 and db.session.scalars(select(Job)).all() == []
    assert 'id="problems"' in answer.text


def test_the_address_block_is_counted_and_the_page_does_not_tell(app, client, article):
    for number in range(25):
        answer = follow(app.test_client(), email=f"g{number}@example.com")

    assert answer.location == "/follow/sent"
    assert len(send_letters()) == 20


def test_two_hundred_are_enough(client, article, mei):
    builders.many_comments(article, FOLLOWED_MAX)
    roots = db.session.scalars(select(Comment.id)).all()
    db.session.add_all(Subscription(user_id=mei.id, root_id=root, wanted_since=clock.now()) for root in roots)
    db.session.commit()
    log_in(client, "梅子")

    answer = follow(client)

    assert answer.status_code == 409 and "最多关注 200 个" in answer.text


def test_what_is_not_public_cannot_be_followed(client, article, mei):
    held = comment(article, "等着的", held=True)
    log_in(client, "梅子")

    assert client.get("/articles/nothing/follow").status_code == 404
    assert client.get("/comments/999/follow").status_code == 404
    assert client.get(f"/comments/{held.id}/follow").status_code == 404


def test_members_set_how_often_letters_come_and_end_what_they_follow(client, article, mei, lin):
    root = comment(article, "一条")
    followed(mei, article=article)
    followed(mei, root=root)
    followed(mei, person=lin)
    mei.role = Role.AUTHOR
    db.session.commit()
    log_in(client, "梅子")
    page = client.get("/account/following")
    first, second, third = wishes()
    assert "《纸上的第一篇》的回复" in page.text and "林舟 的文章和回复" in page.text and "有回复待审" not in page.text

    form = {f"s{first.id}": "daily", f"s{second.id}": "end", "answers": "weekly", "own_articles": "never"}
    answer = client.post("/account/following", data=form | {"csrf_token": hidden(page, "csrf_token")})

    assert answer.location == "/account/following"
    assert [(wish.id, wish.frequency) for wish in wishes()] == [
        (first.id, Frequency.DAILY),
        (third.id, Frequency.AT_ONCE),
    ]
    told = client.get("/account/download.json").json
    assert told["letters"] == {
        "answers": "weekly",
        "own_articles": "never",
        "decisions": "at_once",
        "waiting": "at_once",
    }
    assert [one["letters"] for one in told["follows"]] == ["daily", "at_once"]


def test_what_depends_on_the_box_under_each_reply_says_so(client, mei):
    log_in(client, "梅子")

    page = client.get("/account/following").text

    assert "有人回应我（写回复时勾了要信的）" in page and "管理员对我的回复做了决定（写回复时勾了要信的）" in page


def test_a_reader_is_not_asked_about_articles_of_their_own(client, mei):
    log_in(client, "梅子")

    assert "我的文章有新回复" not in client.get("/account/following").text


def test_nobody_changes_what_somebody_else_follows(client, article, mei, lin):
    """S59."""
    followed(lin, article=article)
    (theirs,) = wishes()
    log_in(client, "梅子")
    token = hidden(client.get("/account/following"), "csrf_token")

    client.post("/account/following", data={f"s{theirs.id}": "end", "csrf_token": token})

    assert len(wishes()) == 1


def test_a_list_with_something_else_in_it_comes_back(client, article, mei):
    followed(mei, article=article)
    (mine,) = wishes()
    log_in(client, "梅子")
    token = hidden(client.get("/account/following"), "csrf_token")

    answer = client.post("/account/following", data={f"s{mine.id}": "hourly", "csrf_token": token})

    assert answer.status_code == 422 and "请选一项。" in answer.text


def test_moderators_choose_letters_about_what_waits(client, lin):
    log_in(client, "林舟")
    page = client.get("/account/following")
    assert "有回复待审" in page.text

    client.post("/account/following", data={"waiting": "daily", "csrf_token": hidden(page, "csrf_token")})

    assert client.get("/account/download.json").json["letters"]["waiting"] == "daily"


def test_guests_see_and_end_what_they_follow(client, other, article):
    guest = opened(client)
    followed(guest, article=article)
    page = client.get("/mine/following")
    assert "《纸上的第一篇》的回复" in page.text and "nanshan@example.com" in page.text
    token = hidden(page, "csrf_token")

    answer = client.post("/mine/following", data={f"s{wishes()[0].id}": "end", "csrf_token": token})

    assert answer.location == "/mine/following" and wishes() == []
    assert "还没有关注什么" in client.get("/mine/following").text
    assert other.get("/mine/following").status_code == 403


def test_what_was_never_proved_is_forgotten_with_its_address(client, article):
    follow(client, email="guest@example.com")
    send_letters()

    with later(days=31):
        jobs.tidy()
    assert wishes() == []

    with later(days=366):
        jobs.tidy()
    assert db.session.scalars(select(GuestAddress)).all() == []


def test_an_address_that_follows_is_kept_without_a_reply(client, other, article):
    follow(client, email="guest@example.com")
    open_letter(other, send_letters()[0])

    with later(days=400):
        jobs.tidy()

    assert len(wishes()) == 1


def test_a_guest_who_only_follows_gets_back_in_by_a_letter(app, client, other, article):
    follow(client, email="guest@example.com")
    open_letter(other, send_letters()[0])
    device, stranger = app.test_client(), app.test_client()

    for browser, email in ((device, "guest@example.com"), (stranger, "nobody@example.com")):
        token = hidden(browser.get("/mine"), "csrf_token")
        browser.post("/mine", data={"email": email, "csrf_token": token})
    letters = send_letters()
    open_letter(device, letters[-1])

    assert [letter["To"] for letter in letters] == ["guest@example.com"] * 2
    assert "《纸上的第一篇》的回复" in device.get("/mine/following").text


def test_a_forgotten_address_follows_nothing_and_its_stop_stays_known(client, other, article):
    guest = opened(client)
    followed(guest, article=article)
    told = client.get("/mine/download.json").json
    assert told["follows"][0]["article"] == "hello"
    client.post("/mine/letters", data={"which": "none", "csrf_token": hidden(client.get("/mine"), "csrf_token")})
    token = hidden(client.get("/mine/erase"), "csrf_token")
    client.post("/mine/erase", data={"which": "texts", "csrf_token": token})
    assert wishes() == []
    kept = db.session.scalars(select(GuestAddress)).one()
    assert "nanshan" not in kept.email + kept.email_key and kept.proved_at is None
    before = len(send_letters())

    with later(days=2):
        follow(other, email="nanshan@example.com")
        comment(article, "又有人", nickname="周默", email="zhou@example.com")

        assert len(send_letters()) == before
