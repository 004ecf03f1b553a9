"""The log: one line a thing, nothing of a stranger's able to forge a second line or colour a terminal."""

import logging
import re
import sys
import unicodedata

_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@(?=[\w-])")  # no log needs to know whose


class OneLine(logging.Formatter):
    """Writes controls, line separators and bidi marks as escapes, e-mail addresses without the name; indents a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).split("\n") if record.exc_info else [super().format(record)]
        return "\n    ".join(_ADDRESS.sub("…@", escaped(line)) for line in lines)


def escaped(text: str) -> str:
    """Return the text with everything invisible written as an escape."""
    return "".join(
        f"\\u{ord(one):04x}" if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") else one for one in text
    )


def open_log() -> None:
    """Write the log of this process to standard error, which the owner's supervisor keeps. Failing to write never fails a request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False
    for noisy in ("alembic", "_granian", "granian"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
