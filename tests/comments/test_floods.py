"""Many replies at once, and many alike: nothing of it is public, and everybody else goes on."""

from functools import partial

import pytest
from sqlalchemy import func, select, update

from blueprints.captcha.challenges import answer_of
from blueprints.comments.classifying import learn
from blueprints.comments.events import comment_held, flood_began
from blueprints.comments.floods import COMMON, end_floods, is_flooded
from blueprints.comments.models import Comment, Status
from blueprints.comments.screening import ProofWanted
from blueprints.comments.screening_models import Flood
from blueprints.comments.visibility import publish
from core.database import db
from tests.builders import comment, hidden, log_in, reply_form
from tests.moments import at_once, later


def advertisement(number):
    return f"加急办理各类证件，第 {number} 位顾客打{number % 9}折，今天名额有限，先到先得，过期不候！"


def spread(article, number, **more):
    """One copy of the advertisement, as it comes from a network of its own under a name of its own."""
    place = {"address_block": f"203.{number // 250}.{number % 250}.0/24", "nickname": f"顾客{number}"}
    return comment(article, advertisement(number), **place | {"email": f"buyer{number}@example.com"} | more)


@pytest.fixture
def told():
    """What was told while the test ran: replies that wait, floods that began."""
    held, floods = [], []
    on_held, on_flood = (lambda sender: held.append(sender.id)), (lambda sender: floods.append(sender.id))
    comment_held.connect(on_held)
    flood_began.connect(on_flood)
    yield held, floods
    comment_held.disconnect(on_held)
    flood_began.disconnect(on_flood)


def states():
    db.session.expire_all()
    rows = db.session.execute(select(Comment.status, func.count()).group_by(Comment.status))
    return {row[0]: row[1] for row in rows}


@pytest.mark.parametrize("count", [40, pytest.param(400, marks=pytest.mark.system)])
def test_of_hundreds_of_copies_from_changing_addresses_none_is_public(article, mei, told, count):
    """S16, T27: others are published meanwhile, members at once and guests after a captcha; one flood is told."""
    held, floods = told
    for number in range(count):
        spread(article, number)
        if number == count // 2:
            member = comment(article, "会员在洪水中间写的。", user=mei)
            with pytest.raises(ProofWanted):
                comment(article, "访客在洪水中间写的。", nickname="北山", address_block="192.0.2.0/24")
            db.session.rollback()

    copies = Comment.body.like("加急办理%")
    assert states() == {Status.PENDING: count, Status.PUBLISHED: 1} and member.status is Status.PUBLISHED
    assert db.session.scalars(select(Comment.family).where(copies).distinct()).all() == [
        db.session.scalars(select(Comment.simhash).where(copies).order_by(Comment.id)).first()
    ]
    assert sorted(held) == sorted(db.session.scalars(select(Comment.id).where(copies)))
    assert len(floods) == 1 and article.comment_count == 1


def test_the_third_network_within_an_hour_takes_the_second_copy_back_and_the_fourth_the_first(article, told):
    first, second = spread(article, 1), spread(article, 2)
    assert states() == {Status.PUBLISHED: 2}

    third = spread(article, 3)
    assert (first.status, second.status, third.status) == (Status.PUBLISHED, Status.PENDING, Status.PENDING)
    fourth = spread(article, 4)

    assert states() == {Status.PENDING: 4} and article.comment_count == 0
    assert (first.floor, second.floor, third.floor, fourth.floor) == (1, 2, None, None)
    assert {one.held_reason for one in (first, second, third, fourth)} == {"like"}
    assert [one.findings[-1]["check"] for one in (first, second, third, fourth)] == ["like"] * 4
    assert (sorted(told[0]), told[1]) == ([first.id, second.id, third.id, fourth.id], [])


@pytest.mark.parametrize("cookie", [None, "one-browser"])
def test_posts_of_one_network_take_nobody_elses_reply_off_the_page(article, cookie):
    """Whoever copies a reply, however often and under whatever names, is one writer; the copies beyond the first wait."""
    original = spread(article, 1)

    copies = [spread(article, 2, nickname=f"又一个{number}", writer_token=cookie) for number in range(4)]

    assert original.status is Status.PUBLISHED and original.findings == []
    assert [one.status for one in copies] == [Status.PUBLISHED] + [Status.PENDING] * 3


def test_an_original_stays_where_two_networks_copy_it(article):
    original = spread(article, 1)

    copies = [spread(article, number % 2 + 2) for number in range(5)]

    assert original.status is Status.PUBLISHED and {one.status for one in copies} == {Status.PENDING}


def test_a_first_copy_that_its_own_network_repeats_is_no_original(article):
    first = spread(article, 1)
    spread(article, 2)
    again = comment(article, advertisement(9), nickname="又来", address_block=first.address_block)
    assert (first.status, again.status) == (Status.PUBLISHED, Status.PENDING)

    spread(article, 3)

    assert states() == {Status.PENDING: 4}


def test_what_was_answered_approved_or_is_by_a_good_name_is_not_taken_back(article, mei):
    for number in range(3):
        comment(article, f"梅子写过的第 {number} 条，各不相同：{'甲乙丙'[number] * 30}", user=mei)
    answered, approved, named = spread(article, 1), spread(article, 2), None
    comment(article, "这个我试过，是骗人的。", answered, nickname="别人")
    learn(approved, is_wanted=True)

    named = comment(article, advertisement(7), user=mei)
    fourth = spread(article, 4)

    assert (answered.status, approved.status) == (Status.PUBLISHED, Status.PUBLISHED)
    assert (named.status, fourth.status) == (Status.PENDING, Status.PENDING)


def test_copies_of_what_was_judged_wait_at_once_and_much_later_ones_are_new(article):
    judged = spread(article, 1)
    db.session.execute(update(Comment).where(Comment.id == judged.id).values(status=Status.SPAM))
    db.session.commit()

    assert spread(article, 2).held_reason == "like"
    with later(days=8):
        assert spread(article, 3).status is Status.PUBLISHED


def test_one_writer_who_repeats_a_text_loses_only_the_third(article):
    first, second, third = (spread(article, number, address_block="203.0.113.0/24") for number in range(3))

    assert [one.status for one in (first, second, third)] == [Status.PUBLISHED, Status.PUBLISHED, Status.PENDING]


def test_thanks_in_the_same_words_are_no_advertisement(article):
    for number in range(COMMON + 3):
        comment(article, "谢谢分享！", nickname=f"读者{number}", email=f"reader{number}@example.com")

    assert states() == {Status.PUBLISHED: COMMON + 3}


def test_many_quote_the_same_words_and_say_their_own(article):
    article.body = "慢慢读的人，看见自己在哪里跳过去了，也看见别人在哪里停下来，想一想。\n\n第二段。"
    db.session.commit()
    quoted = "> 慢慢读的人，看见自己在哪里跳过去了，也看见别人在哪里停下来，想一想。\n\n"

    for number, own in enumerate(["我也是。", "不见得吧？", "抄下来了。", "想起我父亲读报的样子。"]):
        comment(article, quoted + own, nickname=f"读者{number}", email=f"reader{number}@example.com")

    assert states() == {Status.PUBLISHED: 4}


def test_fifty_copies_at_the_same_moment_neither_hang_nor_show(app, article, choose):
    """F8: the posts take turns, so each sees the ones before."""
    choose(threads=60)
    stamp = hidden(app.test_client().get("/articles/hello"), "stamp")

    def send(number):
        form = {"stamp": stamp, "nickname": f"顾客{number}", "email": f"buyer{number}@example.com"}
        place = {"REMOTE_ADDR": f"203.0.{number}.9"}
        data = form | {"body": advertisement(number)}
        return app.test_client().post("/articles/hello/comments", data=data, environ_base=place).status_code

    codes = set(at_once([partial(send, number) for number in range(50)]))

    assert codes <= {303, 503}  # 503 where a thread found no connection in time: nothing stored, nothing lost
    assert states().keys() == {Status.PENDING} and states()[Status.PENDING] >= 40


def test_the_flood_asks_guests_for_a_captcha_on_the_page_and_lets_members_pass(client, other, article, mei):
    for number in range(10):
        spread(article, number)
    assert is_flooded()
    log_in(other, "梅子")
    form = reply_form(client, body="赶上洪水的人写的")

    page = client.post("/articles/hello/comments", data=form)
    done = client.post(
        "/articles/hello/comments",
        data=form | {"captcha_id": (asked := hidden(page, "captcha_id")), "captcha": answer_of(asked)},
    )
    token = hidden(other.get("/articles/hello"), "csrf_token")
    member = other.post("/articles/hello/comments", data={"body": "会员写的", "csrf_token": token})

    assert (page.status_code, done.status_code, member.status_code) == (422, 303, 303)
    assert "赶上洪水的人写的" in page.text and states() == {Status.PENDING: 10, Status.PUBLISHED: 2}


def test_a_flood_is_over_ten_minutes_after_its_last_jump(article, choose, told):
    choose(comments_flood_per_minute=3)
    for number in range(3):
        comment(article, f"第 {number} 条")
    with pytest.raises(ProofWanted):
        comment(article, "第四条")
    db.session.commit()  # as the view does, for the flood is known from now on

    with later(minutes=9):
        with pytest.raises(ProofWanted):
            comment(article, "洪水还没退")
        db.session.commit()
    with later(minutes=10, seconds=2):
        comment(article, "洪水退了")

    flood = db.session.scalars(select(Flood)).one()
    assert flood.ended_at is not None and len(told[1]) == 1


def test_a_flood_that_nobody_posts_after_is_ended_by_the_clock(article):
    for number in range(10):
        spread(article, number)

    with later(minutes=11):
        assert not is_flooded()
        end_floods()
        db.session.commit()

    assert db.session.scalars(select(Flood)).one().ended_at is not None


def test_in_a_flood_the_second_copy_waits_already(article, choose):
    choose(comments_flood_per_minute=1)
    comment(article, "先来的一条")
    db.session.add(first := comment(article, advertisement(1), held=True))
    publish(first)
    db.session.commit()

    assert spread(article, 2).held_reason in ("like", "flood")
