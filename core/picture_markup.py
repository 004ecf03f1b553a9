"""Pictures in an article: only our own, in all their widths; one that stands alone is a figure with its title below."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

FOLDER = "/pictures/"
ADDRESS = re.compile(r"/pictures/([0-9a-f]{32})-([0-9]{1,4})\.(webp)")
_SIZES = "(min-width: 48em) 41em, 100vw"  # the column is 34 characters of 19 pixels wide
_FITTING = 1000  # pixels: what an engine takes that knows no srcset


class Sizes(NamedTuple):
    """How large a picture is in pixels, and the widths there are files of, in ascending order."""

    width: int
    height: int
    widths: Sequence[int]


class Shown(NamedTuple):
    """A picture in a text: its line from 1, what is written for those who do not see it, and its name, "" where it is not ours."""

    line: int
    alt: str
    name: str


def picture_path(name: str, width: int, kind: str = "webp") -> str:
    """Return the address of a picture in one of its widths."""
    return f"{FOLDER}{name}-{width}.{kind}"


def pictures_in(source: str) -> Iterator[Shown]:
    """Yield the pictures of a Markdown text in their order."""
    for token in MarkdownIt("commonmark", {"html": False}).parse(source):
        for child in token.children or ():
            if child.type == "image":
                ours = ADDRESS.fullmatch(str(child.attrs.get("src", "")))
                yield Shown((token.map or [0])[0] + 1, words(child.children or ()), ours[1] if ours else "")


def words(children: Sequence[Token]) -> str:
    """Return the plain text of inline markup, without the marks of notes."""
    return "".join(
        words(child.children or ())
        if child.type == "image"
        else "\n"
        if child.type in ("softbreak", "hardbreak")
        else child.content
        for child in children
    )


def with_pictures(parser: MarkdownIt) -> MarkdownIt:
    """Give a parser the rules of pictures and return it. `env["pictures"]` are the sizes of those there are, by name."""
    parser.core.ruler.push("figures", _make_figures)
    parser.add_render_rule("image", _render_picture)
    return parser


def _make_figures(state: Any) -> None:
    """Make a figure of each picture of a paragraph that holds nothing else."""
    made: list[Token] = []
    for token in state.tokens:
        made.append(token)
        if token.type == "paragraph_close" and not token.hidden:
            pictures = [child for child in made[-2].children or () if child.type != "softbreak"]
            if pictures and all(_sizes(child, state.env) for child in pictures):
                made[-3:] = [part for picture in pictures for part in _figure(picture)]
    state.tokens = made


def _figure(picture: Token) -> list[Token]:
    caption = str(picture.attrs.pop("title", ""))
    parts = [_block("figure", 1), Token("inline", "", 0, children=[picture], content="")]
    if caption.strip():
        text = Token("inline", "", 0, children=[Token("text", "", 0, content=caption)], content=caption)
        parts += [_block("figcaption", 1), text, _block("figcaption", -1)]
    return [*parts, _block("figure", -1)]


def _block(tag: str, nesting: Any) -> Token:
    return Token(f"{tag}_{'open' if nesting > 0 else 'close'}", tag, nesting, block=tag == "figure" and nesting < 0)


def _sizes(token: Token, env: Any) -> tuple[str, Sizes] | None:
    ours = ADDRESS.fullmatch(str(token.attrs.get("src", ""))) if token.type == "image" else None
    pictures: Mapping[str, Sizes] = env["pictures"]
    return (ours[1], pictures[ours[1]]) if ours and ours[1] in pictures else None


def _render_picture(_self: Any, tokens: Sequence[Token], place: int, _options: Any, env: Any) -> str:
    """What is not ours, or not there, is its words."""
    alt, found = escapeHtml(words(tokens[place].children or ())), _sizes(tokens[place], env)
    if found is None:
        return alt
    name, (width, height, widths) = found
    fitting = next((one for one in widths if one >= _FITTING), widths[-1])
    several = ", ".join(f"{picture_path(name, one)} {one}w" for one in widths)
    source = f' srcset="{several}" sizes="{_SIZES}"' if len(widths) > 1 else ""
    is_first = env.setdefault("first_picture", tokens[place]) is tokens[place]
    later = "" if is_first else ' loading="lazy"'
    size = f'width="{width}" height="{height}"'
    return f'<img src="{picture_path(name, fitting)}"{source} {size} alt="{alt}" decoding="async"{later}>'
