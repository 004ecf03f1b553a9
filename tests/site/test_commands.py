"""Sending what waits from the command line."""

import socket

from core import jobs
from core.database import db
from core.mail import Letter, open_mail, writes


@writes("tests.notice")
def notice(payload):
    return Letter(payload["to"], "password_changed", {"username": "梅子"}, link="http://127.0.0.1:8000/forgot-password")


def queue(count):
    for _ in range(count):
        jobs.queue("tests.notice", {"to": "mei@example.com"})
    db.session.commit()


def test_everything_due_is_sent_once_and_the_command_ends(app):
    queue(3)

    results = [app.test_cli_runner().invoke(args=["jobs", "work", "--once"]) for _ in range(2)]

    assert [(result.exit_code, result.output) for result in results] == [(0, "")] * 2
    assert len(list(app.config["ZHISHANG"].outbox.iterdir())) == 3


def test_a_mail_server_that_is_away_is_told_in_one_line(app, choose):
    usual = app.config["ZHISHANG"]
    queue(1)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        choose(mail_server="127.0.0.1", mail_port=closed.getsockname()[1], mail_security="none")
        open_mail(app, app.config["ZHISHANG"])

        result = app.test_cli_runner().invoke(args=["jobs", "work", "--once"])

    open_mail(app, usual)
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: the mail server is away: ")
