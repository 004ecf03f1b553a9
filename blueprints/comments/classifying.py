"""What moderators teach: each text they judged is a lesson, and a naive Bayes over runs of one to three characters learns from them.

It begins knowing nothing, and says nothing before there are 20 lessons of each kind. No words are told apart, so Chinese
needs no dictionary. A text is judged by its first 1,000 characters and its last 500.
"""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import exp, log
from typing import Any

import regex
from sqlalchemy import delete, func, select

from blueprints.comments.models import Comment
from blueprints.comments.screening_models import ClassifierModel, Lesson
from core import clock
from core.database import db
from core.jobs import housekeeping
from core.text import spelling_key

BUCKETS = 1 << 16
LESSONS_MAX = 5_000  # of each kind, the newest
LESSONS_MIN = 20  # of each kind, before anything is said
LESSONS_MANY = 200  # of each kind, before it may hold a reply alone
FIRST, LAST = 1_000, 500
STEP = 100  # characters whose key is taken at once
_NUMBER = regex.compile(r"\p{N}+")

Taught = tuple[str, bool]
"""A text, and whether it was wanted."""


def text_of(nickname: str, body: str) -> str:
    """Return what of a reply is judged."""
    return f"{nickname}\n{body}"


def learn(comment: Comment, *, is_wanted: bool) -> None:
    """Keep what a moderator decided as a lesson; the last decision counts."""
    lesson = db.session.get(Lesson, comment.id)
    if lesson is None:
        db.session.add(Lesson(comment_id=comment.id, is_wanted=is_wanted))
    else:
        lesson.is_wanted, lesson.created_at = is_wanted, clock.now()
    db.session.flush()


def unlearn(comment: Comment) -> None:
    """Drop the lesson of a decision that was undone."""
    lesson = db.session.get(Lesson, comment.id)
    if lesson is not None:
        db.session.delete(lesson)
        db.session.flush()


@dataclass(frozen=True)
class Model:
    """What was learned: in how many wanted and unwanted texts each bucket of grams stood."""

    wanted: "array[int]"
    unwanted: "array[int]"
    wanted_count: int
    unwanted_count: int

    def chance(self, text: str) -> float:
        """Return how likely it is that a text like this is unwanted, from 0 to 1, as many of both kinds taken for granted."""
        weights = [self.weights[bucket] for bucket in _buckets(text)]
        score = sum(weights) / max(1, len(weights)) ** 0.5
        return 1 / (1 + exp(-max(-30.0, min(30.0, score))))

    @property
    def has_many_lessons(self) -> bool:
        """Whether it has seen so much that it may hold a reply by itself: of few it learns the language rather than the kind."""
        return min(self.wanted_count, self.unwanted_count) >= LESSONS_MANY

    @cached_property
    def weights(self) -> "array[float]":
        """What each bucket says, as the logarithm of how much more often it stood in unwanted texts; unseen ones say nothing."""
        least = 0.5 / min(self.wanted_count, self.unwanted_count)
        rates = zip(self.wanted, self.unwanted, strict=True)
        return array(
            "f", (self._weight(wanted, unwanted, least) if wanted or unwanted else 0.0 for wanted, unwanted in rates)
        )

    def _weight(self, wanted: int, unwanted: int, least: float) -> float:
        return log((unwanted / self.unwanted_count + least) / (wanted / self.wanted_count + least))


def _buckets(text: str) -> set[int]:
    text = "".join(text.split())  # so that blanks push nothing out
    key = _NUMBER.sub("0", _key(text[:FIRST], FIRST) + _key(text[FIRST:][-LAST:], LAST))
    data = key.encode("utf-32-le", "surrogatepass")
    return {
        zlib.crc32(data[place : place + size]) % BUCKETS
        for size in (4, 8, 12)
        for place in range(0, len(data) - size + 4, 4)
    }


def _key(text: str, length: int) -> str:
    """Return so much of a text's key: of one sign many may be made."""
    key = ""
    for place in range(0, len(text), STEP):
        if len(key) < length:
            key += spelling_key(text[place : place + STEP])
    return key[:length]


def model_of(taught: Iterable[Taught]) -> Model | None:
    """Return what these texts teach, None where they are too few."""
    counts, sizes = (array("I", bytes(4 * BUCKETS)), array("I", bytes(4 * BUCKETS))), [0, 0]
    for text, is_wanted in taught:
        sizes[is_wanted] += 1
        for bucket in _buckets(text):
            counts[is_wanted][bucket] += 1
    return Model(counts[True], counts[False], sizes[True], sizes[False]) if min(sizes) >= LESSONS_MIN else None


def lessons() -> list[Taught]:
    """Return the newest lessons of each kind, at most 5,000, the newest first; erased texts teach nothing."""
    found: list[Taught] = []
    for is_wanted in (True, False):
        texts = select(Comment.nickname, Comment.body).join(Lesson, Lesson.comment_id == Comment.id)
        newest = texts.where(Lesson.is_wanted.is_(is_wanted), Comment.body != "").order_by(Lesson.created_at.desc())
        found += [(text_of(*row), is_wanted) for row in db.session.execute(newest.limit(LESSONS_MAX))]
    return found


def keep(model: Model | None, learned_at: datetime | None = None) -> None:
    """Let this be what is known from now on; None is nothing. What is taught after `learned_at` is still to be learned."""
    db.session.execute(delete(ClassifierModel))
    if model is not None:
        counts = zlib.compress(model.wanted.tobytes() + model.unwanted.tobytes())
        row = ClassifierModel(wanted_count=model.wanted_count, unwanted_count=model.unwanted_count, counts=counts)
        row.created_at = learned_at or clock.now()
        db.session.add(row)
    db.session.flush()


@dataclass(frozen=True)
class Learned:
    """What the lessons taught at a moment: a model, or None where they are too few."""

    model: Model | None
    at: datetime


def learned_anew() -> Learned | None:
    """Return what the lessons teach where they are others than last time. That takes seconds and writes nothing."""
    now = clock.now()
    counts = db.session.execute(select(func.count(), func.max(Lesson.created_at)).select_from(Lesson)).one()
    known = db.session.scalar(select(ClassifierModel).order_by(ClassifierModel.id.desc()).limit(1))
    size = known.wanted_count + known.unwanted_count if known is not None else 0
    is_new = counts[1] is not None and (known is None or counts[1] >= known.created_at)
    if is_new or (known is not None and counts[0] != size and size < LESSONS_MAX):
        return Learned(model_of(lessons()), now)
    return None


def keep_learned(learned: Learned | None) -> None:
    """Keep what `learned_anew` learned."""
    if learned is not None:
        keep(learned.model, learned.at)


housekeeping(keep_learned, prepare=learned_anew)


def newest_row() -> list[Any]:
    """Return the columns that name the newest model, for `newest_model`."""
    newest = select(ClassifierModel.id).order_by(ClassifierModel.id.desc()).limit(1)
    made = select(ClassifierModel.created_at).order_by(ClassifierModel.id.desc()).limit(1)
    return [newest.scalar_subquery().label("model_id"), made.scalar_subquery().label("model_made")]


_kept: dict[tuple[int, datetime], Model] = {}  # the newest one only; every process has its own


def newest_model(model_id: int | None, made: datetime) -> Model | None:
    """Return the model of this row, from memory where it was read before."""
    if model_id is None:
        return None
    model = _kept.get((model_id, made))
    if model is None:
        row = db.session.get_one(ClassifierModel, model_id)
        data = array("I")
        data.frombytes(zlib.decompress(row.counts))
        model = Model(data[:BUCKETS], data[BUCKETS:], row.wanted_count, row.unwanted_count)
        _kept.clear()
        _kept[model_id, made] = model
    return model


@dataclass(frozen=True)
class Score:
    """How often the classifier was right about texts it had not learned from; precision and recall are about unwanted ones."""

    wanted_count: int
    unwanted_count: int
    precision: float | None
    recall: float


def cross_validated(taught: Sequence[Taught], *, folds: int = 5, least: float = 0.95) -> Score | None:
    """Learn from four fifths and judge the fifth, in turns; None where there are too few lessons for that."""
    wanted, unwanted = ([one for one in taught if one[1] is kind] for kind in (True, False))
    if min(len(wanted), len(unwanted)) < LESSONS_MIN:
        return None
    right = wrong = 0
    for fold in range(folds):
        held_out = [*wanted[fold::folds], *unwanted[fold::folds]]
        model = model_of(one for kind in (wanted, unwanted) for place, one in enumerate(kind) if place % folds != fold)
        caught = [is_wanted for text, is_wanted in held_out if model is not None and model.chance(text) >= least]
        right, wrong = right + caught.count(False), wrong + caught.count(True)
    return Score(len(wanted), len(unwanted), right / (right + wrong) if right + wrong else None, right / len(unwanted))
