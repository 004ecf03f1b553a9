"""The owner's words: every spelling of one is found, wherever it stands."""

import pytest
from sqlalchemy import select

from blueprints.comments.screening_models import WordRule
from blueprints.comments.word_rules import RULES_MAX, RuleRefused, add_rule, drop_rule, dry_run, rules
from core.database import db
from tests.builders import comment


def test_a_rule_is_kept_once_whatever_its_spelling(app, lin):
    rule = add_rule(" 代开发票 ", refuses=True, by=lin)

    assert (rule.words, rule.refuses, rule.made_by) == ("代开发票", True, lin)
    for spelling in ("代开发票", "代 开 发 票", "代\u200b开发票"):
        with pytest.raises(RuleRefused, match="已经有"):
            add_rule(spelling, refuses=False, by=lin)
    assert rules() == [rule]
    drop_rule(rule)
    assert rules() == []


@pytest.mark.parametrize("words", ["", "  ", "\u200b\u200b", "长" * 101, "\ufdfa" * 99])
def test_what_can_be_no_rule_is_refused(app, words):
    with pytest.raises(RuleRefused):
        add_rule(words, refuses=False, by=None)


def test_there_are_as_many_rules_as_are_looked_through_in_no_time(app):
    db.session.add_all([WordRule(words=str(number), key=str(number)) for number in range(RULES_MAX)])

    with pytest.raises(RuleRefused, match="500"):
        add_rule("再来一条", refuses=False, by=None)
    assert len(rules()) == RULES_MAX


def test_a_dry_run_shows_what_a_rule_would_catch_in_name_address_and_text(article):
    first = comment(article, "这里有Ｃａｓｉｎｏ")
    second = comment(article, "别的", nickname="c a s i n o")
    third = comment(article, "还是别的", email="ca-sino@example.com")
    fourth = comment(article, "地址里有", email="casino@example.com")
    comment(article, "赌场")

    assert [one.id for one in dry_run("CASINO")] == [fourth.id, second.id, first.id]
    assert [one.id for one in dry_run("ca-sino")] == [third.id]
    assert db.session.scalar(select(WordRule)) is None


def test_a_dry_run_looks_at_the_address_of_an_account(article, mei):
    members = comment(article, "会员写的", user=mei)
    comment(article, "访客写的，说的是别的")

    assert [one.id for one in dry_run("mei@example")] == [members.id]
