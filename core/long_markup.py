"""What long texts have beside plain Markdown: headings with addresses, readings over characters, quotations with their
source, and tables whose cells say what they belong to.
"""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_inline.state_inline import StateInline
from markdown_it.token import Token

from core.picture_markup import words
from core.text import normalized

HEADING_ID = re.compile(r"h-[\w-]{1,60}")
_ID_MAX = 40
_SEPARATORS = re.compile(r"[\W_]+")
_RUBY = re.compile(r"\{([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]{1,30})\|([^{}|\n]{1,120})\}")
_DASHES = re.compile(r"(?:[—―]{1,2}|⸺)\s*")
_ALIGNED = re.compile(r"text-align:(left|center|right)")


def with_long_markup(parser: MarkdownIt) -> MarkdownIt:
    """Give a parser the rules of long texts and return it."""
    parser.inline.ruler.before("escape", "ruby", _ruby)
    parser.add_render_rule("ruby", _render_ruby)
    for name, rule in (("headings", _set_headings), ("sources", _set_sources), ("cells", _set_cells)):
        parser.core.ruler.push(name, rule)
    return parser


def _set_headings(state: Any) -> None:
    """The title is the h1; each heading below it has an address made of its words."""
    given: dict[str, int] = {}
    for place, token in enumerate(state.tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = {"h1": "h2", "h2": "h2", "h3": "h3"}.get(token.tag, "h4")
        if token.type == "heading_open":
            token.attrSet("id", _untaken(_address(words(state.tokens[place + 1].children or ())), given))


def _address(heading: str) -> str:
    plain = _SEPARATORS.sub("-", normalized("NFC", heading).lower()).strip("-")
    return f"h-{plain[:_ID_MAX].strip('-') or 'x'}"


def _untaken(name: str, given: dict[str, int]) -> str:
    while name in given:
        given[name] += 1
        name = f"{name}-{given[name]}"
    given[name] = 1
    return name


def _ruby(state: StateInline, silent: bool) -> bool:
    """`{汉字|hàn zì}`: a reading over each character where there are as many, else one over them all."""
    found = _RUBY.match(state.src, state.pos, state.posMax) if state.src[state.pos] == "{" else None
    if found is None or not found[2].strip():
        return False
    if not silent:
        state.push("ruby", "", 0).content = found[1]
        state.tokens[-1].meta = {"reading": found[2].strip()}
    state.pos = found.end()
    return True


def _render_ruby(_self: Any, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
    base, reading = tokens[place].content, tokens[place].meta["reading"]
    single = reading.split()
    pairs = list(zip(base, single, strict=True)) if len(single) == len(base) else [(base, reading)]
    parts = (f"{over}<rp>（</rp><rt>{escapeHtml(read)}</rt><rp>）</rp>" for over, read in pairs)
    return f"<ruby>{''.join(parts)}</ruby>"


def _set_sources(state: Any) -> None:
    """A quotation's last line that begins with a dash says where it is from."""
    made: list[Token] = []
    for token in state.tokens:
        if token.type == "blockquote_close" and made[-1].type == "paragraph_close" and not made[-1].hidden:
            made[-3:] = _with_source(made[-3:], is_alone=made[-4].type == "blockquote_open")
        made.append(token)
    state.tokens = made


def _with_source(paragraph: list[Token], *, is_alone: bool) -> list[Token]:
    opening, inline, closing = paragraph
    children = inline.children or []
    breaks = [place for place, one in enumerate(children) if one.type in ("softbreak", "hardbreak") and one.level == 0]
    begin = breaks[-1] + 1 if breaks else 0
    first = children[begin] if begin < len(children) else None
    dashes = _DASHES.match(first.content) if first is not None and first.type == "text" else None
    if first is None or dashes is None or (is_alone and not breaks):
        return paragraph
    if dashes.end() == len(first.content) and begin + 1 == len(children):
        return paragraph
    source = [_text(dashes[0]), _cite(1), _text(first.content[dashes.end() :]), *children[begin + 1 :], _cite(-1)]
    footer = [
        Token("footer_open", "footer", 1),
        Token("inline", "", 0, children=source, content=""),
        Token("footer_close", "footer", -1, block=True),
    ]
    inline.children = children[: breaks[-1]] if breaks else []
    return [opening, inline, closing, *footer] if breaks else footer


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _cite(nesting: Any) -> Token:
    return Token("cite_open" if nesting > 0 else "cite_close", "cite", nesting)


def _set_cells(state: Any) -> None:
    """No styles stand in a text: a cell says by an attribute how it is aligned, which feed readers know, too."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open"):
            aligned = _ALIGNED.fullmatch(str(token.attrs.pop("style", "")))
            if token.type == "th_open":
                token.attrSet("scope", "col")
            if aligned:
                token.attrSet("align", aligned[1])
