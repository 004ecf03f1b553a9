"""What text is to a reader: its length, what cannot be seen in it, and names that look the same."""

import sys
import unicodedata

import pytest

from core.text import (
    excerpt,
    has_endless_marks,
    has_invisible,
    has_stacked_marks,
    has_unprintable,
    length,
    name_key,
    normalized,
    one_kind_of_newline,
    reading_minutes,
    tidy_name,
    without_links,
)

ALIKE = [
    ("Admin", "admin"),
    ("Admin", "аdmin"),  # Cyrillic а
    ("Admin", "ａdmin"),
    ("Admin", "Αdmin"),  # Greek Alpha
    ("Admin", "admin\u200b"),
    ("Admin", "ad\u00admin"),
    ("Admin", "\u202eadmin"),
    ("Admin", "a d m i n"),
    ("Admin", "adm1n"),
    ("Admin", "admln"),
    ("Admin", "admın"),
    ("Admin", "𝐀𝐝𝐦𝐢𝐧"),
    ("Admin", "Ⓐdmin"),
    ("ADMIN", "АDМIN"),  # Cyrillic А and М; small м is like no Latin letter
    ("ADMIN", "ADMIΝ"),  # Greek Nu; small ν is like v
    ("BOB", "ВОВ"),
    ("O0o", "000"),
    ("l1I|", "llll"),
    ("Müller", "Mu\u0308ller"),
    ("Straße", "STRASSE"),
    ("анна", "АННА"),
    ("İ", "i\u0307"),
    ("山中客", "山　中客"),
    ("山中客", "⼭中客"),
    ("加工", "加エ"),  # katakana エ
    ("一二", "ー二"),  # katakana prolonged sound mark
    ("口天", "囗天"),
    ("石口", "石ロ"),
]
DIFFERENT = [
    ("山中客", "山中各"),
    ("山中客", "山中客人"),
    ("李白", "李自"),
    ("己", "已"),
    ("未", "末"),
    ("admin", "ádmin"),
    ("admin", "admins"),
    ("梅子", "栂子"),
    ("anna", "anne"),
    ("猫🐱", "猫🐶"),
]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("", 0),
        ("abc", 3),
        ("汉字", 2),
        ("e\u0301", 1),
        ("👨‍👩‍👧‍👦", 1),
        ("🇨🇳🇫🇷", 2),
        ("👍🏽", 1),
        ("한글", 2),
        ("क्षि", 1),
        ("a\r\nb", 3),
        ("汉\r\n字", 3),
        ("\u200b", 1),
    ],
)
def test_length_is_what_a_reader_counts(text, seen):
    assert length(text) == seen


def test_all_newlines_become_one_kind():
    assert one_kind_of_newline("a\r\nb\rc\nd\r\r\n") == "a\nb\nc\nd\n\n"


@pytest.mark.parametrize(
    "sign", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\ufffd", "\ud800", "\ufdd0", "\uffff"]
)
def test_controls_and_what_is_no_character_cannot_be_printed(sign):
    assert has_unprintable(f"前{sign}后")


@pytest.mark.parametrize("text", ["", "两行\n一\t格", "a\rb", "👨‍👩‍👧‍👦", "　　缩进", "می‌خواهم", "\u00a0"])
def test_what_people_type_can_be_printed(text):
    assert not has_unprintable(text)


@pytest.mark.parametrize(
    "sign",
    ["\x00", "\n", "\t", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\u00ad", "\u2028", "\ue000", "\u3164", "\u115f", "\uffa0", "\u2800", "\ufffd"],
)  # fmt: skip
def test_a_name_shows_everything_it_holds(sign):
    assert has_invisible(f"梅{sign}子")


@pytest.mark.parametrize("name", ["梅子", "Anna Müller", "Ёж", "दिनेश", "🐱", "O'Neil", "山中客 二号"])
def test_a_name_of_visible_letters_holds_nothing_invisible(name):
    assert not has_invisible(name)
    assert not has_stacked_marks(name)


def test_five_marks_on_one_letter_are_a_pile_and_four_are_not():
    assert has_stacked_marks("Z" + "\u0301" * 5)
    assert not has_stacked_marks("Z" + "\u0301" * 4)


def test_thirty_one_marks_in_a_row_are_without_end_and_thirty_are_not():
    assert has_endless_marks("Z" + "\u0301\u0323" * 15 + "\u0301")
    assert not has_endless_marks("Z" + "\u0301\u0323" * 15 + "汉")


def test_no_run_of_marks_is_long_enough_to_sort_for_minutes():
    marks = [chr(code) for code in range(sys.maxunicode + 1) if stands_on_a_letter(chr(code))]
    assert len(marks) > 900 and "\uff9e" in marks

    for form in ("NFC", "NFD", "NFKC"):
        longest = max(map(len, normalized(form, "a" + "".join(marks) * 100).split("\u034f")))
        assert longest <= 1 + 30 * max(len(unicodedata.normalize("NFKD", mark)) for mark in marks)


def stands_on_a_letter(sign):
    return unicodedata.combining(unicodedata.normalize("NFKD", sign)[0]) > 0 and sign != "\u034f"


@pytest.mark.parametrize("text", ["", "abc", "e\u0301", "ﾊﾟﾋﾟ", "Z" + "\u0323\u0301" * 15, "क्षि" * 40, "ཧཱུྃ" * 40, "שָׁלוֹם"])
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_what_people_write_is_normalized_as_it_stands(form, text):
    assert normalized(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [("  梅  子 ", "梅 子"), ("　梅子　", "梅子"), ("e\u0301", "é"), ("\t梅\n子", "梅 子"), (" ", "")],
)
def test_a_name_is_kept_composed_and_with_single_blanks(typed, tidy):
    assert tidy_name(typed) == tidy


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_look_alike_share_a_key(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_that_look_different_do_not(one, other):
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u3164\u2800"])
def test_a_name_of_nothing_visible_has_an_empty_key(name):
    assert name_key(name) == ""


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("", 1), ("字" * 100, 1), ("字" * 800, 2), ("word " * 460, 2), ("字" * 400 + " word" * 460, 3), ("。" * 9000, 1)],
)
def test_reading_takes_a_minute_for_400_characters_or_230_words(text, minutes):
    assert reading_minutes(text) == minutes


def test_an_excerpt_is_one_line_cut_with_an_ellipsis():
    assert excerpt("第一行\n\n 第二行", 20) == "第一行 第二行"
    assert excerpt("一二三四五", 5) == "一二三四五"
    assert excerpt("一二三四五六", 5) == "一二三四五…"
    assert excerpt("one two", 4) == "one…"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/x",
        "evil\u00ad.com/login",
        "https:\u200b/\u200b/evil\u200b.com/x",
        "ev\u2060il\ufeff.com",
        "evil\u202e.com",
        "evil。com",
        "evil｡com",
        "😀.ws",
        r"https:\\evil",
        "localhost:80/x",
        "me@evil.example",
        "//evil.example",
    ],
)
def test_nothing_is_left_that_a_mail_program_takes_for_a_link(link):
    """T07, S73: neither in a letter nor once what cannot be seen is taken out of it."""
    shown = excerpt(without_links(f"看 {link} 这里"), 200)

    assert shown == "看 … 这里"


def test_words_without_links_stay_as_they_are():
    assert without_links("好的。下一句，10:30 见。第 2 章。") == "好的。下一句,10:30 见。第 2 章。"
