"""What is decided about a reply shows at once: on the page, in the counts, and in every cache that asks."""

import pytest
from sqlalchemy import select

from blueprints.articles.models import Article
from blueprints.comments.models import Comment, Status
from blueprints.comments.visibility import hide, hold_again, remove, show_again
from blueprints.comments.withdrawing import erase_text
from core.database import db
from tests.builders import comment

PARENT, ANSWER = "第一条，有人回应。", "我来回应。"


def removed(parent):
    remove(parent, "广告")


def pulled_back(parent):
    hold_again(parent, "all")


def hidden_by_its_writer(parent):
    hide(parent, Status.DELETED)


def shown_again(parent):
    remove(parent, "广告")
    show_again(parent)
    remove(parent, "广告")


@pytest.mark.parametrize("deed", [removed, pulled_back, hidden_by_its_writer, shown_again, erase_text])
def test_a_reply_taken_from_the_public_is_gone_everywhere_and_its_answers_stay(client, article, deed):
    """T48, T54."""
    parent = comment(article, PARENT)
    comment(article, ANSWER, parent)
    pages = {path: client.get(path) for path in ("/articles/hello", "/")}

    deed(db.session.get_one(Comment, parent.id))
    db.session.commit()

    for path, before in pages.items():
        after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200, "what a cache keeps of the page is old"
        assert PARENT not in after.text
    page = client.get("/articles/hello").text
    assert ANSWER in page
    assert f'id="comment-{parent.id}"' in page, "the floor stays"
    assert db.session.scalar(select(Article.comment_count)) == 1
    assert client.get(f"/comments/{parent.id}").status_code == 302, "its permalink leads to the floor"


def test_closing_an_article_takes_its_form_at_once_and_leaves_its_replies(client, article):
    comment(article, PARENT)
    before = client.get("/articles/hello")

    article.comments_open = False
    db.session.commit()

    after = client.get("/articles/hello", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert PARENT in after.text
    assert "<textarea" not in after.text
    assert "这篇文章不再接受回复" in after.text
