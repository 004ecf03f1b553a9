"""Two moderators at one queue: opposite verdicts at the same moment, and moderation while the author edits."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, insert, select, update

from blueprints.articles.models import Article
from blueprints.auth.models import Role, User
from blueprints.comments.models import Comment, Status
from blueprints.moderation.decisions import AlreadyDecided, Sitting, decide
from blueprints.moderation.models import Act, Decision, Seen
from core import clock
from core.database import db, writing
from core.errors import Busy
from tests import builders

pytestmark = pytest.mark.system

ROUNDS = 1000


def waiting_replies(on: Article, count: int) -> list[int]:
    """Store so many replies that wait, and return their ids."""
    row = {"article_id": on.id, "nickname": "南山", "body": "安全的内容。", "body_html": "", "created_at": clock.now()}
    db.session.execute(insert(Comment), [row | {"status": Status.PENDING, "held_reason": "all"} for _ in range(count)])
    db.session.commit()
    return list(db.session.scalars(select(Comment.id).order_by(Comment.id)))


def decided(app, act: str, seen: Seen, actor_id: int) -> str:
    """Decide as a request does; return what whoever decided was told."""
    with app.app_context():
        while True:
            try:
                with writing():
                    decide(act, seen, Sitting(db.session.get_one(User, actor_id)))
                    db.session.commit()
                return "done"
            except AlreadyDecided as refusal:
                return str(refusal.message)
            except Busy:
                continue


def test_opposite_verdicts_a_thousand_times(app, article, lin):
    """F21: one verdict each, the other is told by name, the log and the counts are right."""
    mei = builders.user("梅子", "mei@example.com", Role.MODERATOR)
    ids, actors = waiting_replies(article, ROUNDS), {"approve": (lin.id, "林舟"), "remove": (mei.id, "梅子")}
    together = threading.Barrier(2, timeout=60)

    def all_rounds(act):
        answers = []
        for one in ids:
            together.wait()
            answers.append(decided(app, act, Seen(one, 1, Status.PENDING), actors[act][0]))
        return answers

    with ThreadPoolExecutor(2) as pool:
        approved, removed = pool.map(all_rounds, ("approve", "remove"))

    db.session.rollback()  # read anew
    states = dict(db.session.execute(select(Comment.id, Comment.status)).all())
    log = dict(db.session.execute(select(Decision.comment_id, Decision.act)).all())
    assert db.session.scalar(select(func.count()).select_from(Decision)) == ROUNDS
    for one, yes, no in zip(ids, approved, removed, strict=True):
        won = "approve" if yes == "done" else "remove"
        assert [yes, no].count("done") == 1
        assert actors[won][1] in (no if won == "approve" else yes)
        assert (states[one], log[one]) == (
            (Status.PUBLISHED, Act.APPROVE) if won == "approve" else (Status.REJECTED, Act.REJECT)
        )
    public = Counter(states.values())[Status.PUBLISHED]
    counts = db.session.execute(select(Article.comment_count, Article.last_floor)).one()
    floors = db.session.scalars(select(Comment.floor).where(Comment.floor.is_not(None)).order_by(Comment.floor)).all()
    assert counts == (public, public) and floors == list(range(1, public + 1))


def test_what_nobody_saw_is_never_public_while_its_author_edits(app, article, lin):
    """F22: an edit and an approval at the same moment, two hundred times."""
    ids, lin_id = waiting_replies(article, 200), lin.id
    together = threading.Barrier(2, timeout=60)

    def edit():
        with app.app_context():
            for one in ids:
                together.wait()
                with writing():
                    still = update(Comment).where(Comment.id == one, Comment.status == Status.PENDING)
                    db.session.execute(still.values(version=2, body="没人看过的内容。"))
                    db.session.commit()

    def approve():
        for one in ids:
            together.wait()
            decided(app, "approve", Seen(one, 1, Status.PENDING), lin_id)

    with ThreadPoolExecutor(2) as pool:
        for work in [pool.submit(edit), pool.submit(approve)]:
            work.result()

    db.session.rollback()
    public = db.session.scalars(select(Comment.body).where(Comment.status == Status.PUBLISHED)).all()
    assert set(public) <= {"安全的内容。"}
    assert db.session.scalar(select(func.count()).select_from(Decision)) == len(public)
