"""Starting and ending the site as its owner does."""

import os
import resource
import runpy
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.system.conftest import ROOT, environment, free_port, is_up

pytestmark = pytest.mark.system


def launch(instance, port=None, limit_bytes=None, **settings):
    """Start the launcher, wait for its end, and return its status and what it said."""

    def fill_the_disk():
        if limit_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    done = subprocess.run(
        [sys.executable, "-m", "core.launch"],
        cwd=ROOT,
        env=environment(instance, port or free_port(), **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=fill_the_disk,
    )
    return done.returncode, done.stderr.strip()


def port_of(site):
    return int(site.address.rpartition(":")[2])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_in_good_order(start, number):
    site = start()

    site.process.send_signal(number)

    assert site.process.wait(timeout=30) == 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections just closed are no server
        probe.bind(("127.0.0.1", port_of(site)))
        probe.listen()


def children_of(process):
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def wait_until(is_so):
    for _ in range(300):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to that")


def have_ended(processes):
    states = [path.read_text() for one in processes if (path := Path(f"/proc/{one}/stat")).exists()]
    return all(state.rpartition(")")[2].split()[0] == "Z" for state in states)


def test_a_killed_launcher_leaves_no_server_behind(start):
    site = start()
    servers = children_of(site.process)
    assert len(servers) >= 2

    site.process.kill()

    site.process.wait()
    wait_until(lambda: have_ended(servers))
    assert not is_up(site.address)


def test_nor_does_one_that_is_killed_while_its_servers_start(tmp_path):
    command = [sys.executable, "-m", "core.launch"]
    given = environment(tmp_path / "instance", free_port())
    with (tmp_path / "log").open("w") as log:
        launcher = subprocess.Popen(command, cwd=ROOT, env=given, stdout=log, stderr=log)
    wait_until(lambda: len(children_of(launcher)) >= 2)
    servers = children_of(launcher)

    launcher.kill()

    launcher.wait()
    wait_until(lambda: have_ended(servers))


def test_a_killed_worker_is_replaced(start):
    site = start(WORKERS="1")
    children = children_of(site.process)
    assert children

    for child in children:
        os.kill(child, signal.SIGKILL)

    wait_until(lambda: have_ended(children))
    wait_until(lambda: is_up(site.address))


def test_a_second_start_keeps_what_the_first_one_made(start, tmp_path):
    key = tmp_path / "instance" / "secret_key"
    assert start(DEMO="1").stop() == 0
    before = key.read_text()

    site = start(DEMO="1")

    assert key.read_text() == before and len(before) == 64
    assert key.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(tmp_path / "instance" / "site.db") as database:
        assert database.execute("SELECT count(*) FROM article").fetchone() == (4,)
        assert database.execute("SELECT max(comment_count) FROM article").fetchone()[0] > 60
    database.close()
    assert site.stop() == 0


def test_a_port_in_use_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        status, said = launch(tmp_path / "instance", taken.getsockname()[1])

    assert status == 1
    assert said.startswith("Cannot listen on 127.0.0.1:") and "ZHISHANG_PORT" in said and "\n" not in said


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()

    status, said = launch(tmp_path / "file" / "instance")

    assert status == 1
    assert said.startswith("The site cannot start:") and "\n" not in said


def test_a_full_disk_is_one_clear_line(tmp_path):
    status, said = launch(tmp_path / "instance", limit_bytes=4096)

    assert status == 1
    assert "The site cannot start:" in said and "Traceback" not in said


def test_a_newer_database_is_one_clear_line(start, tmp_path):
    assert start().stop() == 0
    with sqlite3.connect(tmp_path / "instance" / "site.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    status, said = launch(tmp_path / "instance")

    assert status == 1
    assert said.startswith("The database was written by a newer version") and "\n" not in said


def test_a_wrong_setting_is_one_clear_line(tmp_path):
    status, said = launch(tmp_path / "instance", TIMEZONE="Mars/Olympus")

    assert (status, said) == (1, "ZHISHANG_TIMEZONE takes a time zone's name such as Asia/Shanghai, not 'Mars/Olympus'")


@pytest.mark.parametrize("command", [["db", "upgrade"], ["articles", "publish", "x.md"]])
def test_a_command_with_a_wrong_setting_says_so(tmp_path, command):
    given = environment(tmp_path / "instance", free_port(), COMMENTS_HOLD="maybe")
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *command],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "ZHISHANG_COMMENTS_HOLD takes one of suspicious, first, all" in done.stderr


def test_the_plain_way_works_and_a_missing_schema_is_told(tmp_path):
    port = free_port()
    given = environment(tmp_path / "instance", port)
    flask = [sys.executable, "-m", "flask", "--app", "app"]

    def answers(upgraded):
        log = tmp_path / "log"
        with log.open("w") as file:
            server = subprocess.Popen(
                [*flask, "run", "--port", str(port)], cwd=ROOT, env=given, stdout=file, stderr=file
            )
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            return is_up(f"http://127.0.0.1:{port}"), log.read_text()
        finally:
            server.terminate()
            server.wait()

    up, said = answers(upgraded=False)
    assert not up
    assert said.count("Run: flask --app app db upgrade") == 1
    subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, env=given, check=True, capture_output=True)
    up, said = answers(upgraded=True)
    assert up and "db upgrade" not in said


def test_an_old_python_is_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))

    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "run.py"), run_name="__main__")

    assert end.value.code == 1
    assert capsys.readouterr().err == "This site needs Python 3.11 or newer; this is Python 3.10.\n"


def test_run_py_is_plain_python_from_the_standard_library():
    source = (ROOT / "run.py").read_text()

    assert source.count("\n") <= 150
    assert not any(line.startswith(("from core", "import flask")) for line in source.splitlines())
