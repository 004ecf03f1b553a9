"""What readers are sent of the scripts."""

import gzip
import re

import pytest

from core.assets import PARTS, STATIC, script

MOST_BYTES = {"site": 6 * 1024, "desk": 6 * 1024}  # gzip, all there is


@pytest.mark.parametrize("part", PARTS)
def test_a_script_is_sent_without_comments_and_is_small(part):
    sent = script(part).decode()

    assert not re.search(r"^\s*//|^[ \t]", sent, re.MULTILINE)
    assert sent.count("customElements.define(") == sum(
        path.read_text().count("customElements.define(") for path in (STATIC / "js" / PARTS[part]).glob("*.js")
    )
    assert len(gzip.compress(script(part), 9)) <= MOST_BYTES[part]


def test_no_line_of_a_script_is_one_that_only_looks_like_a_comment():
    """Lines are taken out as they stand, so no text may run over several of them."""
    for path in (STATIC / "js").rglob("*.js"):
        assert all(line.count("`") % 2 == 0 for line in path.read_text().split("\n")), path.name
