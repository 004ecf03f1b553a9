"""Deciding about waiting replies from the command line."""

from sqlalchemy import select

from blueprints.comments.models import Comment, Status
from blueprints.moderation.models import Act, Decision
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
    assert "这条现在的状态变了" in again.output


def test_what_the_command_line_decides_stands_in_the_log(app, desk, article):
    run = app.test_cli_runner().invoke
    public_id, waiting_id = comment(article, "公开的一条。").id, comment(article, "在等的一条。", held=True).id

    run(args=["comments", "remove", str(public_id), "--reason", "骂人"])
    run(args=["comments", "restore", str(public_id)])
    run(args=["comments", "reject", f"{waiting_id}.1", "--reason", "跑题"])
    refused = run(args=["comments", "reject", f"{waiting_id}.2"])

    assert refused.exit_code == 1
    lines = db.session.execute(select(Decision.act, Decision.comment_id, Decision.reason).order_by(Decision.id)).all()
    assert lines == [(Act.REMOVE, public_id, "骂人"), (Act.RESTORE, public_id, ""), (Act.REJECT, waiting_id, "跑题")]
    assert desk.get("/moderation/log").text.count("命令行") > 2
