"""What moderators teach, and what comes of it."""

import json

import pytest
from sqlalchemy import func, select

from blueprints.comments.checks import taught
from blueprints.comments.classifying import (
    LESSONS_MIN,
    cross_validated,
    keep,
    keep_learned,
    learn,
    learned_anew,
    lessons,
    model_of,
    newest_model,
    unlearn,
)
from blueprints.comments.screening import HOLD, PROOF, ProofWanted
from blueprints.comments.screening_models import ClassifierModel, Lesson
from core.database import db
from tests.builders import comment
from tests.comments.test_checks import evidence
from tests.moments import later

WANTED = [f"第{number}章读得很慢，{word}写得真好，我想起{place}的旧书摊。" for number in range(5) for word, place in (("雨", "北平"), ("渡口", "镇上"), ("那封信", "学校"), ("月亮", "弄堂"), ("老屋", "车站"))]  # fmt: skip
UNWANTED = [f"{word}全网最低价，{place}包邮，{number}折秒杀，点头像下单送好礼！" for number in range(5) for word, place in (("手表", "全国"), ("皮包", "江浙"), ("香烟", "同城"), ("减肥茶", "海外"), ("开锁", "全市"))]  # fmt: skip
ADVERTISEMENT = "皮鞋全网最低价，全国包邮，点头像下单送好礼！"
TEXTS = [(text, True) for text in WANTED] + [(text, False) for text in UNWANTED]


def learned_from(texts):
    learned = model_of(texts)
    assert learned is not None
    return learned


def points_of(learned):
    found = taught(evidence(ADVERTISEMENT, model=learned))
    assert found is not None
    return found.points


def teach(article, texts=TEXTS):
    for number, (text, is_wanted) in enumerate(texts):
        place = {"address_block": f"203.0.{number}.0/24", "nickname": f"读者{number}"}
        learn(comment(article, text, None, held=True, **place), is_wanted=is_wanted)
    db.session.commit()


def model():
    row = db.session.scalars(select(ClassifierModel)).one()
    found = newest_model(row.id, row.created_at)
    assert found is not None
    return found


def test_the_last_decision_about_a_text_is_its_lesson(article):
    reply = comment(article)

    learn(reply, is_wanted=False)
    learn(reply, is_wanted=True)
    assert lessons() == [(f"南山\n{reply.body}", True)]

    unlearn(reply)
    unlearn(reply)
    assert lessons() == []


def test_it_tells_what_it_learned_from_what_it_did_not():
    learned = learned_from(TEXTS)

    assert learned.chance(ADVERTISEMENT) > 0.95 > 0.2 > learned.chance("读到渡口那一章，想起学校门口的雨。")
    assert learned.chance("") == 0.5 and learned.chance("Ωμέγα") == 0.5


def test_with_too_few_lessons_it_says_nothing():
    assert model_of(TEXTS[: len(WANTED) + LESSONS_MIN - 1]) is None and model_of([]) is None
    assert cross_validated(TEXTS[: len(WANTED) + LESSONS_MIN - 1]) is None
    assert taught(evidence(ADVERTISEMENT)) is None


def test_it_is_tested_on_what_it_did_not_learn():
    score = cross_validated(TEXTS)

    assert score is not None
    assert (score.wanted_count, score.unwanted_count) == (25, 25)
    assert score.recall > 0.8 and score.precision == 1


def test_the_worker_learns_when_there_are_other_lessons_and_only_then(article):
    teach(article)
    keep_learned(learned_anew())
    db.session.commit()
    first = db.session.scalars(select(ClassifierModel.created_at)).one()
    assert points_of(model()) > 0

    with later(minutes=5):
        keep_learned(learned_anew())
        assert db.session.scalars(select(ClassifierModel.created_at)).one() == first
        lesson = db.session.scalars(select(Lesson).limit(1)).one()
        unlearn(lesson.comment)
        keep_learned(learned_anew())
        db.session.commit()

    assert db.session.scalars(select(ClassifierModel.created_at)).one() > first


def test_what_is_taught_while_it_learns_is_learned_the_next_time(article):
    teach(article)
    learned = learned_anew()
    lesson = db.session.scalars(select(Lesson).limit(1)).one()
    with later(seconds=2):
        learn(lesson.comment, is_wanted=not lesson.is_wanted)
    with later(seconds=4):
        keep_learned(learned)
        db.session.commit()

        again = learned_anew()

    assert again is not None and again.model is not None and again.model.wanted_count == len(WANTED) - 1


def test_what_is_kept_is_what_was_learned_and_small(article):
    learned = learned_from(TEXTS)

    keep(learned)
    db.session.commit()

    assert model().chance(ADVERTISEMENT) == learned.chance(ADVERTISEMENT)
    assert len(db.session.scalars(select(ClassifierModel.counts)).one()) < 5_000_000
    keep(None)
    assert db.session.scalar(select(func.count()).select_from(ClassifierModel)) == 0


def test_of_the_longest_text_only_the_beginning_and_the_end_are_judged():
    learned = learned_from(TEXTS)
    long = "".join(chr(0x4E00 + number % 20_000) for number in range(100_000))

    assert learned.chance(long) == learned.chance(long[:1000] + "中" * 50_000 + long[-500:])


def test_what_is_cut_off_is_counted_as_it_was_sent_and_blanks_are_not_counted():
    learned, marked = learned_from(TEXTS), "中\u0301" * 750

    assert learned.chance(marked + ADVERTISEMENT + marked) == learned.chance(marked)
    assert learned.chance("\n" * 5000 + ADVERTISEMENT + "\n" * 5000) == learned.chance(ADVERTISEMENT)


def test_what_few_lessons_taught_asks_for_a_captcha_and_many_hold(article):
    few, many = learned_from(TEXTS), learned_from(TEXTS * 8)

    assert PROOF <= points_of(few) < HOLD
    assert points_of(many) >= HOLD


def test_what_it_learned_weighs_in_screening(article):
    teach(article)
    keep_learned(learned_anew())
    db.session.commit()

    with later(hours=1), pytest.raises(ProofWanted):  # once the flood of lessons is over
        comment(article, "点头像，秒杀减肥茶，最低价，包邮送好礼。", nickname="卖家", address_block="192.0.2.0/24")


def test_the_commands_train_test_and_take_away(app, article):
    run = app.test_cli_runner().invoke
    empty = run(args=["screening", "test"])
    assert empty.exit_code == 1 and "too few lessons: 0 wanted and 0 unwanted; it takes 20 of each" in empty.output
    assert "too few lessons" in run(args=["screening", "train"]).output

    teach(article, [*TEXTS, ("写信到 someone@example.com 问我", False)])
    trained = run(args=["screening", "train"])
    score = run(args=["screening", "test"])
    exported = run(args=["screening", "export"])

    assert trained.output == "learned from 25 wanted and 26 unwanted replies\n"
    assert score.exit_code == 0 and "25 wanted, 26 unwanted: precision" in score.output
    lines = [json.loads(line) for line in exported.output.splitlines()]
    assert len(lines) == 51 and lines[0].keys() == {"is_wanted", "body"}
    assert "someone@" not in exported.output and "nanshan@" not in exported.output
