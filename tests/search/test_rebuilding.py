"""Reading in what lies there already, while others write, and whatever lies there."""

import threading

import pytest
from sqlalchemy import text, update

from blueprints.articles.models import Article
from blueprints.comments.models import Comment
from blueprints.comments.visibility import remove, replace_text
from blueprints.comments.withdrawing import erase_text
from blueprints.search.rebuilding import ROUND_CHARACTERS, batches, put
from core import jobs
from core.database import db, writing
from tests import builders
from tests.search.test_visibility import entries, sound, words_left


@pytest.fixture
def reply(article):
    """A reply that was changed before: nothing that others refer to is changed in it again."""
    made = builders.comment(article, "从前写的话。")
    replace_text(made, 2, "上次写的话。", "<p>上次写的话。</p>")
    db.session.commit()
    return made


@pytest.fixture
def meanwhile(app):
    """Do something in a transaction that begins before the one at hand ends; return what went wrong."""
    problems = []

    def run(deed):
        with app.app_context():
            try:
                with writing():
                    deed()
                    db.session.commit()
            except Exception as problem:
                problems.append(problem)

    def begin(deed):
        other = threading.Thread(target=run, args=[deed])
        other.start()
        other.join(0.2)
        db.session.commit()
        other.join()
        db.session.rollback()
        return problems

    return begin


def batch_with(kind):
    return next(batch for batch in batches() if batch.kind.table is kind and batch.made)


def rebuild(app):
    return app.test_cli_runner().invoke(args=["search", "rebuild"])


def test_a_reply_changed_since_it_was_read_is_found_by_its_new_words(reply, search):
    batch = batch_with(Comment)
    replace_text(reply, 3, "后来改的句子。", "<p>后来改的句子。</p>")
    db.session.commit()

    assert put(batch) == 0
    db.session.commit()

    assert search("后来改") == [f"/comments/{reply.id}"]
    assert search("上次写") == []
    sound()


def test_a_reply_removed_since_it_was_read_leaves_no_words(reply):
    batch = batch_with(Comment)
    remove(reply, "广告")
    db.session.commit()

    put(batch)
    db.session.commit()

    assert words_left("上次") == entries() == 0


def test_whoever_changes_a_reply_while_it_is_read_in_waits_and_is_found(app, reply, search, meanwhile):
    reply_id, batch = reply.id, batch_with(Comment)

    def change():
        replace_text(db.session.get_one(Comment, reply_id), 3, "后来改的句子。", "<p>后来改的句子。</p>")

    with writing():
        put(batch)
        problems = meanwhile(change)

    assert problems == []
    assert search("后来改") == [f"/comments/{reply_id}"]
    assert search("上次写") == []
    sound()


def test_whoever_removes_a_reply_while_it_is_read_in_leaves_no_words(app, reply, meanwhile):
    reply_id, batch = reply.id, batch_with(Comment)

    with writing():
        put(batch)
        problems = meanwhile(lambda: remove(db.session.get_one(Comment, reply_id), "广告"))

    assert problems == []
    assert words_left("上次") == entries() == 0


def test_whoever_revises_an_article_while_it_is_read_in_waits_and_is_found(app, article, search, meanwhile):
    batch = batch_with(Article)

    with writing():
        put(batch)
        problems = meanwhile(lambda: builders.article(title="改过的题目", body="改过的正文。"))

    assert problems == []
    assert search("改过的题目") == search("改过的正文") == ["/articles/hello"]
    assert search("第二段") == []
    sound()


def test_a_round_ends_with_so_many_characters_and_takes_one_text_at_least(app, article):
    builders.many_comments(article, 5)
    sizes = [2 * ROUND_CHARACTERS, 10, ROUND_CHARACTERS - 5, 10, 10]
    for floor, size in enumerate(sizes, start=1):
        db.session.execute(update(Comment).where(Comment.floor == floor).values(body_html="字" * size))

    rounds = [[len(row.body_html) for row, _entry in one.made] for one in batches() if one.kind.table is Comment]

    assert rounds == [sizes[:1], sizes[1:2], sizes[2:3], sizes[3:]]


def test_words_are_made_before_the_transaction_of_the_worker(app, article, search):
    builders.many_comments(article, 250)
    db.session.execute(text("DELETE FROM search_entry"))
    db.session.commit()

    jobs.tidy()

    assert entries() == 250
    assert search("第一篇") == ["/articles/hello"]
    sound()


def blocks():
    """Return all that SQLite's index keeps, as it lies in the file."""
    return b"".join(db.session.scalars(text("SELECT block FROM search_words_data")))


def test_rebuilding_leaves_nothing_of_erased_words_in_the_file(app, article):
    builders.many_comments(article, 200)
    rare = builders.comment(article, "xiaoyuzhangsan 说的。")
    for floor in range(4):
        builders.comment(article, f"之后的话{floor}。", nickname=f"客{floor}", email=f"g{floor}@example.com")
    builders.read_in()
    erase_text(rare)
    db.session.commit()

    rebuild(app)

    assert words_left("xiaoyuzhangsan") == 0
    if db.engine.dialect.name == "sqlite":
        assert b"xiaoyuzhangsan" not in blocks()
        assert db.session.scalar(text("SELECT count(DISTINCT segid) FROM search_words_idx")) == 1
    sound()


DAMAGES: dict[str, dict[str, object]] = {
    "text": {"body_html": b"\x80\xffA"},
    "letters": {"body_html": b"\x80\xffB"},
    "no date": {"published_at": None},
    "date": {"published_at": "nonsense"},
    "article": {"article_id": 99999},
    "name": {"nickname": b"\x80\xff"},
}


@pytest.fixture(params=DAMAGES)
def damaged(app, article, request):
    """A reply with something in its row that cannot be read, and a sound one after it; which is possible on SQLite alone, but for the date."""
    made = builders.comment(article, "有毒的一句。")
    sound_one = builders.comment(article, "干净的一句。", nickname="半夏", email="ban@example.com")
    paths = [f"/comments/{sound_one.id}"]
    values = DAMAGES[request.param]
    if db.engine.dialect.name == "sqlite":
        made_id = made.id
        db.session.rollback()
        raw = db.engine.raw_connection()
        raw.execute("PRAGMA foreign_keys=OFF")
        for column, value in values.items():
            kept = "CAST(? AS TEXT)" if request.param == "letters" else "?"
            raw.execute(f"UPDATE comment SET {column} = {kept} WHERE id = ?", (value, made_id))
        raw.commit()
        raw.execute("PRAGMA foreign_keys=ON")
        raw.close()
    else:
        db.session.execute(update(Comment).where(Comment.id == made.id).values(published_at=None))
        db.session.commit()
    return paths


def test_a_damaged_reply_hides_no_other_from_search(damaged, search):
    found = search("一句")

    assert found[0] == damaged[0]


def test_a_damaged_reply_keeps_no_other_from_being_read_in(app, damaged, search):
    db.session.execute(text("DELETE FROM search_entry"))
    db.session.commit()

    jobs.tidy()
    assert search("一句")[0] == damaged[0]

    said = rebuild(app)
    assert said.exit_code == 0, said.exception
    assert search("一句")[0] == damaged[0]
