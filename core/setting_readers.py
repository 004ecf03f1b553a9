"""What a setting's text means: each function here reads one kind, and raises ValueError with what it takes."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

DEFAULT_PORTS = {"http": 80, "https": 443}

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+", re.ASCII)
_HOST = re.compile(r"[a-z0-9._:-]+")

Network = IPv4Network | IPv6Network


def text(value: str) -> str:
    """Read any text."""
    return value.strip()


def address(value: str) -> str:
    """Read an e-mail address that SMTP can carry, or nothing."""
    if value.strip() and not _EMAIL.fullmatch(value.strip()):
        raise ValueError("an e-mail address such as site@example.org, in ASCII")
    return value.strip()


def contact(value: str) -> str:
    """Read an e-mail address, a web address, or nothing."""
    if value.strip() and not (
        _EMAIL.fullmatch(value.strip()) or re.fullmatch(r"(https://|mailto:)[!-~]+", value.strip())
    ):
        raise ValueError("an e-mail address, or a web address with https://")
    return value.strip()


@dataclass(frozen=True)
class Whole:
    """Reads a whole number within bounds."""

    low: int
    high: int

    def __call__(self, value: str) -> int:
        digits = value.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and self.low <= int(digits) <= self.high):
            raise ValueError(f"a whole number from {self.low} to {self.high}")
        return int(digits)


@dataclass(frozen=True, init=False)
class OneOf:
    """Reads one of a few words."""

    words: tuple[str, ...]

    def __init__(self, *words: str) -> None:
        object.__setattr__(self, "words", words)

    def __call__(self, value: str) -> str:
        if value.strip() not in self.words:
            raise ValueError("one of " + ", ".join(self.words))
        return value.strip()


def switch(value: str) -> bool:
    """Read 1 or 0."""
    return OneOf("0", "1")(value) == "1"


def line(value: str) -> str:
    """Read one line that is not empty."""
    if not value.strip() or "\n" in value.strip():
        raise ValueError("one line, not empty")
    return value.strip()


def line_or_nothing(value: str) -> str:
    """Read one line, or nothing."""
    return line(value) if value.strip() else ""


def own_address(value: str) -> str:
    """Read an IP address of this machine."""
    try:
        return str(ip_address("127.0.0.1" if value.strip() == "localhost" else value.strip()))
    except ValueError:
        raise ValueError("an IP address of this machine such as 127.0.0.1, 0.0.0.0 or ::1") from None


def site_url(value: str) -> str:
    """Return the address as browsers write an origin: small letters, no default port."""
    if not value.strip():
        return ""
    wrong = ValueError("an address such as https://example.org, without a path, a Chinese name as xn--…")
    try:
        parts = urlsplit(value.strip())
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    more = parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in DEFAULT_PORTS or not _HOST.fullmatch(name) or more:
        raise wrong
    host = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def database_uri(value: str) -> str:
    """Read the address of a PostgreSQL database, or nothing."""
    if value.strip() and not value.strip().startswith(("postgresql://", "postgresql+psycopg://")):
        raise ValueError("an address such as postgresql://user:password@host/name, or nothing")
    return value.strip()


def timezone(value: str) -> ZoneInfo:
    """Read the name of a time zone."""
    try:
        return ZoneInfo(value.strip())
    except (KeyError, ValueError, OSError):
        raise ValueError("a time zone's name such as Asia/Shanghai") from None


def networks(value: str) -> tuple[Network, ...]:
    """Read addresses and networks, separated by commas."""
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in value.split(",") if part.strip())
    except ValueError:
        raise ValueError("addresses or networks separated by commas, such as 10.0.0.1, 192.0.2.0/24") from None


def folder(value: str) -> Path:
    """Read the path of a folder."""
    return Path(value.strip()).expanduser().resolve()
