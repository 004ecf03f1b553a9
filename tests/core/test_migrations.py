"""Migrations: from nothing to the present and back, with every row that can stay."""

import shutil

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from blueprints.articles.models import Article
from blueprints.auth.models import LoginSession, MailedLink, User
from blueprints.comments.models import Comment
from core import clock
from core.database import Base, db
from core.server import MIGRATIONS, schema_problem
from tests import builders

pytestmark = pytest.mark.system  # real parts: databases of their own, pg_dump

NEXT = '''"""A column for each of the tables that others point at; SQLite makes the table anew for it."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    for table in ("user", "article", "comment"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("colour", sa.String(), server_default="black"))
            batch_op.alter_column("created_at", existing_type=sa.DateTime(timezone=True), nullable=True)


def downgrade() -> None:
    for table in ("user", "article", "comment"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("colour")
            batch_op.alter_column("created_at", existing_type=sa.DateTime(timezone=True), nullable=False)
'''
ORPHANS = '''"""A change that loses the articles under their replies."""

from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.execute("DELETE FROM article")


def downgrade() -> None:
    pass
'''


@pytest.fixture
def site(empty_site):
    with empty_site.app_context():
        yield empty_site
        db.session.remove()


def head():
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def tables():
    found = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
    return {name for name in found if not name.startswith("search_words")}  # SQLite's index of search is made of tables


def stamp(revision):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def migrations_with(tmp_path, script):
    """Return a copy of our migrations, `env.py` and all, with one more at its end."""
    shutil.copytree(MIGRATIONS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "migrations" / "versions" / "9999_next.py").write_text(script.format(head=head()), encoding="utf-8")
    return str(tmp_path / "migrations")


def fill():
    """Put a row into every table that others point at, and rows that point at them."""
    mei = builders.user("梅子", "mei@example.com")
    written = builders.article()
    builders.comment(written, "答复", parent=builders.comment(written, user=mei))
    db.session.add(LoginSession(user_id=mei.id, token_hash="h", expires_at=clock.now()))
    db.session.commit()


def children():
    """Return the rows that point at others, with what they point at."""
    replies = select(Comment.id, Comment.article_id, Comment.parent_id, Comment.user_id, Comment.body)
    sessions = select(LoginSession.id, LoginSession.user_id)
    with db.engine.connect() as connection:
        return [tuple(row) for query in (replies, sessions) for row in connection.execute(query.order_by(text("1")))]


def test_an_empty_database_comes_to_exactly_what_the_code_says(site):
    flask_migrate.upgrade()

    assert tables() == set(Base.metadata.tables)
    flask_migrate.check()
    assert schema_problem() is None


def test_the_way_down_to_nothing_and_up_again(site):
    flask_migrate.upgrade()
    fill()

    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()

    assert tables() == set(Base.metadata.tables)
    flask_migrate.check()
    fill()
    assert len(children()) == 3


def test_a_second_upgrade_changes_nothing(site):
    flask_migrate.upgrade()
    fill()
    before = children()

    flask_migrate.upgrade()

    assert children() == before


def test_making_a_table_anew_keeps_the_rows_that_point_at_it(site, tmp_path):
    flask_migrate.upgrade()
    fill()
    before = children()
    directory = migrations_with(tmp_path, NEXT)

    flask_migrate.upgrade(directory=directory)

    assert children() == before
    assert db.session.execute(text("SELECT colour FROM article")).scalars().all() == ["black"]
    db.session.rollback()
    flask_migrate.downgrade(directory=directory)
    assert children() == before
    assert db.session.scalar(select(Article.comment_count)) == 2


def test_foreign_keys_hold_again_after_a_migration(site):
    flask_migrate.upgrade()

    with db.engine.connect() as connection:
        is_on = connection.dialect.name != "sqlite" or connection.execute(text("PRAGMA foreign_keys")).scalar() == 1

    assert is_on


def test_a_migration_that_leaves_orphans_is_undone(site, tmp_path):
    flask_migrate.upgrade()
    fill()
    before = children()

    with pytest.raises((SystemExit, IntegrityError)):
        flask_migrate.upgrade(directory=migrations_with(tmp_path, ORPHANS))

    assert children() == before
    assert db.session.scalar(select(Article.slug)) == "hello"
    assert schema_problem() is None


def test_an_empty_or_older_database_asks_for_the_upgrade(site):
    assert schema_problem() == "The database is older than this version of the site. Run: flask --app app db upgrade"
    flask_migrate.upgrade()

    for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
        stamp(script.revision)
        is_older = script.revision != head()
        assert (schema_problem() or "").startswith("The database is older") == is_older


def test_a_newer_database_asks_for_the_newer_version(site):
    flask_migrate.upgrade()
    stamp("9999")

    assert str(schema_problem()).startswith("The database was written by a newer version of the site.")


def test_every_migration_says_in_a_sentence_what_it_does_and_can_be_undone():
    for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
        assert script.doc.endswith(".")
        assert callable(script.module.downgrade)


def test_accounts_come_through_the_second_migration_with_all_they_had(site):
    flask_migrate.upgrade(revision="0001")
    moment, later = "2026-01-02 03:04:05.000000", "2036-01-02 03:04:05.000000"
    columns = "username, username_key, email, email_key, password_hash, role, created_at, is_disabled"
    with db.engine.begin() as connection:
        for number, is_disabled in ((1, "1 = 0"), (2, "1 = 1")):
            values = f"'u{number}', 'u{number}', 'u{number}@example.com', 'u{number}@example.com', 'hash', 'reader', '{moment}'"
            connection.execute(text(f'INSERT INTO "user" ({columns}) VALUES ({values}, {is_disabled})'))
        common = f"1, 'h', '{later}', '{moment}'"
        connection.execute(
            text(f"INSERT INTO password_reset (user_id, token_hash, expires_at, created_at) VALUES ({common})")
        )
        connection.execute(
            text(
                f"INSERT INTO login_session (user_id, token_hash, expires_at, created_at, seen_at) VALUES ({common}, '{moment}')"
            )
        )

    flask_migrate.upgrade()

    first, second = db.session.scalars(select(User).order_by(User.id)).all()
    assert (first.is_paused, first.language, first.tells_new_devices, first.has_second_factor) == (
        False,
        "zh",
        True,
        False,
    )
    assert second.is_paused and second.password_hash == "hash"
    link = db.session.scalars(select(MailedLink)).one()
    assert (link.kind, link.user_id, link.token_hash, link.used_at) == ("reset", 1, "h", None)
    session = db.session.scalars(select(LoginSession)).one()
    assert (session.user_id, session.awaits_factor) == (1, False)
    db.session.remove()
    flask_migrate.downgrade(revision="0001")
    with db.engine.connect() as connection:
        disabled = connection.execute(text('SELECT username FROM "user" WHERE is_disabled')).scalars().all()
        resets = connection.execute(text("SELECT user_id, token_hash FROM password_reset")).all()
    assert disabled == ["u2"] and [tuple(row) for row in resets] == [(1, "h")]


def test_replies_come_through_the_third_migration_and_a_draft_stays_unseen_on_the_way_back(site):
    flask_migrate.upgrade(revision="0002")
    article = "slug, title, summary, author, lang, body, body_html, reading_minutes, published_at, comments_open, comment_count, last_floor, created_at"
    reply = "article_id, nickname, body, body_html, status, is_by_author, floor, root_floor, created_at"
    moment = "'2026-01-02 03:04:05.000000'"
    with db.engine.begin() as connection:
        values = f"'hello', '题', '', '沈未', 'zh', '文', '<p>文</p>', 1, {moment}, 1 = 1, 1, 1, {moment}"
        connection.execute(text(f"INSERT INTO article ({article}) VALUES ({values})"))
        values = f"1, '南山', '说', '<p>说</p>', 'published', 1 = 0, 1, 1, {moment}"
        connection.execute(text(f"INSERT INTO comment ({reply}) VALUES ({values})"))

    flask_migrate.upgrade()

    written = db.session.scalars(select(Comment)).one()
    assert (written.body, written.version, written.notify, written.edited_at) == ("说", 1, False, None)
    assert (written.article.quoted, written.article.updated_at) == ({}, None)
    written.article.published_at = None
    db.session.commit()
    db.session.remove()
    flask_migrate.downgrade(revision="0002")
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT published_at, withdrawn_at FROM article")).one()
        assert connection.execute(text("SELECT body FROM comment")).scalar_one() == "说"
    assert kept[0] is not None and kept[0] == kept[1]
