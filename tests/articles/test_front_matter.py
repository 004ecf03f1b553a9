"""The file an article is published from, and what it is told when it is wrong."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from blueprints.articles.front_matter import BODY_MAX, WrongFile, read_article_file
from core import clock
from core.config import Settings

TODAY = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")

WRONG = {
    "nothing": ("", "line 1: the file begins with a line of ---"),
    "no front matter": ("# 标题\n\n正文", "line 1: the file begins with a line of ---"),
    "a blank line first": ("\n---\ntitle: 慢读\n---\n正文", "line 1: the file begins with a line of ---"),
    "no second line of ---": ("---\ntitle: 慢读\n", "line 3: the second line of --- is missing"),
    "no title": ("---\nslug: slow\n---\n正文", "line 1: title takes 1 to 200 characters"),
    "an empty title": ("---\nslug: slow\ntitle:\n---\n正文", "line 3: title takes 1 to 200 characters"),
    "an empty title in quotes": ('---\ntitle: ""\n---\n正文', "line 2: title takes 1 to 200 characters"),
    "a long title": (f"---\ntitle: {'长' * 201}\n---\n正文", "line 2: title takes 1 to 200 characters"),
    "an unknown key": ("---\ntitle: 慢读\n\n# 注\nlabels: a\n---\n正文", "line 5: 'labels' is not one of title, slug"),
    "a key in capitals": ("---\nTitle: 慢读\n---\n正文", "line 2: 'Title' is not one of"),
    "a line without colon": ("---\ntitle 慢读\n---\n正文", "line 2: 'title 慢读' is not one of"),
    "a key twice": ("---\ntitle: 慢读\nslug: a\ntitle: 快读\n---\n正文", "line 4: title stands here a second time"),
    "a slug in capitals": ("---\ntitle: 慢读\nslug: Slow\n---\n正文", "line 3: slug takes small letters"),
    "a Chinese slug": ("---\ntitle: 慢读\nslug: 慢读\n---\n正文", "line 3: slug takes small letters"),
    "a slug with a slash": ("---\ntitle: 慢读\nslug: a/b\n---\n正文", "line 3: slug takes small letters"),
    "a slug with two hyphens": ("---\ntitle: 慢读\nslug: a--b\n---\n正文", "line 3: slug takes small letters"),
    "a slug of full-width letters": ("---\ntitle: 慢读\nslug: ａ\n---\n正文", "line 3: slug takes small letters"),
    "a long slug": (f"---\ntitle: 慢读\nslug: {'a' * 101}\n---\n正文", "line 3: slug takes small letters"),
    "a date that is none": ("---\ntitle: 慢读\ndate: 2026-02-30\n---\n正文", "line 3: date takes 2026-11-22"),
    "a date in words": ("---\ntitle: 慢读\ndate: yesterday\n---\n正文", "line 3: date takes 2026-11-22"),
    "a date before dates": ("---\ntitle: 慢读\ndate: 0001-01-01\n---\n正文", "line 3: date takes 2026-11-22"),
    "a date in the future": ("---\ntitle: 慢读\ndate: 2026-11-23\n---\n正文", "line 3: date takes 2026-11-22"),
    "an hour in the future": ("---\ntitle: 慢读\ndate: 2026-11-22 16:01\n---\n正文", "line 3: date takes 2026-11-22"),
    "another language": ("---\ntitle: 慢读\nlang: fr\n---\n正文", "line 3: lang takes one of zh, en"),
    "comments neither open nor closed": (
        "---\ntitle: 慢读\ncomments: no\n---\n正文",
        "line 3: comments takes open, closed",
    ),
    "comments open for no days": ("---\ntitle: 慢读\ncomments: 0\n---\n正文", "line 3: comments takes open, closed"),
    "comments open for ages": ("---\ntitle: 慢读\ncomments: 99999\n---\n正文", "line 3: comments takes open, closed"),
    "comments in full-width digits": (
        "---\ntitle: 慢读\ncomments: ３０\n---\n正文",
        "line 3: comments takes open, closed",
    ),
    "a former slug that is none": ("---\ntitle: 慢读\nwas: a, B\n---\n正文", "line 3: was takes former slugs"),
    "a translation of no slug": (
        "---\ntitle: 慢读\ntranslation-of: 慢读\n---\n正文",
        "line 3: translation-of takes the slug",
    ),
    "a tag too long": (f"---\ntitle: 慢读\ntags: 纸、{'长' * 41}\n---\n正文", "line 3: tags takes at most 12 names"),
    "a tag of a dot": ("---\ntitle: 慢读\ntags: ..\n---\n正文", "line 3: tags takes at most 12 names"),
    "thirteen tags": (
        f"---\ntitle: 慢读\ntags: {','.join('abcdefghijklm')}\n---\n正文",
        "line 3: tags takes at most 12",
    ),
    "a series without address": (
        "---\ntitle: 慢读\nseries: 纸上谈\n---\n正文",
        "line 3: '纸上谈' makes no address: add series-slug",
    ),
    "a series of signs": (
        "---\ntitle: 慢读\nseries: '!?'\n---\n正文",
        "line 3: '!?' makes no address: add series-slug",
    ),
    "a long series": (
        f"---\ntitle: 慢读\nseries: {'a' * 101}\n---\n正文",
        "line 3: series takes a title of at most 100",
    ),
    "a series' slug in capitals": (
        "---\ntitle: 慢读\nseries: a\nseries-slug: A\n---\n正文",
        "line 4: series-slug takes small",
    ),
    "a series' slug alone": (
        "---\ntitle: 慢读\nseries-slug: a\n---\n正文",
        "line 3: series-slug takes a series beside it",
    ),
    "a place alone": ("---\ntitle: 慢读\nseries-place: 2\n---\n正文", "line 3: series-place takes a series beside it"),
    "place nought": (
        "---\ntitle: 慢读\nseries: a\nseries-place: 0\n---\n正文",
        "line 4: series-place takes a number from 1",
    ),
    "a place too far": (
        "---\ntitle: 慢读\nseries: a\nseries-place: 10000\n---\n正文",
        "line 4: series-place takes a number",
    ),
    "pinned perhaps": ("---\ntitle: 慢读\npinned: maybe\n---\n正文", "line 3: pinned takes yes or no"),
    "an address without s": (
        "---\ntitle: 慢读\ncanonical: http://example.org/a\n---\n正文",
        "line 3: canonical takes an address",
    ),
    "an address of a script": (
        "---\ntitle: 慢读\ncanonical: javascript:alert(1)\n---\n正文",
        "line 3: canonical takes an address",
    ),
    "an address of nobody": (
        "---\ntitle: 慢读\ncanonical: https:///a\n---\n正文",
        "line 3: canonical takes an address",
    ),
    "an address with a name": (
        "---\ntitle: 慢读\ncanonical: https://a@example.org/\n---\n正文",
        "line 3: canonical takes an",
    ),
    "an address that breaks off": (
        "---\ntitle: 慢读\ncanonical: https://[::1/\n---\n正文",
        "line 3: canonical takes an address",
    ),
    "a long address": (
        f"---\ntitle: 慢读\ncanonical: https://example.org/{'a' * 490}\n---\n正文",
        "line 3: canonical takes an",
    ),
    "a long summary": (f"---\ntitle: 慢读\nsummary: {'长' * 401}\n---\n正文", "line 3: summary takes at most 400"),
    "a long author": (f"---\ntitle: 慢读\nauthor: {'长' * 41}\n---\n正文", "line 3: author takes at most 40"),
    "an invisible character": ("---\ntitle: 慢\u200b读\n---\n正文", "line 2: an invisible character in title"),
    **{
        f"the author {name}": (f"---\ntitle: 慢读\nauthor: {name}\n---\n正文", "line 3: author takes at most 40")
        for name in (".", "..", "/x", "x/", "a//b", "a/../b", "a/feed.atom")
    },
    "a bidi mark": ("---\ntitle: 慢读\nauthor: a\u202eb\n---\n正文", "line 3: an invisible character in author"),
    "no text": ("---\ntitle: 慢读\n---\n", "line 4: the text takes 1 to"),
    "no text and no line for it": ("---\ntitle: 慢读\n---", "line 4: the text takes 1 to"),
    "a text of blanks": ("---\ntitle: 慢读\n---\n \n　\n\t\n", "line 4: the text takes 1 to"),
    "too long a text": ("---\ntitle: 慢读\n---\n" + "a" * (BODY_MAX + 1), "line 4: the text takes 1 to"),
    "a control character": ("---\ntitle: 慢读\n---\n\n一\n二\x00\n", "line 6: a control character"),
    "an escape sequence": ("---\ntitle: 慢读\n---\n\x1b[31m", "line 4: a control character"),
    "a sign for lost bytes": ("---\ntitle: 慢读\n---\n\n\n坏\ufffd字", "line 6: a control character"),
}
NOT_UTF_8 = {
    "GBK": ("---\ntitle: 慢读\n---\n正文".encode("gbk"), 2),
    "GBK further down": (b"---\ntitle: a\n---\n\n" + "正文".encode("gbk"), 5),
    "UTF-16": ("---\ntitle: a\n---\nb".encode("utf-16"), 1),
    "Windows lines": (b"---\r\ntitle: a\r\n---\r\n\r\n" + b"\xff", 5),
}


@pytest.fixture(autouse=True)
def on_that_day(tmp_path):
    """A site without a database, on a day in November."""
    app = Flask(__name__)
    app.config["ZHISHANG"] = Settings(instance=tmp_path)
    with app.app_context(), clock.standing_at(TODAY):
        yield


@pytest.fixture
def file_of(tmp_path):
    def write(content, name="slow-reading.md"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_everything_a_file_can_say_is_read(file_of):
    read = read_article_file(
        file_of(
            "---\n"
            "title: 慢读：一种练习\n"
            "slug: slow-reading-2\n"
            "summary: 读得慢，记得久。\n"
            "# a remark\n"
            "\n"
            "author: 沈未\n"
            "date: 2026-11-20 08:30\n"
            "lang: zh\n"
            "comments: closed\n"
            "---\n\n第一段。\n\n---\n\n第二段。\n\n"
        )
    )

    assert (read.title, read.slug, read.summary, read.author) == (
        "慢读：一种练习",
        "slow-reading-2",
        "读得慢，记得久。",
        "沈未",
    )
    assert read.published_at == datetime(2026, 11, 20, 8, 30, tzinfo=SHANGHAI)
    assert (read.lang, read.comments_open) == ("zh", False)
    assert read.body == "第一段。\n\n---\n\n第二段。"


def test_the_places_of_an_article_are_read(file_of):
    read = read_article_file(
        file_of(
            "---\ntitle: 慢读\nwas: slow, old-slow\ntags: 纸, 手艺，慢、 C++ ,\nseries: 纸上谈\nseries-slug: on-paper\nseries-place: 3\n"
            "canonical: https://example.org/a?b=1\npinned: yes\ntranslation-of: reading-slowly\ncomments: 30\n---\n正文"
        )
    )

    assert (read.was, read.tags) == (("slow", "old-slow"), ("纸", "手艺", "慢", "C++"))
    assert (read.series, read.series_slug, read.series_place) == ("纸上谈", "on-paper", 3)
    assert (read.canonical, read.is_pinned) == ("https://example.org/a?b=1", True)
    assert (read.translation_of, read.comments_open, read.comments_close_days) == ("reading-slowly", True, 30)


def test_an_english_series_makes_its_address_of_its_title(file_of):
    read = read_article_file(file_of("---\ntitle: 慢读\nseries: On Paper, and off it\n---\n正文"))

    assert (read.series_slug, read.series_place) == ("on-paper-and-off-it", None)


def test_a_title_and_a_text_are_enough(file_of):
    read = read_article_file(file_of("---\ntitle: 慢读\n---\n正文", name="Slow-Reading.md"))

    assert (read.title, read.slug, read.author, read.summary) == ("慢读", "slow-reading", "纸上", "")
    assert (read.published_at, read.lang, read.comments_open, read.body) == (None, "zh", True, "正文")
    assert (read.tags, read.series_slug, read.was, read.is_pinned, read.comments_close_days) == (
        (),
        "",
        (),
        False,
        None,
    )


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ('"慢读"', "慢读"),
        ("'慢读'", "慢读"),
        ("慢读: 上", "慢读: 上"),
        ('"', '"'),
        ("他说“慢”", "他说“慢”"),
        ("'a\"", "'a\""),
    ],
)
def test_a_value_may_stand_in_quotes_and_hold_colons(file_of, written, title):
    assert read_article_file(file_of(f"---\ntitle:  {written} \n---\n正文")).title == title


@pytest.mark.parametrize(
    ("text", "lang"), [("English only", "en"), ("mostly English, 一点中文", "zh"), ("Ça va", "en")]
)
def test_the_language_is_guessed_from_the_text(file_of, text, lang):
    assert read_article_file(file_of(f"---\ntitle: Title\n---\n{text}")).lang == lang


@pytest.mark.parametrize(
    "encoded",
    ["---\r\ntitle: 慢读\r\n---\r\n一\r\n\r\n二\r\n".encode(), "\ufeff---\ntitle: 慢读\n---\n一\n\n二".encode()],
)
def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(file_of, encoded):
    read = read_article_file(file_of(encoded))

    assert (read.title, read.body) == ("慢读", "一\n\n二")


def test_an_indented_first_line_and_code_stay_as_they_are(file_of):
    assert read_article_file(file_of("---\ntitle: a\n---\n\n    code\n\n　　段落\t\n")).body == "    code\n\n　　段落\t"


def test_a_day_is_the_sites_day_and_today_is_not_the_future(file_of):
    read = read_article_file(file_of("---\ntitle: a\ndate: 2026-11-22\n---\nb"))

    assert read.published_at == datetime(2026, 11, 22, tzinfo=SHANGHAI)


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_told_the_line_and_the_reason(file_of, kind):
    content, words = WRONG[kind]

    with pytest.raises(WrongFile) as wrong:
        read_article_file(file_of(content))

    assert wrong.value.message.startswith(words)
    assert "\n" not in wrong.value.message


@pytest.mark.parametrize("kind", NOT_UTF_8)
def test_a_file_in_another_encoding_is_told_where_it_begins(file_of, kind):
    content, line = NOT_UTF_8[kind]

    with pytest.raises(WrongFile, match=f"^line {line}: not UTF-8$"):
        read_article_file(file_of(content))


@pytest.mark.parametrize("name", ["慢读.md", "slow reading.md", "slow_reading.md", ".md"])
def test_a_file_name_that_is_no_slug_asks_for_one(file_of, name):
    with pytest.raises(WrongFile, match="line 1: slug takes small letters"):
        read_article_file(file_of("---\ntitle: 慢读\n---\n正文", name=name))
