"""Backup and restore: one .tar.gz with the database, the uploads and the configuration; the key only when asked for."""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

from sqlalchemy.engine import make_url

from core import clock
from core.config import Settings

FORMAT = 1
MEMBERS = ("manifest.json", "site.db", "site.dump", "config.py", "secret_key")


class CannotBackUp(Exception):
    """Why a backup could not be made or restored, in one line."""


def create_backup(chosen: Settings, target: Path, *, with_key: bool) -> None:
    """Write the backup to `target`, complete or not at all; the site may go on meanwhile. Raises CannotBackUp, OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        work = Path(folder)
        database = _dump(chosen, work)
        manifest = {"format": FORMAT, "made_at": clock.now().isoformat(), "database": database.name}
        (work / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        draft = work / "backup.tar.gz"
        with (
            os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz") as archive,
        ):
            archive.add(work / "manifest.json", "manifest.json")
            archive.add(database, database.name)
            for name in ("config.py", "uploads", *(["secret_key"] if with_key else [])):
                if (chosen.instance / name).exists():
                    archive.add(chosen.instance / name, name)
        draft.replace(target)


def restore_backup(chosen: Settings, source: Path) -> None:
    """Put the backup's database, uploads and key in place; what was there is kept beside it. Raises CannotBackUp, OSError.

    Only the names a backup holds are read from the archive, whatever else it says. The configuration is
    laid beside the present one as config.py.restored.
    """
    with tempfile.TemporaryDirectory(dir=chosen.instance, prefix=".restore-") as folder:
        work = Path(folder)
        try:
            _read_through(source)
            with tarfile.open(source, "r:gz") as archive:
                for member in archive:
                    if member.isfile() and (member.name in MEMBERS or _is_upload(member.name)):
                        _extract(archive, member, work / member.name)
            manifest = json.loads((work / "manifest.json").read_text(encoding="utf-8"))
        except (tarfile.TarError, OSError, ValueError, EOFError, zlib.error) as problem:
            raise CannotBackUp(f"{source.name} is no backup of this site: {problem}") from None
        if (
            not isinstance(manifest, dict)
            or manifest.get("format") != FORMAT
            or manifest.get("database") not in ("site.db", "site.dump")
        ):
            raise CannotBackUp(f"{source.name} was made by another version of the site")
        if not (work / manifest["database"]).exists():
            raise CannotBackUp(f"{source.name} is no backup of this site: {manifest['database']} is not in it")
        _load(chosen, work / manifest["database"])
        _put_files(chosen.instance, work)


def _read_through(source: Path) -> None:
    """Read to the checksum at the end, which tarfile does not look at."""
    with gzip.open(source) as archive:
        while archive.read(1024 * 1024):
            pass


def _is_upload(name: str) -> bool:
    path = Path(name)
    return path.parts[:1] == ("uploads",) and ".." not in path.parts and not path.is_absolute()


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    content = archive.extractfile(member)
    assert content is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        shutil.copyfileobj(content, file)


def _put_files(instance: Path, work: Path) -> None:
    for name, place in (("uploads", "uploads"), ("secret_key", "secret_key"), ("config.py", "config.py.restored")):
        if (work / name).exists():
            if (instance / place).exists():
                (instance / place).replace(_aside(instance / place))
            shutil.move(str(work / name), str(instance / place))


def _dump(chosen: Settings, folder: Path) -> Path:
    if chosen.database_address.startswith("sqlite"):
        target = folder / "site.db"
        with _Opened(_sqlite_path(chosen)) as site, _Opened(target) as copy:
            site.backup(copy)
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise CannotBackUp("the copy of the database is damaged")
        return target
    target = folder / "site.dump"
    _run(["pg_dump", "--format=custom", "--no-owner", f"--file={target}"], chosen)
    return target


def _load(chosen: Settings, dump: Path) -> None:
    is_sqlite = chosen.database_address.startswith("sqlite")
    if is_sqlite != (dump.name == "site.db"):
        raise CannotBackUp(
            "the backup is of the other kind of database (SQLite or PostgreSQL) than the site's present one"
        )
    if not is_sqlite:
        _run(["pg_dump", "--format=custom", "--no-owner", f"--file={_aside(chosen.instance / 'site.dump')}"], chosen)
        _run(
            [
                "pg_restore",
                "--clean",
                "--if-exists",
                "--no-owner",
                "--single-transaction",
                "--exit-on-error",
                str(dump),
            ],
            chosen,
        )
        return
    site_path = _sqlite_path(chosen)
    with _Opened(dump) as saved, _Opened(site_path) as site:
        pages, size = (saved.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        is_whole = dump.stat().st_size == pages * size  # SQLite reads zeros beyond the end of a file that was cut off
        is_sound = is_whole and saved.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if not is_sound or not saved.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            raise CannotBackUp("the database in the backup is damaged or empty")
        with _Opened(_aside(site_path)) as aside:
            site.backup(aside)
        saved.backup(site)


def _aside(path: Path) -> Path:
    """Return where what was at this path before the restore is kept."""
    return path.with_name(f"{path.name}.before-{clock.now():%Y%m%d-%H%M%S}")


class _Opened:
    """An SQLite connection that is closed at the end of the block (sqlite3's own does not). Raises CannotBackUp for its errors."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=30)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, _kind: object, problem: object, _traceback: object) -> None:
        self._connection.close()
        if isinstance(problem, sqlite3.Error):
            raise CannotBackUp(f"SQLite: {problem}") from problem


def _sqlite_path(chosen: Settings) -> Path:
    return Path(make_url(chosen.database_address).database or "")


def _run(command: list[str], chosen: Settings) -> None:
    """Run one of PostgreSQL's own programs; address and password go by its variables, not by the process list."""
    address = make_url(chosen.database_address)
    given = {
        "PGHOST": address.host or address.query.get("host"),
        "PGPORT": address.port,
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
    }
    environment = (
        os.environ
        | {"PGDATABASE": address.database or ""}
        | {name: str(value) for name, value in given.items() if value}
    )
    if command[0] == "pg_restore":
        command = [*command[:-1], f"--dbname={address.database}", command[-1]]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CannotBackUp(
            f"{command[0]} is not installed; on Debian and Ubuntu: apt install postgresql-client"
        ) from None
    if done.returncode:
        raise CannotBackUp(f"{command[0]}: {(done.stderr.strip().splitlines() or ['it failed'])[-1]}")
