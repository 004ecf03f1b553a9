"""Who may not reply for a time, and who may."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from blueprints.comments.bans import Banned, NobodyToPause, Writer, ban, demand_not_banned, forget_bans, lift, open_bans
from blueprints.comments.guest_words import erase_written
from blueprints.comments.models import Comment, Status
from blueprints.comments.screening_models import Ban
from core import clock
from core.database import db
from core.errors import NotAllowed
from tests.builders import comment, hidden, log_in, reply_form, send_letters, the_comment
from tests.moments import later
from tests.notifications.cast import open_letter


def banned(reply, *, days=None, with_network=False, reason="广告"):
    until = clock.now() + timedelta(days=days) if days else None
    made = ban(reply, until=until, reason=reason, with_network=with_network, by=None)
    db.session.commit()
    return made


def is_hit(**writer):
    try:
        demand_not_banned(Writer(**writer))
    except Banned:
        return True
    return False


def test_a_guest_is_known_again_by_address_and_browser_until_the_ban_ends(article):
    reply = comment(article, email="Spam@Example.com", writer_token="a-cookie")
    banned(reply, days=7)

    assert is_hit(email_key="spam@example.com") and is_hit(writer_hash=reply.writer_hash)
    assert not is_hit(email_key="else@example.com", writer_hash="else", address_block=reply.address_block)
    with later(days=8):
        assert not is_hit(email_key="spam@example.com") and open_bans() == []


def test_a_network_is_kept_out_for_a_week_at_the_most_and_its_members_not_at_all(article, mei):
    """T57: what counts is the block the site saw."""
    reply = comment(article)
    banned(reply, with_network=True)

    with pytest.raises(Banned, match="从你所在的网络"):
        demand_not_banned(Writer(email_key="neighbour@example.com", address_block=reply.address_block))
    assert not is_hit(user_id=mei.id, address_block=reply.address_block)
    with later(days=7, seconds=1):
        assert not is_hit(address_block=reply.address_block) and is_hit(email_key=reply.email_key)


def test_an_account_is_hit_by_its_own_ban_only(article, mei):
    """T17: a guest's typed address is nobody's."""
    guest = comment(article, email=mei.email)
    banned(guest)

    assert not is_hit(user_id=mei.id)
    own = banned(comment(article, "自己写的", user=mei))
    assert is_hit(user_id=mei.id) and not is_hit(email_key="neighbour@example.com", writer_hash="else")
    assert (own.email_key, own.writer_hash, own.nickname) == (None, None, "梅子")


def test_a_ban_that_is_lifted_ends(article, lin):
    made = banned(comment(article))
    assert open_bans() == [made]

    lift(made)
    first = made.lifted_at
    lift(made)

    assert not is_hit(email_key=made.email_key) and open_bans() == [] and made.lifted_at == first


def test_of_several_the_one_that_ends_last_is_told(article):
    reply = comment(article)
    banned(reply, days=1, reason="先前")
    db.session.add(
        Ban(nickname=reply.nickname, writer_hash=reply.writer_hash, reason="后来")
    )  # by another at the same moment
    db.session.commit()

    with pytest.raises(Banned, match=r"不能再回复了.*理由：后来"):
        demand_not_banned(Writer(writer_hash=reply.writer_hash))


def test_whoever_only_types_the_address_of_somebody_learns_nothing_about_them(client, article):
    banned(comment(article), days=7, reason="骂人")
    form = reply_form(client, email="nanshan@example.com", nickname="另一个人")

    page = client.post("/articles/hello/comments", data=form)

    assert page.status_code == 403 and "用这个邮箱暂时不能回复" in page.text
    assert "骂人" not in page.text and "之前不能回复" not in page.text


def test_nobody_of_the_house_is_banned_from_a_list(article, lin):
    with pytest.raises(NotAllowed):
        banned(comment(article, user=lin))


def test_bans_are_dropped_a_year_after_they_ended(article):
    other = comment(article, "另一条。", nickname="半夏", email="ban@example.com")
    kept, ended = banned(comment(article)), banned(other, days=1)

    with later(days=366, hours=1):
        forget_bans()
        db.session.commit()
    assert db.session.scalars(select(Ban)).all() == [kept] and ended is not kept


def test_where_somebody_wrote_from_is_forgotten_in_a_pause_that_goes_on(article):
    """S83: the network when it counts no more, the browser when its mark under the replies is forgotten."""
    made = banned(comment(article, writer_token="a-cookie"), with_network=True)

    for days, known in ((6, (True, True)), (8, (False, True)), (91, (False, False))):
        with later(days=days):
            forget_bans()
            db.session.refresh(made)
            assert (made.address_block is not None, made.writer_hash is not None) == known
    with later(days=400):
        assert is_hit(email_key=made.email_key)


def test_a_banned_guest_is_told_why_and_keeps_the_text(client, article):
    client.post("/articles/hello/comments", data=reply_form(client, body="第一条"))
    banned(the_comment(), days=7)
    form = reply_form(client, body="写了很久的一段", nickname="换了名字", email="other@example.com")

    page = client.post("/articles/hello/comments", data=form)

    assert page.status_code == 403 and "之前不能回复" in page.text and "理由：广告" in page.text
    assert "写了很久的一段" in page.text and the_comment().body == "第一条"
    with later(days=7, seconds=1):
        fresh = form | {"stamp": reply_form(client)["stamp"]}
        assert client.post("/articles/hello/comments", data=fresh).status_code == 303


def test_a_banned_account_stays_logged_in_and_reads_but_neither_answers_nor_edits(client, article, mei):
    log_in(client, "梅子")
    comment(article, "自己写的", user=mei)
    reply_id = the_comment().id
    token = hidden(client.get("/articles/hello"), "csrf_token")
    page = client.get(f"/comments/{reply_id}/edit")
    edit = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "改过的一段"}
    banned(the_comment())

    answer = client.post("/articles/hello/comments", data={"csrf_token": token, "body": "再写一段"})
    changed = client.post(f"/comments/{reply_id}/edit", data=edit)

    assert (answer.status_code, changed.status_code) == (403, 403)
    assert "再写一段" in answer.text and "改过的一段" in changed.text and "不能再回复了" in answer.text
    assert 'name="carry"' not in answer.text  # whoever is logged in is not told to log in
    assert client.get("/account").status_code == 200 and the_comment().body == "自己写的"


def test_somebody_is_paused_once(article):
    """A double click, or a second moderator, makes no second pause that would have to be lifted too."""
    reply = comment(article, "骂人的话。")
    ban(reply, until=None, reason="骂人", with_network=False, by=None)

    with pytest.raises(NobodyToPause):
        ban(reply, until=None, reason="骂人", with_network=False, by=None)

    assert len(open_bans()) == 1


def test_a_second_address_of_the_same_browser_can_be_paused_too(article):
    """The cookie is kept out already, the address and the network are not."""
    first = comment(article, "第一条。", email="a@example.com", writer_token="cookie")
    second = comment(article, "另一条。", email="b@example.com", nickname="半夏", writer_token="cookie")
    banned(first)

    banned(second)
    assert is_hit(email_key="b@example.com", writer_hash="another")
    with pytest.raises(NobodyToPause, match="已经暂停"):
        banned(second)
    banned(second, with_network=True)
    assert is_hit(address_block=second.address_block)
    with later(days=8):
        banned(second, with_network=True)
        assert is_hit(address_block=second.address_block)
    assert len(open_bans()) == 4


def test_a_reply_whose_writer_is_not_known_any_more_pauses_nobody(article):
    reply = comment(article)
    erase_written("nanshan@example.com", texts_too=False)
    db.session.refresh(reply)

    with pytest.raises(NobodyToPause, match="不知道这条是谁写的"):
        banned(reply, with_network=True)

    assert open_bans() == []


def test_what_a_paused_guest_left_waiting_is_published_by_no_letter(client, other, article, lin):
    client.post("/articles/hello/comments", data=reply_form(client, by_mail="1", website="x", body="等信的一条"))
    (letter,) = send_letters()
    banned(comment(article, "公开的广告，说的是别的"))
    log_in(other, lin.username)

    open_letter(client, letter)

    assert db.session.scalar(select(Comment.held_reason).where(Comment.status == Status.PENDING)) == "paused"
    waiting = other.get("/moderation").text
    assert "等信的一条" in waiting and "写它的人暂停了" in waiting
