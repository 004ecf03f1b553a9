"""The first run as an owner has it: the launcher says where, the browser does the rest."""

import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import pytest

from tests.builders import PASSWORD
from tests.system.conftest import ROOT, environment, free_port

pytestmark = pytest.mark.system

LONG_PASSWORD = PASSWORD + "和一张旧船票"


def said(folder, site):
    """Return what the launcher printed."""
    return (folder / f"server-{site.address.rpartition(':')[2]}.log").read_text()


def links_in(text):
    return re.findall(r"^First administrator: (\S+)$", text, re.MULTILINE)


def browser():
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def ask(opener, address, form=None):
    """Return status, address and text of the page an address leads to."""
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with opener.open(address, data=data, timeout=20) as answer:
            return answer.status, answer.url, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.url, refused.read().decode()


def fill_in(opener, link):
    """Fill the form in, press the button, and return status and address of the page it leads to."""
    [token] = re.findall(r'name="csrf_token" value="([^"]+)"', ask(opener, link)[2])
    form = {"username": "山中客", "email": "owner@example.com", "password": LONG_PASSWORD}
    return ask(opener, link, form | {"password_confirm": LONG_PASSWORD, "csrf_token": token})[:2]


def test_each_start_says_where_until_there_is_an_administrator(start, tmp_path, database):
    site = start(DATABASE_URI=database)
    [first] = links_in(said(tmp_path, site))
    assert site.stop() == 0
    site = start(DATABASE_URI=database)
    [second] = links_in(said(tmp_path, site))
    assert second.startswith(f"{site.address}/first-run/")
    again = first.replace(first.partition("/first-run/")[0], site.address)
    assert ask(browser(), again)[0] == 200, "a link outlives a restart"
    owner = browser()

    page = fill_in(owner, second)

    assert page == (200, f"{site.address}/account")
    assert ask(owner, f"{site.address}/admin/people")[0] == 200
    assert [ask(browser(), link)[0] for link in (again, second)] == [410, 410]
    assert site.stop() == 0
    site = start(DATABASE_URI=database)
    assert "First administrator" not in said(tmp_path, site)


def test_an_administrator_made_at_the_command_line_silences_it(start, tmp_path):
    site = start()
    site.flask(
        "users", "create", "山中客", "owner@example.com", "--role", "administrator", "--password-stdin",
        feed=LONG_PASSWORD + "\n",
    )  # fmt: skip
    assert site.stop() == 0

    assert links_in(said(tmp_path, start())) == []


def test_only_preparing_says_nothing_and_the_log_keeps_no_link(start, tmp_path):
    prepared = subprocess.run(
        [sys.executable, "-m", "core.launch", "install"],
        cwd=ROOT,
        env=environment(tmp_path / "instance", free_port()),
        capture_output=True,
        text=True,
        check=True,
    )
    site = start()
    [link] = links_in(said(tmp_path, site))
    assert ask(browser(), link)[0] == 200
    time.sleep(0.2)

    assert "First administrator" not in prepared.stdout + prepared.stderr
    assert said(tmp_path, site).count(link.rpartition("/")[2]) == 1
