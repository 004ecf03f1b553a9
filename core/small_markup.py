"""What the small Markdown of replies leaves as it was typed, and which words in it become links.

A line break is a line break, spaces before a line stay, a list begins with a sign and a text behind it (`1986. 那年` and
`* * *` are text), a link leads to an address with a scheme of its own, and `![…](…)` is no picture.
"""

import re
from collections.abc import Mapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block.list import list_block
from markdown_it.rules_block.paragraph import paragraph
from markdown_it.rules_block.state_block import StateBlock
from markdown_it.rules_inline.link import link
from markdown_it.rules_inline.state_inline import StateInline
from markdown_it.token import Token

_BEGINS_A_LIST = re.compile(r"(?:[-+*]|1[.)])[ \t]+\S")
_ONLY_MARKS = re.compile(r"(?:[-+*][ \t]*)+")
_FULL_ADDRESS = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


def keep_as_typed(parser: MarkdownIt) -> MarkdownIt:
    """Give a parser of the `zero` kind the rules of replies and return it."""
    parser.block.ruler.at("list", _list, {"alt": ["paragraph", "blockquote"]})
    parser.block.ruler.at("paragraph", _paragraph)
    parser.inline.ruler.at("newline", _line_break)
    parser.inline.ruler.at("link", _link)
    parser.validateLink = lambda address: _FULL_ADDRESS.match(address) is not None  # type: ignore[assignment]
    parser.add_render_rule("hardbreak", lambda *_anything: "<br>")
    parser.core.ruler.push("links_on_words", _link_words)
    return parser


def _list(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    ends_an_item = silent and state.sCount[first] < state.blkIndent
    words = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]]
    if not ends_an_item and (not _BEGINS_A_LIST.match(words) or _ONLY_MARKS.fullmatch(words)):
        return False
    return list_block(state, first, last, silent)


def _paragraph(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """The library's rule, but the spaces a line begins with stay."""
    found = paragraph(state, first, last, silent)
    state.tokens[-2].content = state.getLines(first, state.line, state.blkIndent, False).rstrip(" \t\n")
    return found


def _line_break(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "\n":
        return False
    if not silent:
        state.push("hardbreak", "br", 0)
    state.pos += 1
    return True


def _link(state: StateInline, silent: bool) -> bool:
    return state.src[max(state.pos - 1, 0)] != "!" and link(state, silent)


def _link_words(state: Any) -> None:
    """Make links of the words that `env["links"]` names: words → address. Not inside a link, and not in code."""
    links: Mapping[str, str] = state.env.get("links", {})
    if links:
        longest_first = sorted(links, key=len, reverse=True)
        wanted = re.compile(rf"(?<!\d)({'|'.join(map(re.escape, longest_first))})(?!\d)")
        for token in state.tokens:
            if token.type == "inline":
                token.children = _linked(token.children or [], wanted, links)


def _linked(children: list[Token], wanted: re.Pattern[str], links: Mapping[str, str]) -> list[Token]:
    made: list[Token] = []
    inside = 0
    for token in children:
        inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "text" or inside:
            made.append(token)
            continue
        for place, words in enumerate(wanted.split(token.content)):
            text = Token("text", "", 0, content=words)
            if place % 2:
                made.append(Token("link_open", "a", 1, attrs={"href": links[words]}))
                made += [text, Token("link_close", "a", -1)]
            elif words:
                made.append(text)
    return made
