"""What the page about the site shows of the Markdown of replies: typed, and as it comes out."""

from core.i18n import _
from core.markup import render_comment


def examples() -> list[tuple[str, str]]:
    """Return some words as they are typed into a reply, each with its HTML."""
    floor = _("同意 3楼。")
    typed = [
        _("*着重* 和 **加粗**"),
        _("[纸上](https://example.org)"),
        _("- 一张纸\n- 一支笔"),
        _("1. 先读\n2. 再写"),
        _("> 慢一点。\n\n我同意。"),
        _("按 `j` 读下一条"),
        _("```\n原样  的\n几行\n```"),
    ]
    rendered = [(words, render_comment(words)) for words in typed]
    return [*rendered, (floor, render_comment(floor, {"3楼": "#floors", "#3": "#floors"}))]
