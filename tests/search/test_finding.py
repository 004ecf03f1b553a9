"""Everything that can be looked for is found exactly, and only what the public reads."""

import random
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from blueprints.articles.models import Tag
from blueprints.comments.models import Comment, Status
from blueprints.search.finding import Mark, Wanted, best_found, newest_found
from blueprints.search.words import terms_of
from core.database import db
from tests import builders

CHINESE = "的一是在不了有和人这中大为上个国我以要他读书写字纸慢看心静来日月山水"
ENGLISH = ["slow", "read", "paper", "Reading", "river", "WRITE", "note", "2024", "python"]


@pytest.fixture
def texts(app, article):
    """Three hundred replies of words drawn by lot, always the same; their texts by id."""
    lot = random.Random(20261123)
    builders.many_comments(article, 300)
    written = {}
    for reply in db.session.scalars(db.select(Comment)):
        parts = [
            lot.choice(ENGLISH) if lot.random() < 0.2 else "".join(lot.choices(CHINESE, k=lot.randint(1, 12)))
            for _part in range(lot.randint(1, 8))
        ]
        words = lot.choice(["，", " ", "。"]).join(parts)
        reply.body, reply.body_html = words, f"<p>{words}</p>"
        written[reply.id] = words
    db.session.commit()
    builders.read_in()
    return written


def all_found(query, find=newest_found, **narrowed):
    """Return the ids of the replies on all pages, in order."""
    ids, mark = [], None
    while True:
        page = find(Wanted(terms_of(query), kind="replies", **narrowed), mark)
        ids += [row.comment_id for row in page.items]
        if not page.has_later:
            return ids
        last = page.items[-1]
        mark = Mark(last.place, last.rank if find is best_found else None)


def by_force(texts, query):
    """Return the ids of the texts with every word of the query, newest first, found by looking at each."""
    wanted = query.lower().split()

    def has(words, one):
        small = words.lower()
        return bool(re.search(rf"(?<![a-z0-9]){one}(?![a-z0-9])", small)) if one.isascii() else one in small

    return sorted((key for key, words in texts.items() if all(has(words, one) for one in wanted)), reverse=True)


def drawn(texts, count):
    """Return queries of one, two, three and more characters, English words, and two words, most of them cut from the texts."""
    lot = random.Random(7)
    queries = list(ENGLISH)
    for _turn in range(count):
        words = lot.choice(list(texts.values()))
        runs = re.findall(rf"[{CHINESE}]+", words) or ["读"]
        for size in (1, 2, 3, 5):
            run = lot.choice(runs)
            begin = lot.randrange(max(1, len(run) - size + 1))
            queries.append(run[begin : begin + size])
        queries.append(f"{lot.choice(CHINESE)} {lot.choice(runs)[:2]}")
        queries.append(f"{lot.choice(ENGLISH)} {lot.choice(CHINESE)}")
        queries.append("".join(lot.choices(CHINESE, k=2)))
    return queries


def test_every_kind_of_query_finds_exactly_what_looking_at_each_text_finds(texts):
    queries = drawn(texts, 12)

    for query in queries:
        assert all_found(query) == by_force(texts, query), query
    assert sum(bool(by_force(texts, query)) for query in queries) > len(queries) / 2


def test_best_first_finds_the_same_and_each_once(texts):
    for query in ("读", "书写", "python", "慢 看"):
        assert sorted(all_found(query, best_found), reverse=True) == by_force(texts, query)


def test_a_quoted_sequence_stands_in_the_text_as_it_was_quoted(app, article, search):
    one = builders.comment(article, "先读书，写字在后。")
    builders.comment(article, "写字，再读书。", nickname="半夏")
    other = builders.comment(article, "Read it slowly, then again.", nickname="老秦")

    assert search("“读书 写字”") == [f"/comments/{one.id}"]
    assert search('"READ it"') == [f"/comments/{other.id}"]
    assert search('"it read"') == []
    assert len(search("读书 写字")) == 2


def test_both_scripts_are_found_by_either(app, article, search):
    simplified = builders.comment(article, "头发白了，还在读书。")
    traditional = builders.comment(article, "頭髮白了，還在讀書。", nickname="半夏")
    paths = [f"/comments/{one.id}" for one in (traditional, simplified)]

    assert search("头发") == search("頭髮") == search("讀") == search("读书") == paths


def test_an_article_is_found_by_title_summary_and_text_without_its_signs(app, search):
    builders.article(
        "slow", "慢慢读", summary="关于停顿", body="看一会儿**窗**外。\n\n- [链接](https://example.com/address)"
    )

    for query in ("慢慢读", "停顿", "窗外", "链接"):
        assert search(query) == ["/articles/slow"], query
    assert search("example") == search("停顿看") == []


def test_who_wrote_it_narrows(app, search, lin):
    one = builders.article("one", "一篇雨", author="沈未")
    builders.article("two", "二篇雨", author="林舟")
    builders.comment(one, "雨停了。", nickname="南山")
    own = builders.comment(one, "雨又来了。", nickname="沈未人")
    own.is_by_author = True
    db.session.commit()

    assert search("雨", author="沈未") == [f"/comments/{own.id}", "/articles/one"]
    assert search("雨", author="林舟") == ["/articles/two"]
    assert search("雨", author="lin@example.com") == search("雨", author="南山") == []


def test_kind_and_time_narrow(app, search):
    old = builders.article("old", "旧雨", published_at=datetime(2015, 7, 11, 20, 0, tzinfo=UTC))  # 12 July in Shanghai
    reply = builders.comment(old, "雨。")

    assert search("雨", kind="articles") == ["/articles/old"]
    assert search("雨", kind="replies") == [f"/comments/{reply.id}"]
    assert len(search("雨", kind="nothing")) == 2
    for when in ("2015", "2015-07", "2015-7-12", "２０１５年７月１２日"):
        assert search("雨", since=when, until=when) == ["/articles/old"], when
    assert search("雨", until="2015-07-11") == search("雨", since="2016", until="2016") == []


def test_a_tag_narrows_to_the_articles_with_it_and_their_replies(app, search):
    tagged, plain = builders.article("tagged", "有雨"), builders.article("plain", "无雨")
    tagged.tags.append(Tag(name="天气", key="天气"))
    db.session.commit()
    reply = builders.comment(tagged, "雨。")
    builders.comment(plain, "雨。", nickname="半夏")

    assert search("雨", tag="天气") == [f"/comments/{reply.id}", "/articles/tagged"]
    assert search("雨", tag="没有") == []


def test_a_title_with_the_word_comes_before_texts_with_it_where_the_best_come_first(app, search):
    builders.article("rain", "雨天读书", body="别的话。" * 30)
    builders.article("other", "别的", body="偶尔读书。" + "别的话。" * 30)

    assert search("读书", sort="best") == ["/articles/rain", "/articles/other"]
    assert search("读书") == ["/articles/other", "/articles/rain"]


def test_addresses_and_names_are_not_looked_in(app, article, search, mei):
    """T55"""
    builders.comment(article, "说一句。", nickname="南山", email="nanshan@example.com")
    builders.comment(article, "再说一句。", user=mei, nickname=mei.username)

    for query in ("nanshan", "example", "mei", "南山", "梅子", mei.password_hash[:12], builders.ADDRESS_BLOCK):
        assert search(query) == [], query


def test_pages_follow_each_other_and_lose_nothing(app, article, client):
    builders.many_comments(article, 45)
    builders.read_in()
    for sort in ("newest", "best"):
        path, seen = f"/search?q=回复&sort={sort}", []
        while path:
            page = client.get(path)
            assert page.status_code == 200
            seen += re.findall(r'href="/comments/(\d+)"', page.text)
            later = re.search(r'pager__link" rel="nofollow" href="([^"]+before=[^"]+)"', page.text)
            path = later[1].replace("&amp;", "&") if later else ""
        assert len(seen) == len(set(seen)) == 45


def test_a_page_of_hits_is_the_same_few_statements_whatever_is_found(app, article, client, statements):
    builders.many_comments(article, 45)
    builders.article("more", "又一条回复", body="回复。")
    builders.read_in()
    client.get("/search?q=回复")
    statements.clear()

    client.get("/search?q=回复")

    assert len(statements) <= 4


def test_the_index_is_asked_first_and_not_each_row(app, texts, statements):
    all_found("读书", author="沈未", tag="天气")
    asked = next(one for one in statements if "search_words MATCH" in one or "@@" in one)
    if db.engine.dialect.name == "sqlite":
        plan = db.session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + re.sub(r"\?", "1", asked)).all()

        assert "search_words VIRTUAL TABLE" in plan[0][3], plan


def test_a_state_that_nobody_told_the_index_of_shows_nothing_all_the_same(app, article, search):
    builders.comment(article, "看得见的话。")
    db.session.execute(db.update(Comment).values(status=Status.REJECTED))
    db.session.commit()

    assert search("看得见") == []

    builders.read_in()
    assert db.session.scalar(text("SELECT count(*) FROM search_entry WHERE comment_id IS NOT NULL")) == 0
