"""The log: a stranger's text forges no line and colours no terminal."""

import logging
import sys

import pytest

from core.logs import OneLine, escaped


def logged(message, *values, exc_info=None):
    record = logging.LogRecord("zhishang", logging.WARNING, __file__, 1, message, values, exc_info)
    return OneLine("%(levelname)s %(name)s %(message)s").format(record)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\nERROR forged", "a\\u000aERROR forged"),
        ("a\r\nb", "a\\u000d\\u000ab"),
        ("\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"),
        ("\x9b31m", "\\u009b31m"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\x00\x07\x08\x7f", "\\u0000\\u0007\\u0008\\u007f"),
        ("\ud800", "\\ud800"),
        ("山中客 Müller 🐱", "山中客 Müller 🐱"),
    ],
)
def test_what_cannot_be_seen_is_written_as_an_escape(text, written):
    assert escaped(text) == written
    assert logged("failed log-in of %s", text) == f"WARNING zhishang failed log-in of {written}"


def test_a_traceback_keeps_its_lines_indented_and_nothing_in_it_begins_one():
    try:
        raise ValueError("first\nERROR zhishang forged\x1b[2J")
    except ValueError:
        text = logged("fault at %s", "/a\nb", exc_info=sys.exc_info())

    lines = text.split("\n")
    assert len(lines) > 3
    assert all(line.startswith("    ") for line in lines[1:])
    assert "\x1b" not in text
