"""The forms of the desk of authors. What is saved is what was typed; what is wrong with it matters once it is published."""

from collections.abc import Mapping, Sequence

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)

from blueprints.articles.front_matter import BODY_MAX
from blueprints.articles.punctuation import FOUND_MAX
from blueprints.articles.working_copies import FIELDS, Text
from core.differences import Line, differences
from core.forms import PLAIN, Form, composed, line, paragraphs
from core.i18n import _, _l
from core.text import excerpt, first_unprintable

LINE_MAX = 2000  # characters of a field that are kept as they are; publishing asks for less
NEW = "1-0"
AUTOSAVE = "auto"


class Storable:
    """Refuses what cannot be stored, shows where it stands, and lets everything else be saved."""

    def __init__(self, most: int = LINE_MAX) -> None:
        self._most = most

    def __call__(self, form, field):
        place = first_unprintable(field.data or "")
        if place is not None:
            raise ValidationError(_where(field.data, place))
        if len(field.data or "") > self._most:
            over = len(field.data) - self._most
            raise ValidationError(_("最多 %(high)s 个字，现在超出 %(over)s 个。", high=self._most, over=over))


def _where(text, place):
    before, after = text[:place], text[place + 1 :]
    words = excerpt(before.rpartition("\n")[2][-10:], 10) + "□" + excerpt(after.partition("\n")[0][:10], 10)
    return _(
        "第 %(line)s 行“%(words)s”里的 □ 是看不见或认不出的字符（%(code)s），请删掉它。",
        line=before.count("\n") + 1,
        words=words,
        code=f"U+{ord(text[place]):04X}",
    )


def pasted(value):
    """Filter for a text of an author: what ends lines and pages in Word and PDF ends a line."""
    return paragraphs((value or "").translate(dict.fromkeys(map(ord, "\x0b\x0c\x85"), "\n")))


def _line(label, description="", filters=(line,), **keys):
    kept = {"autocomplete": "on"} | keys  # what was typed comes back with the Back button
    return StringField(label, [Storable()], filters=filters, description=description, render_kw=kept)


def _as_typed(value):
    """Filter for a line of words: NFC, no blanks around it; those in it stay, a wide one parts 论语　学而."""
    return " ".join(composed(value).splitlines()).strip()


class WriteForm(Form):
    """All of the editor. `mark` tells the text it began from; `key` is what a new draft is known by, and what lies on the device; `act` is the button."""

    title = _line(_l("标题"), filters=[_as_typed])
    summary = _line(_l("提要"), _l("一两句话，写在标题下面，也在列表和搜索里。"), filters=[_as_typed])
    body = TextAreaField(_l("正文"), [Storable(BODY_MAX)], filters=[pasted])
    tags = _line(_l("标签"), _l("用逗号分开，最多 12 个。"))
    slug = _line(_l("地址"), _l("小写字母、数字、连字符。空着就用日期。"), **PLAIN)
    lang = SelectField(_l("语言"), coerce=str, validate_choice=False)
    series = _line(_l("系列"), _l("同一个系列的文章互相连着。"), list="series-titles")
    series_slug = _line(_l("系列的地址"), _l("小写字母、数字、连字符。可以空着。"), **PLAIN)
    series_place = _line(_l("第几篇"), _l("空着就接在最后。"), inputmode="numeric")
    translation_of = _line(_l("译自"), _l("原文在这里的地址，例如 slow-reading。"), **PLAIN)
    canonical = _line(_l("首发地址"), _l("先在别处发表过，就写那里的地址。"), **PLAIN | {"inputmode": "url"})
    comments = RadioField(_l("回复"), coerce=str, validate_choice=False)
    close_days = _line(_l("开放几天"), inputmode="numeric")
    pinned = BooleanField(_l("置顶"))
    mark = HiddenField()
    key = HiddenField()
    act = StringField()

    kept_pinned = ""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.lang.choices = [("zh", _("中文")), ("en", _("英文"))]
        self.comments.choices = [("open", _("开放")), ("days", _("开放几天")), ("closed", _("关闭"))]

    @property
    def text(self):
        """All that was typed."""
        values = {name: self[name].data or "" for name in FIELDS if name != "pinned"}
        pinned = ("yes" if self.pinned.data else "") if "pinned" in self else self.kept_pinned
        return Text(values | {"pinned": pinned}, self.body.data or "")

    @property
    def is_autosave(self):
        return self.act.data == AUTOSAVE

    def too_old(self):
        return _("页面放得太久了。内容还在，请再按一次“保存”。")


def write_form(text: Text, mark: str, *, may_pin: bool, key: str = "") -> WriteForm:
    """Return the editor's form, filled with a text unless one was sent."""
    form = WriteForm(
        data={**text.values, "pinned": text["pinned"] == "yes", "body": text.body, "mark": mark, "key": key}
    )
    if not may_pin:
        del form.pinned
        form.kept_pinned = text["pinned"]
    return form


def changed_fields(before: Text, after: Text) -> Mapping[str, Sequence[Line]]:
    """Return what differs in the fields of the editor but for the text, by the field's label, in their order."""
    form = WriteForm(formdata=None)
    words = {"lang": dict(form.lang.choices), "comments": dict(form.comments.choices), "pinned": {"yes": _("是")}}

    def said(name: str, typed: str) -> str:
        return str(words.get(name, {}).get(typed, typed))

    changed = [name for name in FIELDS if before[name] != after[name]]
    return {form[name].label.text: differences(said(name, before[name]), said(name, after[name])) for name in changed}


class PublishForm(Form):
    """Publish what was looked at, now or at a time; `offered` is the time that stood there."""

    when = RadioField(_l("什么时候"), coerce=str, validate_choice=False, default="now")
    at = StringField(_l("日期和时间"), filters=[line], render_kw=PLAIN | {"autocomplete": "off"})
    offered = HiddenField()
    mark = HiddenField()

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.when.choices = [("now", _("现在")), ("later", _("到时候自己发表"))]

    def validate_at(self, field):
        if self.when.data != "later" and field.data not in ("", self.offered.data or ""):
            raise ValidationError(_("写了时间，选的却是“现在”。选“到时候自己发表”，或者把时间空着。"))


def publish_form(mark: str, scheduled: str, offered: str) -> PublishForm:
    """Return the form: for what is scheduled with its own time, else with the time that is offered."""
    at = scheduled or offered
    return PublishForm(data={"mark": mark, "at": at, "offered": at, "when": "later" if scheduled else "now"})


class MarksForm(Form):
    """Which of the changes of punctuation are made."""

    change = SelectMultipleField(validate_choice=False, coerce=str)
    mark = HiddenField()

    @property
    def chosen(self):
        numbers = (self.change.data or [])[:FOUND_MAX]
        return {int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) < 5}

    def validate_change(self, field):
        if not self.chosen:
            raise ValidationError(_("一处也没有选。"))


class ActForm(Form):
    """One button; `mark` tells the text that was seen."""

    mark = HiddenField()
