"""What stops being public stops being found, in the same transaction; what comes back is found again."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from blueprints.articles.front_matter import ArticleFile
from blueprints.articles.publishing import publish_article, rendered, withdraw_article
from blueprints.auth.models import Role
from blueprints.comments.drafts import draft_of
from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.comments.posting import place_comment
from blueprints.comments.visibility import hold_again, publish, reject, remove, replace_text, show_again
from blueprints.comments.withdrawing import erase_text
from blueprints.search.indexing import index_comment
from core import clock
from core.database import db
from tests import builders

WORDS = "只在这里写过的话。"


def entries():
    return db.session.scalar(text("SELECT count(*) FROM search_entry WHERE comment_id IS NOT NULL"))


def words_left(word="过的"):
    """Return in how many texts the index itself knows a word, whoever asks."""
    if db.engine.dialect.name == "sqlite":
        return db.session.scalar(
            text("SELECT count(*) FROM search_words WHERE search_words MATCH :word"), {"word": f'"{word}"'}
        )
    return db.session.scalar(
        text("SELECT count(*) FROM search_entry WHERE words @@ CAST(:word AS tsquery)"), {"word": f"'{word}'"}
    )


def sound():
    """Have SQLite compare its index with the words it was made from; it raises where they differ."""
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("INSERT INTO search_words (search_words, rank) VALUES ('integrity-check', 1)"))
        db.session.rollback()


@pytest.fixture
def reply(article):
    return builders.comment(article, WORDS)


@pytest.mark.parametrize(
    "deed",
    [
        lambda reply: remove(reply, "广告"),
        lambda reply: remove(reply, "", status=Status.SPAM),
        lambda reply: hold_again(reply, "links"),
        erase_text,
    ],
    ids=["removed", "spam", "held again", "erased"],
)
def test_a_reply_that_is_taken_down_is_found_no_more_and_nothing_of_it_is_left(reply, search, deed):
    """T48"""
    assert search("写过") == [f"/comments/{reply.id}"]

    deed(reply)
    db.session.commit()

    assert search("写过") == []
    assert words_left() == entries() == 0
    sound()


def test_a_reply_under_a_rejected_one_is_found_as_long_as_the_thread_shows_it(article, reply, search, client):
    """T48"""
    answer = builders.comment(article, "下面的回答。", reply)
    remove(reply, "广告")
    db.session.commit()

    assert search("写过") == []
    assert search("下面的回答") == [f"/comments/{answer.id}"]
    assert "下面的回答" in client.get("/articles/hello").text


def test_a_withdrawn_article_takes_everything_under_it_along_and_brings_it_back(article, reply, search):
    """T48"""
    assert len(search("写过")) == len(search("第二段")) == 1

    withdraw_article("hello")
    db.session.commit()
    assert search("写过") == search("第二段") == search("第一篇") == []

    builders.article()
    assert len(search("写过")) == len(search("第二段")) == 1


def test_a_closed_article_and_its_replies_are_found_as_before(app, reply, search):
    """T48"""
    builders.article(comments_open=False)

    assert len(search("写过")) == len(search("第二段")) == 1


def test_drafts_and_replies_that_wait_are_not_found(app, article, search):
    """T54"""
    builders.article("draft", "还没写完的草稿", is_draft=True)
    waiting = builders.comment(article, WORDS, held=True)
    assert search("草稿") == search("写过") == []
    assert words_left() == 0

    publish(waiting)
    db.session.commit()
    assert search("写过") == [f"/comments/{waiting.id}"]
    builders.article("draft", "还没写完的草稿")
    assert search("草稿") == ["/articles/draft"]


def test_a_rejected_reply_was_never_found(article, search):
    waiting = builders.comment(article, WORDS, held=True)

    reject(waiting)
    db.session.commit()

    assert search("写过") == []


def test_what_is_shown_again_is_found_again(reply, search):
    remove(reply, "")
    db.session.commit()
    show_again(reply)
    db.session.commit()

    assert search("写过") == [f"/comments/{reply.id}"]
    sound()


def test_a_changed_text_is_found_and_the_former_is_not(reply, search):
    replace_text(reply, 2, "改成了别的。", "<p>改成了别的。</p>")
    db.session.commit()

    assert search("改成了") == [f"/comments/{reply.id}"]
    assert search("写过") == []
    assert words_left() == 0
    assert db.session.scalar(select(CommentVersion.body)) == WORDS
    sound()


def test_a_revised_article_is_found_by_its_new_words(app, article, search):
    builders.article(title="换了题目", body="换了正文。")

    assert search("换了题目") == search("换了正文") == ["/articles/hello"]
    assert search("第一篇") == search("第二段") == []
    sound()


def test_an_article_rendered_anew_is_found_by_what_it_reads_now(app, article, search):
    file = ArticleFile(title=article.title, slug="hello", author="沈未", summary="", published_at=None, lang="zh", comments_open=True, body=article.body)  # fmt: skip
    publish_article(file, "<p>从前排出来的字样。</p>")
    db.session.commit()
    assert search("排出来的") == ["/articles/hello"]

    app.test_cli_runner().invoke(args=["articles", "render"])

    assert search("第二段") == ["/articles/hello"]
    assert search("排出来的") == []
    sound()


def test_a_change_that_is_rolled_back_leaves_the_index_as_it_was(app, article, reply, search):
    remove(reply, "广告")
    file = ArticleFile(title="换了题目", slug="hello", author="沈未", summary="", published_at=clock.now(), lang="zh", comments_open=True, body="换了正文。")  # fmt: skip
    publish_article(file, rendered(file))
    db.session.rollback()

    assert search("写过") == [f"/comments/{reply.id}"]
    assert search("第一篇") == ["/articles/hello"]
    assert search("换了") == []
    sound()


def test_deleting_a_row_takes_its_words_along(article, reply):
    db.session.delete(reply)
    db.session.commit()

    assert words_left() == entries() == 0
    sound()


def test_rebuilding_makes_the_same_index_and_says_how_much(app, article, reply, search):
    builders.many_comments(article, 250)
    db.session.execute(text("DELETE FROM search_entry WHERE comment_id IS NULL"))
    gone = builders.comment(article, "不该再找到的。", nickname="半夏")
    db.session.execute(db.update(Comment).where(Comment.id == gone.id).values(status=Status.REJECTED))
    db.session.commit()

    said = app.test_cli_runner().invoke(args=["search", "rebuild"])

    assert said.output == "252 can be found, 1 dropped\n"
    assert search("第一篇") == ["/articles/hello"]
    assert search("写过") == [f"/comments/{reply.id}"]
    assert len(search("回复")) == 20
    assert entries() == 251
    sound()


def test_a_reply_published_elsewhere_keeps_its_date_in_the_order(app, article, search):
    new = builders.comment(article, "新的一句雨。")
    draft = draft_of(
        "旧的一句雨。", nickname="半夏", email="ban@example.com", user=None, parent_id=None, address_block=""
    )
    old = place_comment(article, draft, is_by_author=False, published_at=datetime(2015, 7, 12, tzinfo=UTC))
    db.session.commit()

    assert search("雨") == [f"/comments/{one.id}" for one in (new, old)]
    assert search("雨", until="2015") == [f"/comments/{old.id}"]


def test_reading_in_a_reply_twice_is_reading_it_in_once(reply, search):
    index_comment(reply)
    index_comment(reply)
    db.session.commit()

    assert entries() == 1
    sound()


def test_an_account_that_is_leaving_signs_nothing(article, client, mei):
    mei.role = Role.READER
    builders.comment(article, WORDS, user=mei, nickname=mei.username)
    assert "梅子" in client.get("/search?q=写过").text

    mei.leaves_at = clock.now()
    db.session.commit()

    assert "梅子" not in client.get("/search?q=写过").text
