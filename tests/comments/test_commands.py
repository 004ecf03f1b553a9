"""Deciding about waiting replies from the command line."""

from sqlalchemy import select

from blueprints.comments.models import Comment, Status
from core.database import db
from tests.builders import comment


def test_the_owner_lists_publishes_and_rejects_what_waits(app, client, article):
    first, second = comment(article, "第一条在等\n第二行", held=True), comment(article, "第二条在等", held=True)
    ids = first.id, second.id
    run = app.test_cli_runner().invoke

    listed = run(args=["comments", "pending"])
    published = run(args=["comments", "publish", str(ids[0])])
    rejected = run(args=["comments", "reject", str(ids[1])])

    assert listed.output.splitlines() == [
        f"{ids[0]}.1  all  南山  第一条在等 第二行",
        f"{ids[1]}.1  all  南山  第二条在等",
    ]
    assert published.exit_code == rejected.exit_code == 0
    db.session.rollback()
    assert db.session.scalars(select(Comment.status).order_by(Comment.id)).all() == [Status.PUBLISHED, Status.REJECTED]
    assert "第一条在等" in client.get("/articles/hello").text


def test_a_decision_made_before_is_told(app, article):
    done = comment(article)
    done_id = done.id

    again = app.test_cli_runner().invoke(args=["comments", "publish", str(done_id)])

    assert again.exit_code == 1
    assert "已经处理过了" in again.output
