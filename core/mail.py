"""Letters: written from a template when they leave, handed to the SMTP server, or laid into instance/outbox/ when there is none."""

import os
import re
import smtplib
import ssl
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, render_template
from flask_mail import Connection, Mail, Message

from core import clock
from core.config import Settings, settings
from core.i18n import LANGUAGES, force_locale

TIMEOUT_SECONDS = 20
_ENHANCED = re.compile(r"(?<![\d.])[45]\.(\d{1,3})\.\d{1,3}(?!\.?\d)")  # RFC 3463, and no address of a machine
_NO_NAME = re.compile(r'[<>"\\]')  # would end the name in a sender
_ABOUT_US = re.compile(r"relay|denied|spam|policy|blocked", re.IGNORECASE)


class ServerAway(Exception):
    """The mail server does not answer or does not let us in: no letter's fault."""


class LetterRefused(Exception):
    """The mail server refused this letter for good (a 5xx answer to its sender, recipient or text)."""


class RecipientRefused(LetterRefused):
    """It was the recipient that was refused for good, whatever the letter says."""


class RecipientDeferred(Exception):
    """It is the recipient that the mail server puts off: other letters may leave."""


@dataclass(frozen=True)
class Letter:
    """One letter: `template` names the folder in templates/mail/, `link` is the address its reader is to follow.

    `language` is its reader's where that is known, else the one of the request that caused it. `stop_link` ends letters of
    this kind by one POST without a page (RFC 8058); a letter with one goes to no paused address, but where
    somebody asks for it at this moment (`is_asked`).
    """

    recipient: str
    template: str
    values: Mapping[str, Any]
    link: str = ""
    language: str | None = None
    stop_link: str = ""
    is_asked: bool = False


Writer = Callable[[Mapping[str, Any]], Letter | None]

_writers: dict[str, Writer] = {}


def writes(kind: str) -> Callable[[Writer], Writer]:
    """Register the function that turns a queued job of this kind into a letter, or into None when there is nothing to send.

    It runs in a write transaction that is committed before the letter leaves, each time the letter is tried.
    """

    def register(write: Writer) -> Writer:
        _writers[kind] = write
        return write

    return register


def write_letter(kind: str, payload: Mapping[str, Any]) -> Letter | None:
    """Return the letter a job asks for, None when there is nothing to send."""
    return _writers[kind](payload)


def open_mail(app: Flask, chosen: Settings) -> None:
    """Tell Flask-Mail about the server; nothing is connected yet."""
    app.config.update(
        MAIL_SERVER=chosen.mail_server,
        MAIL_PORT=chosen.mail_port,
        MAIL_USERNAME=chosen.mail_username or None,
        MAIL_PASSWORD=chosen.mail_password or None,
        MAIL_USE_TLS=chosen.mail_security == "starttls",
        MAIL_USE_SSL=chosen.mail_security == "tls",
        MAIL_SUPPRESS_SEND=False,
    )
    Mail(app)


def site_link(endpoint: str, **values: Any) -> str:
    """Return an address for a letter, built from the configured site address and nothing a request said."""
    parts = urlsplit(settings().address)
    return current_app.url_map.bind(parts.netloc, url_scheme=parts.scheme).build(endpoint, values, force_external=True)


def deliver(letter: Letter, message_id: str) -> None:
    """Send a letter or lay it into the outbox. Raises ServerAway, LetterRefused, or what else went wrong this time."""
    with force_locale(LANGUAGES[letter.language]) if letter.language in LANGUAGES else nullcontext():
        message = _message(letter, message_id)
    if settings().mail_server:
        _send(message)
    else:
        _lay_down(letter, message, message_id)


def _message(letter: Letter, message_id: str) -> Message:
    def part(name: str) -> str:
        return render_template(
            f"mail/{letter.template}/{name}", link=letter.link, site_name=settings().site_name, **letter.values
        )

    message = Message(
        " ".join(part("subject.txt").split()), [letter.recipient], part("body.txt").strip() + "\n", part("body.html")
    )
    message.sender = f'"{" ".join(_NO_NAME.sub(" ", settings().site_name).split())}" <{settings().sender}>'
    message.msgId = f"<{message_id}@{urlsplit(settings().address).hostname}>"
    message.date = clock.timestamp()
    message.extra_headers = {"Auto-Submitted": "auto-generated"}
    if letter.stop_link:
        message.extra_headers["List-Unsubscribe"] = f"<{letter.stop_link}>"
        message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


class _CheckedConnection(Connection):
    """Flask-Mail's connection with a time-out and a checked certificate."""

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        if self.mail.use_ssl:
            context = ssl.create_default_context()
            host: smtplib.SMTP = smtplib.SMTP_SSL(
                self.mail.server, self.mail.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=TIMEOUT_SECONDS)
        try:
            if self.mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            host.close()
            raise
        return host

    def __exit__(self, *_exception: object) -> None:
        # The letter was taken or refused before; how the server says goodbye changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            super().__exit__(*_exception)  # type: ignore[arg-type]


def _send(message: Message) -> None:
    connection = _CheckedConnection(current_app.extensions["mail"])
    try:
        connection.__enter__()
    except (smtplib.SMTPException, OSError) as problem:
        raise ServerAway(str(problem)) from problem
    try:
        connection.send(message)
    except smtplib.SMTPRecipientsRefused as refused:
        code, words = next(iter(refused.recipients.values()))
        raise _refusal(code, words)(_words(code, words)) from refused
    except smtplib.SMTPResponseException as refused:  # the sender or the text
        kind = LetterRefused if refused.smtp_code >= 500 else RuntimeError
        raise kind(_words(refused.smtp_code, refused.smtp_error)) from refused
    finally:
        connection.__exit__(None, None, None)


def _refusal(code: int, words: bytes | str) -> type[Exception]:
    """What an answer to the recipient means: x.7.x (RFC 3463: security or policy) is about us, not about the address.

    So is, for now, 4.3.x (the mail system) and 421 (it closes). Where a server gives no such code, its words tell.
    """
    said = without_addresses(_text(words))
    subject = _ENHANCED.search(said)
    is_about_us = subject[1] == "7" if subject else _ABOUT_US.search(said)
    if code >= 500:
        return LetterRefused if is_about_us else RecipientRefused
    is_about_all = is_about_us or code == 421 or (subject and subject[1] == "3")
    return RuntimeError if is_about_all else RecipientDeferred


def _words(code: int, words: bytes | str) -> str:
    return f"{code} {_text(words)}"


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def without_addresses(words: object) -> str:
    """Return in one line what a mail server said, with … in place of each word that holds an address."""
    return " ".join("…" if "@" in word else word for word in str(words).split())


def _lay_down(letter: Letter, message: Message, message_id: str) -> None:
    settings().outbox.mkdir(mode=0o700, exist_ok=True)
    path = settings().outbox / f"{clock.now():%Y%m%d-%H%M%S}-{letter.template}-{message_id[:8]}.eml"
    unfinished = path.with_suffix(".part")  # a letter in the outbox is whole
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(message.as_bytes())
    unfinished.replace(path)
    if sys.stdout.isatty():
        print(f"  letter: {path.name}  {letter.link}", flush=True)


def letters_laid_down() -> list[Path]:
    """Return the files of letters in the outbox, with what a worker that was killed left of one."""
    return [path for path in settings().outbox.glob("*.*") if path.suffix in (".eml", ".part") and path.is_file()]


def empty_outbox(older_than: timedelta) -> None:
    """Erase letters that have lain in the outbox for longer than this."""
    for path in letters_laid_down():
        with suppress(OSError):  # it has another name by now, or is gone; the others have their turn
            if path.stat().st_mtime < clock.timestamp() - older_than.total_seconds():
                path.unlink()
