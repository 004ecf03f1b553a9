"""Every setting with its default, unit and meaning; read from defaults, instance/config.py, then ZHISHANG_… variables."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import current_app

from core import setting_readers as readers

PREFIX = "ZHISHANG_"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class WrongSetting(Exception):
    """A setting the site refuses to start with; the message names it and says what it takes."""


def _option(default: Any, read: Callable[[str], Any], meaning: str) -> Any:
    return field(default=default, metadata={"read": read, "meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """All settings of one site, checked. The variable of `site_name` is ZHISHANG_SITE_NAME, in instance/config.py SITE_NAME."""

    instance: Path = _option(
        Path(__file__).resolve().parent.parent / "instance", readers.folder, "folder of the site's own files"
    )
    host: str = _option("127.0.0.1", readers.own_address, "address the server listens on")
    port: int = _option(8000, readers.Whole(1, 65535), "port the server listens on")
    site_url: str = _option("", readers.site_url, "address readers use; empty: http://<host>:<port>")
    site_name: str = _option("纸上", readers.line, "name of the site")
    site_description: str = _option("", readers.line_or_nothing, "what the site is, in one line, under its title")
    default_language: str = _option(
        "zh", readers.OneOf("zh", "en"), "language of pages where the reader asks for none we have"
    )
    timezone: ZoneInfo = _option(ZoneInfo("Asia/Shanghai"), readers.timezone, "time zone of the moments shown")
    registration: str = _option("open", readers.OneOf("open", "closed"), "whether readers may register")
    comments_hold: str = _option(
        "suspicious",
        readers.OneOf("suspicious", "first", "all"),
        "which replies wait for a moderator: suspicious, each writer's first, all",
    )
    comments_per_minute: int = _option(5, readers.Whole(1, 100_000), "replies an address block may post in a minute")
    comments_per_10_minutes: int = _option(
        20, readers.Whole(1, 1_000_000), "replies an address block may post in ten minutes"
    )
    comments_flood_per_minute: int = _option(
        60, readers.Whole(1, 1_000_000), "replies a minute on the whole site from which on guests answer a captcha"
    )
    removals_public: bool = _option(
        False, readers.switch, "1: /removals tells everyone which replies were removed, and why"
    )
    comments_origin_days: int = _option(
        90,
        readers.Whole(1, 36_500),
        "days after which it is erased where a reply came from (address block, browser's mark)",
    )
    comments_held_days: int = _option(
        90, readers.Whole(30, 36_500), "days after which replies are erased that were held and never public"
    )
    pictures_bytes_max: int = _option(
        10_000_000, readers.Whole(10_000, 100_000_000), "largest file of a picture an author may upload, in bytes"
    )
    pictures_bytes_per_author: int = _option(
        500_000_000, readers.Whole(0, 999_999_999), "what the stored pictures of one author may take together, in bytes"
    )
    login_failures_per_5_minutes: int = _option(
        10, readers.Whole(1, 100_000), "failed log-ins for one account from one address block in five minutes"
    )
    resets_per_hour: int = _option(3, readers.Whole(1, 10_000), "reset letters to one address in an hour")
    password_length_min: int = _option(10, readers.Whole(8, 64), "shortest password, in characters")
    moderator_password_length_min: int = _option(
        15, readers.Whole(8, 64), "shortest password of moderators and administrators, in characters"
    )
    moderators_need_second_factor: bool = _option(
        False, readers.switch, "1: moderators have no rights before a second factor"
    )
    security_contact: str = _option(
        "", readers.contact, "contact in security.txt: an e-mail address or a web address; empty: MAIL_FROM"
    )
    database_uri: str = _option(
        "", readers.database_uri, "postgresql://… address; empty: SQLite in the instance folder"
    )
    mail_server: str = _option(
        "", readers.text, "name of the SMTP server; empty: letters are files in the instance folder's outbox"
    )
    mail_port: int = _option(587, readers.Whole(1, 65535), "port of the SMTP server")
    mail_username: str = _option("", readers.text, "user name at the SMTP server")
    mail_password: str = _option("", str, "password at the SMTP server")
    mail_security: str = _option(
        "starttls", readers.OneOf("none", "starttls", "tls"), "how the connection to the SMTP server is secured"
    )
    mail_from: str = _option("", readers.address, "sender of letters; empty: zhishang@<host of the site address>")
    trusted_proxies: tuple[readers.Network, ...] = _option(
        (), readers.networks, "proxies whose X-Forwarded-For and -Proto are believed"
    )
    demo: bool = _option(True, readers.switch, "1: an empty site gets demonstration articles")
    workers: int = _option(os.cpu_count() or 1, readers.Whole(1, 256), "server processes")
    jobs_in_server: bool = _option(
        True, readers.switch, "1: the server also sends the letters; 0: `flask jobs work` does"
    )
    threads: int = _option(32, readers.Whole(1, 1024), "threads in each server process")
    given: frozenset[str] = frozenset()  # the names of those that the file or the environment sets

    @property
    def address(self) -> str:
        """The site's address without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.site_url or f"http://{host}" + (
            "" if self.port == readers.DEFAULT_PORTS["http"] else f":{self.port}"
        )

    @property
    def is_https(self) -> bool:
        return self.address.startswith("https://")

    @property
    def is_loopback(self) -> bool:
        name = urlsplit(self.address).hostname or ""
        return name in ("127.0.0.1", "localhost", "::1")

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names the site answers to, IPv6 ones in brackets."""
        name = urlsplit(self.address).hostname or ""
        return LOOPBACK if self.is_loopback else (f"[{name}]" if ":" in name else name,)

    @property
    def sender(self) -> str:
        name = urlsplit(self.address).hostname or "localhost"
        return self.mail_from or f"zhishang@{name}"

    @property
    def contact(self) -> str:
        return self.security_contact or self.sender

    @property
    def database_address(self) -> str:
        return self.database_uri or f"sqlite:///{self.instance / 'site.db'}"

    @property
    def limits_path(self) -> Path:
        return self.instance / "limits.db"

    @property
    def uploads(self) -> Path:
        return self.instance / "uploads"

    @property
    def outbox(self) -> Path:
        return self.instance / "outbox"


OPTIONS = {option.name: option for option in fields(Settings) if "read" in option.metadata}


def settings() -> Settings:
    """Return the settings of the running site, with what was chosen in the browser (`core/site_settings.py`)."""
    chosen, laid_over = current_app.config["ZHISHANG"], current_app.extensions.get("site_settings")
    return cast(Settings, laid_over(chosen) if laid_over else chosen)


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of the site whose folder `environ` names. Raises WrongSetting."""
    instance = readers.folder(environ.get(PREFIX + "INSTANCE") or str(Settings.instance))
    given = _in_file(instance / "config.py") | _in_environment(environ) | {"instance": str(instance)}
    values = {}
    for name, option in OPTIONS.items():
        if name in given:
            values[name] = _read(name, option.metadata["read"], given[name])
    return Settings(**values, given=frozenset(given))


def _read(name: str, read: Callable[[str], Any], value: object) -> Any:
    try:
        return read(str(int(value) if isinstance(value, bool) else value))
    except ValueError as problem:
        shown = "" if "password" in name or "uri" in name else f", not {str(value)[:60]!r}"
        raise WrongSetting(f"{PREFIX}{name.upper()} takes {problem}{shown}") from None


def _in_file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    namespace: dict[str, object] = {}
    try:
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)  # noqa: S102  (the owner's own file)
    except Exception as problem:
        raise WrongSetting(f"{path.name} in the instance folder cannot be read: {problem}") from None
    return _known({name: value for name, value in namespace.items() if name.isupper()}, where="instance/config.py")


def _in_environment(environ: Mapping[str, str]) -> dict[str, object]:
    return _known(
        {name.removeprefix(PREFIX): value for name, value in environ.items() if name.startswith(PREFIX)},
        where="the environment",
    )


def _known(given: Mapping[str, object], where: str) -> dict[str, object]:
    for name in given:
        if name.lower() not in OPTIONS:
            raise WrongSetting(f"{PREFIX}{name} in {where} is no setting of this site")
    return {name.lower(): value for name, value in given.items()}
