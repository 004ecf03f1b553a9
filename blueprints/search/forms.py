"""What is looked for, and what it is narrowed to."""

import re
import unicodedata
from datetime import datetime, timedelta

from wtforms import HiddenField, StringField, ValidationError
from wtforms.validators import StopValidation

from blueprints.search.finding import KINDS, Wanted
from blueprints.search.indexing import first_place
from blueprints.search.words import terms_of
from core.config import settings
from core.forms import PLAIN, Form
from core.i18n import _, _l
from core.text import normalized

TERM_MAX, WORDS_MAX = 200, 12
JOINERS = "\u200c\u200d"
SORTS = ("newest", "best")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?", re.ASCII)
_YEARS = range(1900, 2100)


def typed(value):
    """Filter for a line of any length: NFC, without what cannot be seen, but for what joins letters; blanks as one."""
    return " ".join("".join(_seen(one) for one in normalized("NFC", value or "")).split())


def _seen(character):
    if character.isprintable() or character in JOINERS:
        return character
    return "" if unicodedata.category(character) == "Cf" else " "


class ShortEnough:
    """Refuses what is too long to be looked for."""

    def __call__(self, form, field):
        if len(field.data) > TERM_MAX:
            over = len(field.data) - TERM_MAX
            raise StopValidation(_("最多 %(high)s 个字，现在超出 %(over)s 个。", high=TERM_MAX, over=over))


class FewWords:
    """Refuses more words, and runs of Chinese, than can be looked for at once; also between quotation marks."""

    def __call__(self, form, field):
        over = sum(len(term.runs) for term in terms_of(field.data)) - WORDS_MAX
        if over > 0:
            raise ValidationError(_("最多 %(high)s 个词，现在超出 %(over)s 个。", high=WORDS_MAX, over=over))


class ADate:
    """Refuses what names no day, month or year."""

    def __call__(self, form, field):
        if field.data and days_of(field.data) is None:
            raise ValidationError(_("请写年、月或日，比如 2015、2015-07 或 2015-07-12。"))


def days_of(text):
    """Return the first moment of a year, month or day in the site's time zone, and the first after it; None for no date."""
    found = _DATE.fullmatch(normalized("NFKC", text))
    if found is None or int(found[1]) not in _YEARS:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        begin = datetime(year, month or 1, day or 1, tzinfo=settings().timezone)
    except ValueError:
        return None
    if day:
        return begin, begin + timedelta(days=1)
    return begin, begin.replace(month=month + 1) if 0 < month < 12 else begin.replace(year=year + 1, month=1)


class SearchForm(Form):
    """What is looked for. It is sent by GET (`formdata` is the query) and changes nothing, so it needs no guard."""

    class Meta(Form.Meta):
        csrf = False

        def wrap_formdata(self, form, formdata):
            return formdata

    q = StringField(
        _l("要找的字词"),
        [ShortEnough(), FewWords()],
        filters=[typed],
        render_kw=PLAIN | {"type": "search", "autocomplete": "off", "enterkeyhint": "search"},
    )
    author = StringField(_l("作者"), [ShortEnough()], filters=[typed], render_kw=PLAIN | {"autocomplete": "off"})
    tag = StringField(_l("标签"), [ShortEnough()], filters=[typed], render_kw=PLAIN | {"autocomplete": "off"})
    since = StringField(_l("从"), [ADate()], filters=[typed], render_kw=PLAIN | {"autocomplete": "off"})
    until = StringField(_l("到"), [ADate()], filters=[typed], render_kw=PLAIN | {"autocomplete": "off"})
    kind = HiddenField(filters=[lambda value: value if value in KINDS else ""])
    sort = HiddenField(filters=[lambda value: value if value in SORTS else SORTS[0]])

    @property
    def status(self):
        return self.refusal.status if self.refusal else 422 if self.errors else 200

    @property
    def is_narrowed(self):
        return any(field.data for field in (self.author, self.tag, self.since, self.until))

    @property
    def wanted(self):
        """What the fields ask for; only of a form that is valid."""
        return Wanted(
            terms_of(self.q.data),
            kind=self.kind.data,
            author=self.author.data,
            tag=self.tag.data,
            since=first_place(days_of(self.since.data)[0]) if self.since.data else None,
            until=first_place(days_of(self.until.data)[1]) if self.until.data else None,
        )

    def address(self, **changed):
        """Return the parameters that ask for the same again, but for what is changed."""
        values = {field.name: field.data for field in self} | changed
        usual = values["sort"] == SORTS[0]
        return {name: value for name, value in values.items() if value and not (name == "sort" and usual)}
