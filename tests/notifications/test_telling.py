"""Who is told of a new reply or article, once, and for which reason."""

import pytest
from sqlalchemy import delete, select

from blueprints.articles.publishing import withdraw_article
from blueprints.auth.models import Role, User
from blueprints.comments.models import Comment
from blueprints.comments.visibility import remove, show_again
from blueprints.notifications.following import Target, TooMany, follow
from blueprints.notifications.models import Frequency, Subscription, Why
from blueprints.notifications.queries import FOLLOWED_MAX, unread_count
from blueprints.notifications.telling import tell
from core import clock, jobs
from core.database import db, writing
from tests import builders
from tests.builders import comment, send_letters
from tests.moments import at_once, later
from tests.notifications.cast import followed, lines, many_guests, proved, written


def told_of(told: Comment) -> dict[str, object]:
    """Return what the job holds that tells of a reply."""
    return {"comment": told.id, "at": clock.timestamp()}


@pytest.fixture
def shen(app) -> User:
    """沈未, who writes articles."""
    return builders.user("沈未", "shen@example.com", role=Role.AUTHOR)


def test_an_author_is_told_of_replies_from_the_start(shen, article):
    mine = builders.article("mine", "我的一篇")

    comment(mine, "写得好。")

    (letter,) = send_letters()
    assert letter["To"] == "shen@example.com" and "在《我的一篇》下写了回复" in letter["Subject"]
    assert lines() == [("shen@example.com", Why.OWN_ARTICLE)] and unread_count(shen) == 1


def test_followers_of_article_thread_and_person_are_told(shen, article, mei, lin):
    root = comment(article, "第一条", user=shen, nickname="沈未")
    zhou = builders.user("周默", "zhou@example.com")
    followed(mei, article=article)
    followed(lin, root=root)
    followed(zhou, person=shen)
    followed(proved(), article=article)

    answer = comment(article, "自己接着写", root, user=shen, nickname="沈未")

    letters = send_letters()
    assert sorted(letter["To"] for letter in letters) == [
        "guest@example.com",
        "lin@example.com",
        "mei@example.com",
        "zhou@example.com",
    ]
    assert all(f"/comments/{answer.id}" in letter.get_body(("plain",)).get_content() for letter in letters)
    assert dict(lines()) == {
        "lin@example.com": Why.THREAD,
        "mei@example.com": Why.ARTICLE,
        "guest@example.com": Why.ARTICLE,
        "zhou@example.com": Why.PERSON,
    }


def test_one_person_is_told_once_for_the_strongest_reason(shen, mei):
    """An account and a guest's address of the same person are one."""
    mine = builders.article("mine", "我的一篇")
    asked = comment(mine, "会员问的", user=mei, nickname="梅子", notify=True)
    send_letters()
    for reader in (mei, proved("mei@example.com")):
        followed(reader, article=mine)
        followed(reader, root=asked)
    followed(mei, person=shen)

    comment(mine, "作者答的", asked, user=shen, nickname="沈未")

    assert [letter["To"] for letter in send_letters()].count("mei@example.com") == 1
    assert [why for who, why in lines() if who == "mei@example.com"] == [Why.ANSWER]


def test_nobody_is_told_of_their_own_words(shen):
    mine = builders.article("mine", "我的一篇")
    root = comment(mine, "作者写的", user=shen, nickname="沈未")
    followed(shen, article=mine)
    followed(shen, root=root)
    followed(proved("nanshan@example.com"), article=mine)

    own = comment(mine, "南山写的")
    own.notify_since = clock.now()  # from a browser that is known to be theirs
    db.session.commit()

    send_letters()
    assert lines() == [("shen@example.com", Why.OWN_ARTICLE)]


def test_a_held_reply_is_told_to_nobody_and_one_hidden_before_the_worker_came_neither(app, article, mei):
    followed(mei, article=article)
    comment(article, "等着的", held=True)
    gone = comment(article, "马上移除的")
    app.test_cli_runner().invoke(args=["comments", "remove", str(gone.id)])

    assert [letter for letter in send_letters() if letter["To"] == "mei@example.com"] == [] and lines() == []


def test_what_changes_between_the_line_and_its_letter_counts(app, article, mei, lin):
    """A reply that is hidden, a subscription that is ended: no letter, though the line was written."""
    followed(mei, article=article)
    followed(lin, article=article)
    gone = comment(article, "移除了的")
    assert jobs.work_once("tests:1") and len(lines()) == 2
    app.test_cli_runner().invoke(args=["comments", "remove", str(gone.id)])
    comment(article, "留下的", nickname="周默", email="zhou@example.com")
    while len(lines()) < 4:
        jobs.work_once("tests:1")
    db.session.execute(delete(Subscription).where(Subscription.user_id == mei.id))
    db.session.commit()

    (letter,) = send_letters()

    assert letter["To"] == "lin@example.com" and "移除了的" not in letter.as_string()


def test_telling_twice_is_telling_once(article, mei):
    followed(mei, article=article)
    told = comment(article, "只说一次")
    send_letters()

    tell(told_of(told))
    db.session.commit()

    assert len(lines()) == 1 and len(send_letters()) == 1


def test_a_worker_that_dies_in_the_middle_leaves_nothing_half_told(article, mei):
    followed(mei, article=article)
    told = comment(article, "说到一半")
    tell(told_of(told))
    db.session.rollback()  # killed before the commit

    assert lines() == []
    with later(minutes=4):
        send_letters()
    assert lines() == [("mei@example.com", Why.ARTICLE)]


def test_more_followers_than_one_transaction_takes_are_all_told_once(article):
    wish = {"article_id": article.id, "wanted_since": clock.now(), "frequency": Frequency.DAILY}
    db.session.add_all(Subscription(guest_address_id=one.id, **wish) for one in many_guests(1100))
    db.session.commit()

    comment(article, "很多人想知道", nickname="周默", email="zhou@example.com")
    while jobs.work_once("tests:1"):
        pass

    told = lines()
    assert len(told) == len(set(told)) == 1100


def test_posting_costs_the_same_with_a_thousand_followers(article, statements):
    def cost() -> int:
        statements.clear()
        written(article, "又一条")  # past screening, which looks closer at some than at others
        return len(statements)

    cost()
    without = cost()
    wish = {"article_id": article.id, "wanted_since": clock.now()}
    db.session.add_all(Subscription(guest_address_id=one.id, **wish) for one in many_guests(1000))
    db.session.commit()

    assert cost() == without


def test_followers_of_a_person_are_told_of_a_new_article_once(shen, mei):
    followed(mei, person=shen)

    builders.article("fresh", "刚写好的")
    builders.article("fresh", "刚写好的，改了一个字")

    (letter,) = send_letters()
    assert letter["To"] == "mei@example.com" and "沈未 的新文章" in letter["Subject"]
    assert "/articles/fresh" in letter.get_body(("plain",)).get_content()


def test_a_draft_is_told_when_it_is_published(shen, mei):
    followed(mei, person=shen)
    draft = builders.article("draft", "还没写完", is_draft=True, published_at=None)
    assert send_letters() == [] and draft.published_at is None

    builders.article("draft", "写完了")

    assert len(send_letters()) == 1


def test_what_was_published_elsewhere_before_is_no_news(shen, mei):
    followed(mei, person=shen)

    builders.article("old", "十年前写的", published_at=clock.now().replace(year=2015))

    assert send_letters() == []


def test_an_article_that_was_withdrawn_meanwhile_is_not_told(shen, mei):
    followed(mei, person=shen)
    builders.article("gone", "马上撤下")
    withdraw_article("gone")
    db.session.commit()

    assert send_letters() == [] and lines() == []


def test_accounts_that_are_paused_or_leaving_are_told_nothing(article, mei, lin):
    followed(mei, article=article)
    followed(lin, article=article)
    mei.paused_at, lin.leaves_at = clock.now(), clock.now()
    db.session.commit()

    comment(article, "没人在")

    assert send_letters() == [] and lines() == []


def test_a_guest_who_stopped_letters_is_told_nothing(article):
    guest = proved()
    followed(guest, article=article)
    guest.stopped_at = clock.now()
    db.session.commit()

    comment(article, "不用说")

    assert send_letters() == [] and lines() == []


def test_one_follows_two_hundred_things_at_most(article, mei):
    builders.many_comments(article, FOLLOWED_MAX)
    roots = db.session.scalars(select(Comment.id)).all()
    db.session.add_all(Subscription(user_id=mei.id, root_id=root, wanted_since=clock.now()) for root in roots)
    db.session.commit()

    with pytest.raises(TooMany):
        followed(mei, article=article)


def test_several_who_follow_at_the_same_moment_make_one_row(app, article, mei):
    mei_id, target = mei.id, Target("article_id", article.id, article)

    def wish() -> None:
        with app.app_context(), writing():
            follow(target, db.session.get_one(User, mei_id), Frequency.DAILY)
            db.session.commit()

    at_once([wish] * 4)

    db.session.rollback()  # read anew
    assert len(db.session.scalars(select(Subscription)).all()) == 1


def test_a_typed_address_keeps_nobody_from_being_told(client, article, mei):
    """T17: what a guest types as an address changes nothing for the account it belongs to."""
    follow(Target("article_id", article.id, article), mei, Frequency.AT_ONCE)
    db.session.commit()

    comment(article, "用别人的邮箱写的。", nickname="路人", email=mei.email)
    send_letters()

    assert lines() == [(mei.email, Why.ARTICLE)]


def test_a_slip_that_was_undone_at_once_loses_no_news(article, mei):
    follow(Target("article_id", article.id, article), mei, Frequency.AT_ONCE)
    db.session.commit()
    reply = comment(article, "差一点没了。")
    remove(reply, "手滑")
    db.session.commit()
    send_letters()
    assert lines() == []

    show_again(reply)
    db.session.commit()
    send_letters()

    assert lines() == [(mei.email, Why.ARTICLE)]
