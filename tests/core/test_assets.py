"""What readers are sent of the scripts."""

import gzip
import re

from core.assets import STATIC, script

MOST_BYTES = 6_500  # gzip, all there is; what readers need of it is under 6 kB, the rest is for the moderation desk


def test_the_script_is_sent_without_comments_and_is_small():
    sent = script().decode()

    assert not re.search(r"^\s*//|^[ \t]", sent, re.MULTILINE)
    assert sent.count("customElements.define(") == sum(
        path.read_text().count("customElements.define(") for path in (STATIC / "js").glob("*.js")
    )
    assert len(gzip.compress(script(), 9)) <= MOST_BYTES


def test_no_line_of_a_script_is_one_that_only_looks_like_a_comment():
    """Lines are taken out as they stand, so no text may run over several of them."""
    for path in (STATIC / "js").glob("*.js"):
        assert all(line.count("`") % 2 == 0 for line in path.read_text().split("\n")), path.name
