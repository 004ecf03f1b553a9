"""The form by which authors put up pictures and say what is on them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blueprints.articles.models import Picture
from core.errors import DomainError
from core.forms import Form
from core.i18n import _
from core.picture_markup import picture_path
from core.text import has_invisible, length

WORDS_MAX = 300
_SIGN = re.compile(r"([\\\[\]*_`<>&{}|^\"!~])")


@dataclass
class Described:
    """A picture that is there, with what was typed for it: `alt` for those who do not see it, a caption for everyone."""

    picture: Picture
    alt: str = ""
    caption: str = ""
    error: str = ""

    @property
    def markdown(self) -> str:
        """What an author writes to show the picture."""
        address = picture_path(self.picture.name, self.picture.widths[-1], self.picture.kind)
        caption = f' "{_literal(self.caption)}"' if self.caption else ""
        return f"![{_literal(self.alt)}]({address}{caption})"


def _literal(words: str) -> str:
    return _SIGN.sub(r"\\\1", words)


class PictureForm(Form):
    """Files to keep, and words for what is kept. It says of each file that is refused why, by its name."""

    def __init__(self) -> None:
        super().__init__()
        self.described: list[Described] = []
        self._refused: list[str] = []

    def refuse(self, file_name: str, refusal: DomainError) -> None:
        self._refused.append(_("%(file)s：%(words)s", file=file_name[:60], words=refusal.message))

    def describe(self, pictures: Sequence[Picture], alts: Mapping[str, str], captions: Mapping[str, str]) -> None:
        """Lay what was typed beside the pictures it was typed for, by name; each of them has to have words."""
        for picture in pictures:
            alt, caption = (" ".join(typed.get(picture.name, "").split()) for typed in (alts, captions))
            one = Described(picture, alt, caption)
            one.error = _problem(one)
            self.described.append(one)

    def ask_for_words(self, pictures: Sequence[Picture]) -> None:
        """Show pictures nothing was typed for yet."""
        shown = {one.picture.name for one in self.described}
        self.described += [Described(picture) for picture in pictures if picture.name not in shown]

    @property
    def problems(self) -> list[tuple[str, str]]:
        refused = [("pictures", words) for words in self._refused]
        missing = [(f"alt-{one.picture.name}", one.error) for one in self.described if one.error]
        return [*super().problems, *refused, *missing]


def _problem(one: Described) -> str:
    if not one.alt:
        return str(_("给图片写一句说明。"))
    if max(length(one.alt), length(one.caption)) > WORDS_MAX:
        return str(_("说明和图注各最多 %(high)s 个字。", high=WORDS_MAX))
    if has_invisible(one.alt + one.caption):
        return str(_("里面有看不见或认不出的字符，请重新输入这一处。"))
    return ""
