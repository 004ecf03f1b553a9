"""Footnotes: `[^1]` in the text, `[^1]: …` anywhere; numbered as they are referred to, linked there and back.

The markup is read by mdit-py-plugins; what is printed is ours, with the roles of DPUB-ARIA and words in the text's language.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_inline.state_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref

WAYS_BACK_MAX = 20  # places in the text that one note leads back to
_MARK = re.compile(r"\[\^[^\]\s]{1,60}\]")


class NoteWords(NamedTuple):
    """What is said about notes in the text's language; {} is the number."""

    notes: str = "注释"
    mark: str = "注 {}"
    back: str = "回到正文中的注 {}"


def with_notes(parser: MarkdownIt) -> MarkdownIt:
    """Give a parser the rules of footnotes and return it. `env["words"]` are the words about them."""
    footnote_plugin(parser, inline=False)
    parser.inline.ruler.at("footnote_ref", _mark)
    parser.core.ruler.after("footnote_tail", "ways_back", _limit_ways_back)
    for name, render in (
        ("footnote_ref", _render_mark),
        ("footnote_block_open", _render_notes),
        ("footnote_open", _render_note),
        ("footnote_anchor", _render_way_back),
    ):
        parser.add_render_rule(name, render)
    return parser


def _mark(state: StateInline, silent: bool) -> bool:
    """The library's rule looks for the end of each mark to the end of the text: it is asked only where a mark is."""
    return _MARK.match(state.src, state.pos, state.posMax) is not None and footnote_ref(state, silent)


def _limit_ways_back(state: Any) -> None:
    state.tokens = [
        token for token in state.tokens if token.type != "footnote_anchor" or token.meta["subId"] < WAYS_BACK_MAX
    ]


def _place(token: Token) -> tuple[int, str]:
    """Return the note's number, and the id of this place in the text."""
    number, turn = token.meta["id"] + 1, token.meta.get("subId", 0) + 1
    return number, f"note-{number}-mark" + (f"-{turn}" if turn > 1 else "")


def _render_mark(_self: Any, tokens: Sequence[Token], place: int, _options: Any, env: Any) -> str:
    number, name = _place(tokens[place])
    own = f' id="{name}"' if tokens[place].meta["subId"] < WAYS_BACK_MAX else ""
    label = escapeHtml(env["words"].mark.format(number))
    return f'<sup><a href="#note-{number}"{own} role="doc-noteref" aria-label="{label}">{number}</a></sup>'


def _render_notes(_self: Any, _tokens: Sequence[Token], _place: int, _options: Any, env: Any) -> str:
    return f'<section role="doc-endnotes" aria-label="{escapeHtml(env["words"].notes)}">\n<ol>\n'


def _render_note(_self: Any, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
    return f'<li id="note-{tokens[place].meta["id"] + 1}">'


def _render_way_back(_self: Any, tokens: Sequence[Token], place: int, _options: Any, env: Any) -> str:
    number, name = _place(tokens[place])
    label = escapeHtml(env["words"].back.format(number))
    return f' <a href="#{name}" role="doc-backlink" aria-label="{label}">\u21a9\ufe0e</a>'
