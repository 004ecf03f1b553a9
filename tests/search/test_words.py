"""How texts and queries are parted into words, and where a query stands in a text."""

import pytest

from blueprints.search.words import _FOLDED, KEPT_MAX, fold, plain, spans, terms_of, words_of


def found(text, query):
    return [text[begin:end] for begin, end, _term in spans(text, terms_of(query))]


def test_a_run_of_chinese_is_its_pairs_and_its_last_character():
    assert words_of("纸上读书，慢。") == ["纸上", "上读", "读书", "书", "慢"]


def test_other_words_are_words_in_small_letters():
    assert words_of("用Ｐｙｔｈｏｎ写 Hello-World 2.0") == ["用", "python", "写", "hello", "world", "2", "0"]


@pytest.mark.parametrize(
    ("one", "other"), [("閱讀與書寫", "阅读与书写"), ("頭髮", "头发"), ("ＡＢＣ１２", "abc12"), ("Straße", "STRASSE")]
)
def test_spellings_of_one_text_are_one(one, other):
    assert fold(one) == fold(other)


def test_what_cannot_be_seen_parts_no_words():
    assert words_of("读\u200b书") == words_of("读书")


def test_only_so_many_characters_are_kept_as_they_were_folded():
    every = "".join(map(chr, range(0x20000, 0x20000 + KEPT_MAX + 100)))

    assert fold(every)[:2] == every[:2]
    assert len(_FOLDED) <= KEPT_MAX
    assert fold("閱讀") == "阅读"


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("读书 写字", [("读书",), ("写字",)]),
        ("“读书 写字”慢", [("读书", "写字"), ("慢",)]),
        ('"read slowly"', [("read", "slowly")]),
        ("用Python", [("用",), ("python",)]),
        ("读书 讀書", [("读书",)]),
        ('"没有合上', [("没有合上",)]),
        ("？！ * ( ) ^ - :", []),
        ("NEAR(a b) OR title:c AND NOT d*", [("near",), ("a",), ("b",), ("or",), ("title",), ("c",), ("and",), ("not",), ("d",)]),
        ("' OR 1=1; --", [("or",), ("1",)]),
        ("\x00读\x07书", [("读",), ("书",)]),
    ],
)  # fmt: skip
def test_a_query_is_words_and_quoted_sequences_and_nothing_else(query, terms):
    assert [term.runs for term in terms_of(query)] == terms


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("他在讀書，不读报。", "读书", ["讀書"]),
        ("Reading and read.", "READ", ["read"]),
        ("ﬁne 读书 ﬁne", "读书 fine", ["ﬁne", "读书", "ﬁne"]),
        ("读书写字", "“读书 写字”", []),
        ("读书，写字", "“读书 写字”", ["读书，写字"]),
        ("用 Python 写", "“用python写”", ["用 Python 写"]),
        ("一读再读", "读", ["读", "读"]),
        ("读书的人", "读 读书", ["读书"]),
    ],
)
def test_what_was_looked_for_is_found_in_the_text_as_it_is_written(text, query, marked):
    assert found(text, query) == marked


def test_a_text_is_what_is_read_of_its_markup():
    html = '<p>慢<em>慢</em>读<sup id="r"><a href="#n">1</a></sup>，<ruby>字<rp>(</rp><rt>zì</rt></ruby></p><p title="a > b">第 &lt;二&gt; 段</p><!--fold 1 2-->'

    assert plain(html).split() == ["慢慢读，字", "第", "<二>", "段"]
