"""Markdown to HTML that is safe to print. Nothing else in the project marks text as safe."""

import functools
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline.linkify import linkify
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token
from markupsafe import Markup

from core.folding import with_fold
from core.long_markup import HEADING_ID, with_long_markup
from core.note_markup import NoteWords, with_notes
from core.picture_markup import ADDRESS, Sizes, pictures_in, with_pictures
from core.small_markup import keep_as_typed

_CJK = re.compile(
    r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u2018-\u201d\u2014\u2026\U00020000-\U0003ffff]"
)
_AFTER_LINK = re.compile(
    r"[\s\ufdd0\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u2018-\u201d\u2026\u2014]"
)
_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)

LINK_MAX = 2000  # characters of an address typed as text; finding the end of a longer one takes too long
_KEPT_SPACE = "\ufdd0"
_COMMENT_TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "pre", "code"}
_ARTICLE_TAGS = _COMMENT_TAGS | {"h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td"}
_ARTICLE_TAGS |= {"figure", "figcaption", "img", "ruby", "rp", "rt", "sup", "section", "footer", "cite"}
_SCHEMES = {"http", "https", "mailto"}
_ONE_OF = {
    "a": {"role": {"doc-noteref", "doc-backlink"}},
    "img": {"decoding": {"async"}, "loading": {"lazy"}},
    "section": {"role": {"doc-endnotes"}},
    "td": {"align": {"left", "center", "right"}},
    "th": {"align": {"left", "center", "right"}, "scope": {"col"}},
}
_OWN = {
    "class": re.compile(r"language-[\w.+#-]{1,40}"),
    "id": re.compile(rf"note-\d+(?:-mark(?:-\d+)?)?|{HEADING_ID.pattern}"),
    "src": ADDRESS,
    "srcset": re.compile(rf"{ADDRESS.pattern} \d+w(, {ADDRESS.pattern} \d+w)*"),
    "sizes": re.compile(r"[\w(): .,-]+"),
}
_REACHABLE = {"pre": {"tabindex": "0"}, "table": {"tabindex": "0"}}  # what scrolls in itself is reached by keyboard


def stored(html: str) -> Markup:
    """Mark HTML that this module rendered, and that was stored since, as safe to print."""
    return Markup(html)  # noqa: S704


def render_article(
    source: str, pictures: Mapping[str, Sizes] | None = None, note_words: NoteWords | None = None
) -> str:
    """Return the HTML of an article's Markdown (CommonMark with what docs/writing.md says; HTML in it is text).

    `pictures` are those of our own that the text may show, by name; what is none of them is shown as its words.
    """
    env = {"pictures": pictures or {}, "words": note_words or NoteWords()}
    return _rendered(_article_parser(), _article_cleaner(), source, env)


def render_comment(source: str, links: Mapping[str, str] | None = None) -> str:
    """Return the HTML of a reply: paragraphs and line breaks as typed, emphasis, links, lists, quotes and fenced code.

    `links` are words that become links, with their addresses. A long text holds the mark of its fold (`core/folding.py`).
    """
    return with_fold(_rendered(_comment_parser(), _comment_cleaner(), source, {"links": links or {}}))


def _rendered(parser: MarkdownIt, cleaner: nh3.Cleaner, source: str, env: dict[str, Any]) -> str:
    """CommonMark trims the ideographic space, which Chinese writers indent with: it passes through as a noncharacter."""
    html = cleaner.clean(str(parser.render(source.replace("\u3000", _KEPT_SPACE), env)))
    return html.replace(_KEPT_SPACE, "\u3000").replace("%EF%B7%90", "%E3%80%80")


def first_unsupported(source: str) -> tuple[int, str] | None:
    """Return the line (from 1) and the kind of the first thing an article's Markdown cannot hold, None when all is well."""
    foreign = next((picture for picture in pictures_in(source) if not picture.name), None)
    return (foreign.line, "a picture that is not one of this site's") if foreign else None


class _CJKState(StateInline):
    """CommonMark's emphasis with CJK neighbours: beside them punctuation does not keep ** from opening or closing."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        scanned = super().scanDelims(start, canSplitWord)
        end = start + scanned.length
        before = self.src[start - 1] if start > 0 else " "
        after = self.src[end] if end < self.posMax else " "
        if canSplitWord and (_CJK.match(before) or _CJK.match(after)):
            return Scanned(not after.isspace(), not before.isspace(), scanned.length)
        return scanned


class _CJKInline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: MutableMapping[str, Any], tokens: list[Token]) -> list[Token]:
        state = _CJKState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _CJKLinks(LinkifyIt):  # type: ignore[misc]
    """Links typed as text end where Chinese punctuation begins: 见 https://example.org/a。下一句"""

    def match_at_start(self, text: str) -> Any:
        end = _AFTER_LINK.search(text, 0, LINK_MAX + 1)
        if end is None and len(text) > LINK_MAX:
            return None
        return super().match_at_start(text[: end.start()] if end else text)


def _link_here(state: StateInline, silent: bool) -> bool:
    """The library's rule searches all that is pending for a scheme, at every colon: it is asked only where a link is."""
    scheme = _SCHEME.search(state.pending[-6:]) if state.src.startswith("://", state.pos) else None
    is_link = scheme and state.md.linkify and state.md.linkify.match_at_start(state.src[state.pos - len(scheme[1]) :])
    return bool(is_link) and linkify(state, silent)


def _parser(preset: str, *rules: str) -> MarkdownIt:
    parser = MarkdownIt(preset, {"html": False, "linkify": True, "maxNesting": 20})
    parser.linkify = _CJKLinks()
    enabled = parser.get_active_rules()
    parser.inline = _CJKInline()
    parser.inline.ruler.at("linkify", _link_here)
    parser.inline.ruler.enableOnly(enabled["inline"])
    parser.inline.ruler2.enableOnly(enabled["inline2"])
    parser.enable(["linkify", *rules])
    parser.core.ruler.disable("linkify")  # it would go through each text a second time, for //addresses and mailto:
    return parser


@functools.cache
def _article_parser() -> MarkdownIt:
    parser = _parser("commonmark", "table").disable(["html_block", "html_inline"])
    return with_long_markup(with_pictures(with_notes(parser)))


@functools.cache
def _comment_parser() -> MarkdownIt:
    rules = ("newline", "escape", "backticks", "emphasis", "link", "autolink", "list", "blockquote", "fence")
    return keep_as_typed(_parser("zero", *rules))


@functools.cache
def _comment_cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_COMMENT_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        url_schemes=_SCHEMES,
        link_rel="nofollow ugc noopener",
        set_tag_attribute_values=_REACHABLE,
    )


@functools.cache
def _article_cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_ARTICLE_TAGS,
        attributes={
            "*": set(),
            "a": {"href", "title", "id", "aria-label"},
            "code": {"class"},
            **{tag: {"id"} for tag in ("h2", "h3", "h4", "li")},
            "img": {"src", "srcset", "sizes", "width", "height", "alt"},
            "ol": {"start"},
            "section": {"aria-label"},
        },
        tag_attribute_values=_ONE_OF,
        attribute_filter=_own_attribute,
        url_schemes=_SCHEMES,
        link_rel="noopener",
        set_tag_attribute_values=_REACHABLE,
    )


def _own_attribute(_tag: str, name: str, value: str) -> str | None:
    """Keep what only we write to what we write."""
    pattern = _OWN.get(name)
    return value if pattern is None or pattern.fullmatch(value) else None
