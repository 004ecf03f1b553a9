"""The administrators' first page: whether the site is well, its figures, and the ways from there."""

import re

import html5lib

from core.database import db
from core.jobs import AWAY, Job
from tests.builders import comment, log_in, many_comments
from tests.moments import later
from tests.states_of_figures import SHAPES, count_days


def test_each_figure_is_a_sentence_a_drawing_and_a_table(desk, article):
    count_days(56)

    page = desk.get("/admin")

    assert page.status_code == 200 and page.headers["Cache-Control"] == "private, no-store"
    total = sum(SHAPES["opens"](day) for day in range(49, 56))
    before = sum(SHAPES["opens"](day) for day in range(42, 49))
    assert f"7 天里文章被打开 {total:,} 次。比再往前 7 天多 {round(100 * (total - before) / before)}%。" in page.text
    document = html5lib.parse(page.text, namespaceHTMLElements=False)
    drawings = [one for one in document.iter() if one.tag.endswith("svg")]
    assert len(drawings) == 5 and all(one.get("role") == "img" for one in drawings)
    named = {element.get("id"): "".join(element.itertext()) for element in document.iter()}
    for one in drawings:
        name, words = (named[anchor] for anchor in one.get("aria-labelledby").split())
        assert name and words
    tables = document.findall(".//details//table")
    assert len(tables) == 8 and all(len(table.findall(".//tbody/tr")) == 8 for table in tables)
    first_day = tables[0].findall(".//tbody/tr")[-1].findall("td")[0].text
    assert first_day == str(SHAPES["opens"](0))


def test_too_few_days_say_so_and_draw_nothing(desk, article):
    count_days(6)

    page = desk.get("/admin").text

    assert page.count("数据太少，满 7 天后显示。") == 5 and "<svg" not in page and "<table" not in page


def test_what_happened_today_is_told_before_the_day_is_over(desk, article):
    count_days(14)
    comment(article)

    assert "今天到现在 1。" in desk.get("/admin").text


def test_in_english_the_same(desk, article):
    count_days(56)
    desk.set_cookie("lang", "en")

    page = desk.get("/admin").text

    assert '<html lang="en">' in page and "Mon" in page and "16 November" not in page[: page.index("<main")]


def test_letters_that_wait_too_long_and_a_server_that_is_away_are_told_in_red(desk):
    assert 'class="complaints"' not in desk.get("/admin").text
    db.session.add(Job(kind="registration", payload={}, language="zh", last_error=AWAY + "Connection refused"))
    db.session.commit()

    with later(minutes=16):
        log_in(desk, "陆岸")
        page = desk.get("/admin").text

    told = re.search(r'<div class="complaints".*?</div>', page, re.DOTALL)
    assert told and "有信等了16分钟，还没有寄出。" in told[0] and "Connection refused" in told[0]
    assert desk.get("/admin").text.count("还没有寄出。") == 0, "a minute is no long wait"


def test_only_administrators_are_shown_figures(client, lin, mei):
    assert client.get("/admin").status_code == 303
    for name in ("梅子", "林舟"):
        log_in(client, name)
        assert client.get("/admin").status_code == 403


def test_ways_lead_to_people_letters_and_the_desk(desk):
    page = desk.get("/admin").text

    for path in ("/admin/people", "/admin/mail", "/moderation", "/moderation/log"):
        assert f'href="{path}"' in page.partition("<main")[2]


def test_many_replies_cost_no_more_queries(desk, article, statements):
    desk.get("/admin")
    few = len(statements)
    many_comments(article, 2000)
    statements.clear()

    desk.get("/admin")

    assert len(statements) <= few + 1 <= 24
