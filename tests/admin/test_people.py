"""The list of people, and the page of one of them."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import insert

from blueprints.auth.models import Deed, LogEntry, Role, User
from core import clock
from core.database import db
from tests.builders import comment, log_in, user


def names_on(page):
    return re.findall(r'class="people__name"[^>]*><bdi>(.*?)</bdi>', page.text)


def many_people(count):
    """Store `count` readers at once, 人1 the oldest."""
    now = clock.now()
    rows = [
        {
            "username": f"人{number}",
            "username_key": f"人{number}",
            "email": f"ren{number}@example.com",
            "email_key": f"ren{number}@example.com",
            "role": Role.READER,
            "language": "zh",
            "tells_new_devices": True,
            "has_second_factor": False,
            "totp_last_step": 0,
            "created_at": now,
        }
        for number in range(1, count + 1)
    ]
    db.session.execute(insert(User), rows)
    db.session.commit()


def test_everybody_newest_first_with_address_role_and_day(desk, mei, lin):
    page = desk.get("/admin/people")

    assert page.status_code == 200
    assert names_on(page) == ["林舟", "梅子", "陆岸"]
    assert "mei@example.com" in page.text and "版主" in page.text
    assert f'href="/admin/people/{mei.id}"' in page.text
    assert page.headers["Cache-Control"] == "private, no-store"


def test_the_masthead_leads_administrators_there_and_nobody_else(desk, other, mei, lin):
    assert 'href="/admin"' in desk.get("/").text
    for name in ("梅子", "林舟"):
        log_in(other, name)
        assert 'href="/admin"' not in other.get("/").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=梅", ["梅子"]),
        ("q=%20梅子%20", ["梅子"]),
        ("q=子", []),
        ("q=MEI@", ["梅子"]),
        ("q=example.com", []),
        ("role=moderator", ["林舟"]),
        ("q=l&role=moderator", ["林舟"]),
        ("q=l", ["林舟", "陆岸"]),
        ("role=nonsense", ["林舟", "梅子", "陆岸"]),
        ("role=moderator&role=reader", ["林舟"]),
        ("q[]=x", ["林舟", "梅子", "陆岸"]),
        ("before=x", ["林舟", "梅子", "陆岸"]),
        ("before=99999999999999999999", ["林舟", "梅子", "陆岸"]),
        ("before=-1", ["林舟", "梅子", "陆岸"]),
    ],
)
def test_narrowed_to_a_beginning_or_a_role(desk, mei, lin, query, found):
    page = desk.get(f"/admin/people?{query}")

    assert page.status_code == 200 and names_on(page) == found


def test_a_name_is_found_by_whatever_looks_like_it(desk):
    user("Paypal", "p@example.com")

    assert names_on(desk.get("/admin/people?q=рaypa1")) == ["Paypal"]


@pytest.mark.parametrize(
    "hostile",
    [
        "%", "_", "梅_", "%%", "/", "//", "\\", "\\%", "*", "梅*", "' OR 1=1 --", '" OR ""="', "'; DROP TABLE user; --",
        "\x1b[31m", "x" * 10_000, "梅" * 10_000, "\u0301" * 10_000, "<script>alert(1)</script>",
        "{{ 7*7 }}", "%(name)s", "{0}",
    ],
    ids=lambda text: ascii(text)[:24],
)  # fmt: skip
def test_a_hostile_search_finds_nobody_and_says_so(desk, mei, hostile):
    page = desk.get("/admin/people?q=" + quote(hostile))

    assert page.status_code == 200 and names_on(page) == []
    assert "没有找到“" in page.text and "<script>alert" not in page.text


@pytest.mark.parametrize("unseen", ["\x00", "\u202e", "\ufffd", "\u200b", "\x07", "\u2028"], ids=ascii)
def test_what_cannot_be_seen_is_not_searched_for_and_not_shown(desk, mei, unseen):
    page = desk.get("/admin/people?q=" + quote(f"梅{unseen}子"))

    assert page.status_code == 200 and names_on(page) == ["梅子"]
    assert unseen not in page.text
    assert desk.get("/admin/people?q=" + quote(unseen)).status_code == 200


def test_a_percent_sign_in_a_name_is_a_letter_like_any_other(desk):
    user("100%", "hundred@example.com")
    user("100x", "other@example.com")

    assert names_on(desk.get("/admin/people?q=100%25")) == ["100%"]


def test_fifty_a_page_found_by_key_and_the_search_kept(desk):
    many_people(51)

    first = desk.get("/admin/people?q=ren&role=reader")
    [later] = re.findall(r'href="(/admin/people\?[^"]*before=[^"]*)"', first.text)
    second = desk.get(later.replace("&amp;", "&"))

    assert len(names_on(first)) == 50 and "回到最新" not in first.text
    assert names_on(second) == ["人1"] and "更早注册的" not in second.text
    assert 'href="/admin/people?q=ren&amp;role=reader"' in second.text
    assert 'value="ren"' in second.text and re.search(r"<option selected value=.reader.", second.text)


def test_the_number_of_people_costs_no_queries(desk, statements):
    desk.get("/admin/people")
    few = len(statements)
    many_people(60)
    statements.clear()

    assert len(names_on(desk.get("/admin/people"))) == 50
    assert len(statements) == few <= 5


def test_one_person_with_everything_known(desk, other, article, mei):
    comment(article, "我写的一条。", user=mei, nickname="梅子")
    log_in(other, "梅子", remember="y")

    page = desk.get(f"/admin/people/{mei.id}")

    assert page.status_code == 200 and page.headers["Cache-Control"] == "private, no-store"
    for words in ("梅子", "mei@example.com", "读者", "127.0.0.0/24", "我写的一条。", "没有两步验证", "登录"):
        assert words in page.text.partition("<main")[2], words
    for act in ("role", "pause", "end-sessions"):
        assert f'action="/admin/people/{mei.id}/{act}"' in page.text
    assert "/resume" not in page.text and mei.password_hash not in page.text


def test_of_many_replies_the_latest_five(desk, article, mei):
    for number in range(7):
        comment(article, f"第{number}条，各不相同。", user=mei, nickname="梅子", address_block=f"198.51.{number}.0/24")

    shown = re.findall(r"第(\d)条", desk.get(f"/admin/people/{mei.id}").text)

    assert shown == ["6", "5", "4", "3", "2"]


def test_sessions_replies_and_log_cost_no_more_queries(desk, article, mei, lu, statements):
    desk.get(f"/admin/people/{mei.id}")
    few = len(statements)
    for number in range(5):
        comment(article, f"第{number}条，各不相同。", user=mei, nickname="梅子", address_block=f"198.51.{number}.0/24")
    db.session.add_all(LogEntry(user_id=mei.id, actor_id=lu.id, deed=Deed.PAUSED, detail=str(n)) for n in range(60))
    db.session.commit()
    statements.clear()

    page = desk.get(f"/admin/people/{mei.id}")

    assert page.text.count("log__deed") == 50
    assert len(statements) <= few + 1 <= 10


def test_nobody_is_a_page_not_found(desk):
    for number in ("0", "999999", "99999999999999999999", "x", "-1", "1.5"):
        assert desk.get(f"/admin/people/{number}").status_code == 404
    for path in (
        "/admin/people/999999/role",
        "/admin/people/999999/pause",
        "/admin/people/999999/resume",
        "/admin/people/999999/end-sessions",
    ):
        assert desk.post(path).status_code == 404


def test_ones_own_page_offers_no_acts(desk, lu):
    page = desk.get(f"/admin/people/{lu.id}")

    assert page.status_code == 200 and "这是你自己的账号" in page.text
    assert f'action="/admin/people/{lu.id}/' not in page.text


def test_hostile_data_is_shown_as_text_and_flips_nothing(desk, mei):
    mei.username = "\u202egnp.exe<script>alert(1)</script>"
    mei.paused_at, mei.pause_reason = clock.now(), "<img src=x onerror=alert(1)>\u202e" + "长" * 190
    mei.leaves_at = clock.now() + timedelta(days=7)
    for detail in ("长" * 400, "x" * 400, '"><script>alert(2)</script>', "\u202e\u2066绕"):
        db.session.add(LogEntry(user_id=mei.id, deed=Deed.NAME_CHANGED, detail=detail, device="<b>x</b>"))
    db.session.commit()

    for page in (desk.get("/admin/people"), desk.get(f"/admin/people/{mei.id}"), desk.get("/admin/people?q=%E2%80%AE")):
        assert page.status_code == 200
        assert "<script>alert" not in page.text and "<img src=x" not in page.text and "<b>x</b>" not in page.text
        assert "\u202e" not in page.text and "\u2066" not in page.text
    assert "正在注销" in desk.get("/admin/people").text and "已停用" in desk.get("/admin/people").text
