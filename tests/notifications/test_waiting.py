"""Letters to moderators about what waits, and about a flood."""

import re
import socket

import pytest
from sqlalchemy import select, text

from blueprints.auth.models import Role
from blueprints.comments.appealing import appeal
from blueprints.comments.editing import edit_comment
from blueprints.comments.events import flood_began
from blueprints.comments.models import BY_MAIL, Comment, Status
from blueprints.comments.screening_models import Flood
from blueprints.comments.thread_queries import Whose
from blueprints.comments.withdrawing import restore, withdraw
from blueprints.moderation.decisions import Sitting, look_at, turn_down
from blueprints.moderation.models import MailedCase
from blueprints.moderation.queries import waiting_count
from blueprints.notifications.choosing import choose
from blueprints.notifications.models import Frequency
from core import clock, jobs
from core.database import db
from core.jobs import Job
from core.mail import ServerAway, open_mail
from core.tokens import hash_of
from tests import builders
from tests.builders import comment, hidden, link_in, send_letters
from tests.moderation.test_damage import IS_ONLY_ODD, ON_BOTH, ON_SQLITE, poison
from tests.moments import later
from tests.notifications.cast import stop_path, text_of
from tests.notifications.test_digests import FRIDAY_MORNING, THURSDAY


def hold(article, body="请看一下这一条", **more) -> Comment:
    """Store a reply that waits, and tell that it does."""
    return comment(article, body, held=True, **more)


def letters_after(**duration: float) -> list:
    with later(**duration):
        return [letter for letter in send_letters() if letter["To"] == "lin@example.com"]


def damage(kind: str) -> str:
    """What a row holds that cannot be read; something milder where this database takes no such thing."""
    return ON_SQLITE[kind] if db.engine.dialect.name == "sqlite" else ON_BOTH["odd findings"]


def test_what_waits_is_told_after_five_minutes_with_a_link_for_each(article, lin):
    held = hold(article)

    assert letters_after(minutes=4) == []
    (letter,) = letters_after(minutes=6)

    assert letter["Subject"].startswith("1 条待审") and "请看一下这一条" in text_of(letter)
    case = db.session.scalars(select(MailedCase)).one()
    assert (case.user_id, case.comment_id) == (lin.id, held.id)
    assert "/moderation/by-mail/" in text_of(letter) and "List-Unsubscribe" in letter


def test_a_letter_that_is_tried_again_and_again_makes_its_links_once(app, choose, article, lin):
    usual = app.config["ZHISHANG"]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        choose(mail_server="127.0.0.1", mail_port=closed.getsockname()[1], mail_security="none")
        open_mail(app, app.config["ZHISHANG"])
        hold(article)
        for minutes in (6, 7, 8):
            with later(minutes=minutes), pytest.raises(ServerAway):
                send_letters()
    open_mail(app, usual)
    choose(mail_server="")

    (letter,) = letters_after(minutes=9)

    case = db.session.scalars(select(MailedCase)).one()
    assert any(hash_of(token) == case.token_hash for token in re.findall(r"/by-mail/(\S+)", text_of(letter)))


def test_looking_at_the_links_of_the_letter_decides_nothing(client, article, lin):
    """T59: programs of mail servers open every link, twice."""
    held = hold(article)
    (letter,) = letters_after(minutes=6)
    paths = set(re.findall(r"http://[^/\s]+(/\S+)", letter.get_body(("plain",)).get_content()))

    for path in sorted(paths):
        client.get(path), client.head(path), client.get(path)

    db.session.refresh(held)
    assert held.status is Status.PENDING and db.session.scalars(select(MailedCase)).one().used_at is None
    assert len(letters_after(hours=3)) == 1


def test_many_make_one_letter_and_the_next_comes_an_hour_later(article, lin):
    for number in range(8):
        hold(article, f"等着的第 {number} 条", nickname=f"客{number}", email=f"g{number}@example.com")
    (letter,) = letters_after(minutes=6)
    assert letter.get_body(("plain",)).get_content().count("/moderation/by-mail/") == 5
    assert letter["Subject"].startswith("8 条待审")

    with later(minutes=10):
        hold(article, "又来一条", nickname="新客", email="new@example.com")

    assert len(letters_after(minutes=59)) == 1
    assert len(letters_after(minutes=67)) == 2


def test_however_many_are_held_posting_queues_one_job(article, lin):
    for number in range(5):
        hold(article, f"等着的第 {number} 条", nickname=f"客{number}", email=f"g{number}@example.com")

    assert len(db.session.scalars(select(Job).where(Job.kind == "waiting")).all()) == 1


def test_nothing_waiting_any_more_is_no_letter(app, article, lin):
    held = hold(article)
    app.test_cli_runner().invoke(args=["comments", "publish", str(held.id)])

    assert letters_after(minutes=6) == []


def test_each_moderator_has_links_of_their_own_and_nobody_else_a_letter(article, lin, mei):
    builders.user("管理", "admin@example.com", role=Role.ADMINISTRATOR)
    hold(article)

    with later(minutes=6):
        letters = send_letters()

    assert sorted(letter["To"] for letter in letters) == ["admin@example.com", "lin@example.com"]
    assert len({case.user_id for case in db.session.scalars(select(MailedCase))}) == 2


def test_moderators_choose_a_letter_a_day_or_none(article, lin):
    with clock.standing_at(THURSDAY):
        choose(lin, waiting=Frequency.DAILY)
        lin_id = lin.id
        db.session.commit()
        hold(article)
    with clock.standing_at(FRIDAY_MORNING):
        jobs.tidy()
        assert [letter["To"] for letter in send_letters()] == ["lin@example.com"]
        jobs.tidy()
        assert len(send_letters()) == 1 and lin_id == lin.id

    choose(lin, waiting=Frequency.NEVER)
    db.session.commit()
    hold(article, "又一条等着的", nickname="客", email="g@example.com")
    assert len(letters_after(days=2)) == 1


def test_one_click_ends_them(app, article, lin):
    """S71."""
    hold(article)
    (letter,) = letters_after(minutes=6)

    program = app.test_client()
    assert program.get(stop_path(letter)).status_code == 200
    program.post(stop_path(letter), data={"List-Unsubscribe": "One-Click"})

    with later(hours=2):
        hold(article, "又一条等着的", nickname="客", email="g@example.com")
    assert len(letters_after(hours=3)) == 1


def test_who_is_no_moderator_any_more_or_left_gets_none(article, lin):
    hold(article)
    lin.role = Role.READER
    db.session.commit()

    assert letters_after(minutes=6) == []


def test_who_lacks_a_second_factor_that_is_demanded_gets_none(choose, article, lin):
    """T63: what waits is for those who may decide."""
    choose(moderators_need_second_factor=True)
    hold(article)
    assert letters_after(minutes=6) == []

    lin.has_second_factor = True
    db.session.commit()
    with later(minutes=10):
        hold(article, "又一条等着的", nickname="客", email="g@example.com")

    assert len(letters_after(minutes=16)) == 1


def test_no_link_of_a_commenter_is_live_in_them(article, lin):
    """T07."""
    hold(article, "看 https://evil.example/x ![图](https://evil.example/a.png)", nickname="evil.example")

    (letter,) = letters_after(minutes=6)

    assert "evil.example" not in text_of(letter) and "<img" not in text_of(letter)


@pytest.fixture
def flood(app, article, lin) -> Flood:
    """A flood of six replies that are nearly the same."""
    began = Flood(seen_at=clock.now())
    db.session.add(began)
    for number in range(6):
        held = hold(article, f"加微信领红包，第 {number} 个", nickname=f"客{number}", email=f"g{number}@example.com")
        held.family = 7
    db.session.flush()
    flood_began.send(began)
    db.session.commit()
    return began


def test_a_flood_is_one_letter_and_nothing_else_while_it_lasts(article, flood):
    letters = letters_after(minutes=6)

    assert len(letters) == 1 and "一下子来了很多回复" in letters[0]["Subject"]
    assert "内容几乎一样的，6 条" in text_of(letters[0]) and "加微信领红包" in text_of(letters[0])
    done = db.session.scalars(select(Job.outcome).where(Job.kind == "waiting_letter")).all()
    assert done == ["nothing"] and len(letters_after(hours=4)) == 1


def test_what_came_after_the_letter_about_a_flood_is_told_when_it_is_over(article, flood):
    letters_after(minutes=6)
    with later(minutes=8):
        hold(article, "潮水中间来的一条", nickname="新客", email="new@example.com")
    assert len(letters_after(minutes=90)) == 1
    flood.ended_at = clock.now()
    db.session.commit()

    letters = letters_after(minutes=101)

    assert len(letters) == 2 and "潮水中间来的一条" in text_of(letters[-1])
    assert len(letters_after(hours=5)) == 2


def test_what_the_letter_about_a_flood_told_is_not_told_again(article, flood):
    hold(article, "一同来的", nickname="新客", email="new@example.com")
    letters_after(minutes=6)
    flood.ended_at = clock.now()
    db.session.commit()

    assert len(letters_after(hours=4)) == 1


def test_a_damaged_row_keeps_no_letter_about_a_flood_back(article, flood):
    first = db.session.scalars(select(Comment).order_by(Comment.id).limit(1)).one()
    poison(first, damage("bytes for a text"))

    (letter,) = letters_after(minutes=6)

    assert "内容几乎一样的，6 条" in text_of(letter)


def test_a_damaged_row_keeps_no_letter_after_a_flood_back(article, flood):
    letters_after(minutes=6)
    with later(minutes=8):
        hold(article, "潮水中间来的一条", nickname="新客", email="new@example.com")
        poison(hold(article, "要坏的一条", email="bad@example.com"), damage("a moment that is none"))
    flood.ended_at = clock.now()
    db.session.commit()

    letters = letters_after(minutes=101)

    assert len(letters) == 2 and "潮水中间来的一条" in text_of(letters[-1])


def test_after_a_flood_letters_come_as_before(article, flood):
    letters_after(minutes=6)
    flood.ended_at = clock.now()
    db.session.commit()

    with later(hours=2):
        hold(article, "平常的一条", nickname="新客", email="new@example.com")

    assert "待审" in letters_after(hours=3)[-1]["Subject"] and len(letters_after(hours=3)) == 2


def test_a_changed_text_that_waits_is_told_too(app, article, lin, mei):
    reply = comment(article, "原来的。", user=mei)
    shown = edit_comment(reply, Whose(user_id=mei.id), "加微信 vx12345 聊", "<p>x</p>", version=1)
    db.session.commit()

    (letter,) = letters_after(minutes=6)

    assert not shown and letter["Subject"].startswith("1 条待审") and "聊" in text_of(letter)
    case = db.session.scalars(select(MailedCase)).one()
    assert (case.comment_id, case.version) == (reply.id, 2)


def test_damaged_rows_keep_no_letter_back(article, lin):
    hold(article, "好的一条说的是天气", nickname="客", email="g@example.com")
    kinds = [kind for kind in ON_SQLITE if kind not in IS_ONLY_ODD]
    for kind in kinds:
        poison(hold(article, f"要坏的：{kind}", email="bad@example.com"), damage(kind))

    (letter,) = letters_after(minutes=6)

    assert letter["Subject"].startswith(f"{len(kinds) + 1} 条待审")
    assert "好的一条" in text_of(letter) and "要坏的" not in text_of(letter)


def test_damaged_changed_texts_keep_no_letter_back(article, lin, mei):
    for number, words in enumerate(("好的", "要坏的一处", "要坏的另一处")):
        reply = comment(article, f"原来的，第 {number} 条。", user=mei)
        edit_comment(reply, Whose(user_id=mei.id), f"{words}，加微信 vx1234{number} 聊", "<p>x</p>", version=1)
        db.session.commit()
    poison(reply, damage("findings that are no JSON"))
    broken = damage("a moment that is none")
    db.session.execute(text(f"UPDATE comment_version SET {broken} WHERE body LIKE '%一处%'"))
    db.session.commit()

    (letter,) = letters_after(minutes=6)

    assert "好的" in text_of(letter) and "要坏的" not in text_of(letter)


@pytest.mark.parametrize(("body", "count"), [("加微信 vx12345 聊", 1), ("平常的一句话。", 0)])
def test_a_reply_whose_edit_makes_it_the_desks_is_told(app, article, lin, body, count):
    waits = hold(article)
    waits.held_reason = BY_MAIL
    db.session.commit()
    assert letters_after(minutes=6) == []

    with later(minutes=10):
        edit_comment(waits, Whose(email_key=waits.email_key), body, f"<p>{body}</p>", version=1)
        db.session.commit()

    assert waiting_count() == len(letters_after(minutes=16)) == count


@pytest.fixture
def public(article, mei) -> Comment:
    """A reply of 梅子's that everyone reads."""
    return comment(article, "原来的内容。", user=mei)


def report(browser, reply: Comment) -> None:
    path = f"/comments/{reply.id}/report"
    browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token"), "reason": "abuse", "note": ""})


def test_a_report_alone_is_told_with_the_list_it_is_in(client, public, lin):
    report(client, public)

    (letter,) = letters_after(minutes=6)

    assert letter["Subject"].startswith("1 条待审") and link_in(letter) == "/moderation?which=reported"


def test_an_answer_alone_is_told_with_the_list_it_is_in(public, lin, mei):
    turn_down(look_at(public), Sitting(lin), "离题")
    appeal(public, Whose(user_id=mei.id), "那是书里的原话。")
    db.session.commit()

    (letter,) = letters_after(minutes=6)

    assert letter["Subject"].startswith("1 条待审") and link_in(letter) == "/moderation?which=appealed"


def test_a_report_that_came_in_a_flood_is_told_when_it_is_over(client, public, flood):
    letters_after(minutes=6)
    with later(minutes=8):
        report(client, public)
    assert len(letters_after(minutes=90)) == 1
    flood.ended_at = clock.now()
    db.session.commit()

    assert len(letters_after(minutes=101)) == 2 and len(letters_after(hours=5)) == 2


def test_what_its_writer_brought_back_is_told_too(article, public, lin, mei):
    held, whose = hold(article, user=mei), Whose(user_id=mei.id)
    edit_comment(public, whose, "加微信 vx12345 聊", "<p>x</p>", version=1)
    for reply in (held, public):
        withdraw(reply, whose)
    db.session.commit()
    assert letters_after(minutes=6) == []

    for number, reply in enumerate((held, public), start=1):
        with later(hours=2 * number):
            restore(reply, whose)
            db.session.commit()
        assert len(letters_after(hours=2 * number, minutes=6)) == number == waiting_count()


def test_what_its_writer_brought_back_is_no_moderators_business_where_nothing_waits(article, public, lin):
    by_mail = hold(article)
    by_mail.held_reason = BY_MAIL
    hold(article, "别的等着的一条", nickname="客", email="g@example.com")
    db.session.commit()
    assert len(letters_after(minutes=6)) == 1
    with later(hours=2):
        for reply in (by_mail, public):
            whose = Whose(user_id=reply.user_id, email_key=reply.email_key)
            withdraw(reply, whose)
            db.session.flush()
            restore(reply, whose)
        db.session.commit()

    assert len(letters_after(hours=3)) == 1


def test_a_reply_that_waits_for_its_address_is_no_moderators_business(app, client, article, lin):
    held = hold(article)
    held.held_reason = BY_MAIL
    db.session.commit()
    builders.log_in(client, "林舟")

    assert waiting_count() == 0
    assert "请看一下这一条" not in client.get("/moderation").text
    assert letters_after(minutes=6) == []
