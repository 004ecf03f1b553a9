"""What the site does when something under it fails: nothing typed is lost, nothing hangs, reading goes on."""

import re
import resource
import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

pytestmark = pytest.mark.system

TEXT = "写了很久、很认真的一段回复。"


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.url = response.status, response.headers, response.url
        self.text = response.read().decode()


def ask(address, form=None, cookie=None):
    """Send one request as a text browser would and return the answer, whatever its status."""
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(address, data, {"Cookie": cookie} if cookie else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return Answer(response)
    except urllib.error.HTTPError as refusal:
        return Answer(refusal)


def hidden(page, name):
    return re.findall(rf'name="{name}" value="([^"]*)"', page.text)[-1]


@pytest.fixture
def article(tmp_path):
    file = tmp_path / "slow.md"
    file.write_text("---\ntitle: 慢慢读\nslug: slow\n---\n\n正文。\n", encoding="utf-8")
    return str(file)


def form_of(site):
    page = ask(f"{site.address}/articles/slow")
    return {"nickname": "南山", "email": "nanshan@example.com", "body": TEXT, "stamp": hidden(page, "stamp")}


@contextmanager
def held(site, database, instance):
    """Hold the lock that writers need, from another process's connection."""
    if database:
        with closing(
            psycopg.connect(make_url(database).set(drivername="postgresql").render_as_string(hide_password=False))
        ) as other:
            other.execute("LOCK TABLE comment IN SHARE MODE")
            yield
            other.rollback()
    else:
        with closing(sqlite3.connect(instance / "site.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")


def test_a_busy_database_keeps_the_text_and_goes_on(start, database, article, tmp_path):
    site = start(DATABASE_URI=database)
    site.flask("articles", "publish", article)
    form = form_of(site)

    with held(site, database, tmp_path / "instance"):
        refused = ask(f"{site.address}/articles/slow/comments", form)
        reading = ask(f"{site.address}/articles/slow")

    assert (refused.status, reading.status) == (503, 200)
    assert refused.headers["Retry-After"] and TEXT in refused.text and 'value="南山"' in refused.text
    again = ask(f"{site.address}/articles/slow/comments", form)
    assert again.status == 200 and "( 1 )" in again.text


def test_a_full_disk_keeps_the_text_and_reading_goes_on(start, article, tmp_path):
    site = start(WORKERS="1")
    site.flask("articles", "publish", article)
    form = form_of(site)
    tasks = Path(f"/proc/{site.process.pid}/task").glob("*/children")
    servers = [int(child) for task in tasks for child in task.read_text().split()]

    for server in servers:
        resource.prlimit(server, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    refused = ask(f"{site.address}/articles/slow/comments", form)
    reading = ask(f"{site.address}/articles/slow")
    for server in servers:
        resource.prlimit(server, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    again = ask(f"{site.address}/articles/slow/comments", form)

    assert (refused.status, reading.status) == (503, 200)
    assert TEXT in refused.text
    assert again.status == 200 and TEXT in again.text
    with closing(sqlite3.connect(tmp_path / "instance" / "site.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_form_survives_a_restart(start, article):
    site = start()
    site.flask("articles", "publish", article)
    form = form_of(site)
    assert site.stop() == 0

    after = start()

    assert ask(f"{after.address}/articles/slow/comments", form).status == 200


def test_a_hanging_mail_server_holds_nobody_up(start, article):
    """T21, F5: neither a forgotten password nor a reply that asks for letters."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        taken = []
        threading.Thread(target=lambda: taken.append(silent.accept()), daemon=True).start()
        site = start(MAIL_SERVER="127.0.0.1", MAIL_PORT=str(silent.getsockname()[1]), MAIL_SECURITY="none")
        page = ask(f"{site.address}/forgot-password")
        cookie = page.headers["Set-Cookie"].split(";")[0]
        site.flask(
            "users", "create", "山中客", "reader@example.com", "--password-stdin", feed="一把旧伞和三封没寄的信\n"
        )

        begun = time.monotonic()
        form = {"email": "reader@example.com", "csrf_token": hidden(page, "csrf_token")}
        sent = ask(f"{site.address}/forgot-password", form, cookie)
        site.flask("articles", "publish", article)
        posted = ask(f"{site.address}/articles/slow/comments", form_of(site) | {"notify": "y"})
        elapsed = time.monotonic() - begun

        assert posted.status == 200 and TEXT in posted.text
        assert sent.url.endswith("/forgot-password/sent") and "请查收邮件" in sent.text
        for _ in range(100):
            if taken:
                break
            time.sleep(0.1)
        assert taken, "the worker is talking to the server that hangs"
        assert elapsed < 18, "no answer did not wait for the mail server's time-out"
        assert site.stop() == 0
        taken[0][0].close()


def test_a_slow_writer_of_headers_is_dropped_and_nobody_waits(start):
    site = start(WORKERS="1")
    port = int(site.address.rpartition(":")[2])
    stalled = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
    for connection in stalled:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127")

    assert ask(f"{site.address}/privacy").status == 200

    for connection in stalled:
        connection.close()


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session=" + b"x" * 60_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(200)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: session=\xff\xfe; lang=\x00; form=\xe4\xbd\xa0\r\nAccept-Language: \xff\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\nusername=%ff",
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n--x\r\n\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_a_strange_request_is_answered_in_good_order_or_dropped(shared_site, request_text):
    with socket.create_connection(("127.0.0.1", int(shared_site.address.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(request_text)
        connection.shutdown(socket.SHUT_WR)
        first = b""
        while chunk := connection.recv(65536):
            first += chunk

    assert not first.startswith(b"HTTP/1.1 5"), first[:300]
    assert ask(f"{shared_site.address}/privacy").status == 200
