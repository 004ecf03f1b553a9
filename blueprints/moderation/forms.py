"""The forms of the moderation desk."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from wtforms import BooleanField, HiddenField, SelectField, StringField

from blueprints.comments.flagging import reason_words
from blueprints.comments.models import FlagReason
from blueprints.comments.screening_models import WordRule
from blueprints.moderation.models import Decision, Seen
from blueprints.moderation.queue_queries import STATES, Wanted
from blueprints.moderation.reading import seen_from
from blueprints.moderation.words import act_names
from core import clock
from core.database import LARGEST_ID
from core.forms import PLAIN, Between, Filled, Form, Visible, line, row_id
from core.i18n import _, _l, pgettext
from core.security import address_block
from core.text import excerpt

PICKS_MAX = 50
WORD_MAX = 100


def state_names() -> dict[str, str]:
    """Return the name of each list of the desk."""
    return {
        "waiting": _("待审"),
        "edits": _("改动"),
        "reported": pgettext("list", "举报"),
        "appealed": _("申诉"),
        "published": _("公开的"),
        "rejected": _("未通过"),
        "spam": _("垃圾"),
        "removed": _("已移除"),
    }


def reasons() -> dict[str, str]:
    """Return the reasons to choose from."""
    return {"": _("不说理由")} | {one.value: reason_words(one) for one in FlagReason if one is not FlagReason.OTHER}


class _Asked(Form):
    """What a list is narrowed to. It is sent by GET and changes nothing, so it needs no guard."""

    class Meta(Form.Meta):
        csrf = False


class FilterForm(_Asked):
    """What the queue is narrowed to."""

    which = SelectField(_l("哪些"), choices=state_names)
    q = StringField(_l("含有的字"), render_kw=PLAIN | {"type": "search", "autocomplete": "off"})
    article = StringField(_l("文章地址里的名字"), render_kw=PLAIN | {"autocomplete": "off"})
    block = StringField(_l("网络地址"), render_kw=PLAIN | {"autocomplete": "off"})
    age = SelectField(
        _l("多久以前"),
        choices=lambda: {"": _("不限"), "day": _("一天以内"), "week": _("一周以内"), "older": _("一周以前")},
    )


class LogForm(_Asked):
    """What the log is narrowed to."""

    person = SelectField(_l("谁"))
    act = SelectField(_l("做了什么"), choices=lambda: {"": _("什么都算")} | act_names())


def wanted_from(asked):
    """Return what the queue is narrowed to by these parameters; what is none of ours counts as nothing."""
    which = asked.get("which", "")
    block = excerpt(asked.get("block", ""), 64)
    return Wanted(
        which=which if which in STATES else "waiting",
        article=excerpt(asked.get("article", ""), 200),
        word=excerpt(asked.get("q", ""), WORD_MAX),
        block=block if "/" in block or not block else address_block(block),
        age=asked.get("age", "") if asked.get("age") in ("day", "week", "older") else "",
        start=row_id(asked.get("from")),
    )


def query_of(wanted):
    """Return the parameters that name a list again."""
    which = "" if wanted.which == "waiting" else wanted.which
    named = {"which": which, "q": wanted.word, "article": wanted.article, "block": wanted.block, "age": wanted.age}
    return {name: value for name, value in named.items() if value}


class _Reasoned(Form):
    """Why something is removed: one of a few reasons, and words of one's own."""

    kind = SelectField(_l("理由"), choices=reasons, default="")
    reason = StringField(
        _l("补充的话"),
        [Between(0, Decision.REASON_MAX - 40), Visible(is_name=False)],
        filters=[line],
        description=_l("写它的人看得到；公开过的，读者也看得到。"),
        render_kw={"autocomplete": "off"},
    )

    @property
    def why(self):
        """The reason in one line, empty where none is given."""
        kind = reasons().get(self.kind.data or "", "") if self.kind.data else ""
        return _("：").join(part for part in (kind, self.reason.data) if part)


class DecideForm(_Reasoned):
    """What is decided about one text. `text` and `seen` say what was looked at, `back` which list it stood in."""

    act = HiddenField()
    text = HiddenField()
    seen = HiddenField()
    back = HiddenField()
    days = SelectField(
        _l("暂停多久"),
        choices=lambda: {"1": _("1 天"), "7": _("7 天"), "30": _("30 天"), "": _("直到解除")},
        default="7",
    )
    with_network = BooleanField(_l("同一网络的访客也暂停（最多 7 天）"))
    and_spam = BooleanField(_l("这条也标为垃圾"))

    @property
    def seen_text(self) -> Seen | None:
        return seen_from(self.text.data or "", self.seen.data or "")

    @property
    def until(self):
        """The moment a pause ends, None when somebody has to end it."""
        return clock.now() + timedelta(days=int(self.days.data)) if self.days.data else None


class UndoForm(Form):
    """One button that undoes; `back` says which list it stood in, `log` for the log."""

    back = HiddenField()


class SelectedForm(_Reasoned):
    """What is decided about several; each `pick` is 12.2:pending, each `family` 77:12, its newest id."""

    act = HiddenField()
    back = HiddenField()


class WordForm(Form):
    """A word or phrase of the owner's."""

    words = StringField(
        _l("词语"),
        [Filled(_l("请写一个词或一句话。")), Between(1, WordRule.WORDS_MAX), Visible(is_name=False)],
        filters=[line],
        description=_l("在名字、邮箱和内容里找；全角半角、大小写、中间的空格都不影响。"),
        render_kw=PLAIN | {"autocomplete": "off"},
    )
    refuses = BooleanField(_l("直接拒收（不打勾：先经人工查看）"))
    act = HiddenField()


class DropForm(Form):
    """One button that drops a word; `words` says which one stood on the page."""

    words = HiddenField()


def picks_from(values):
    """Return what was picked, as what was looked at, each once and at most 50."""
    seen = (seen_from(*one.split(":", 1)) for one in values[:PICKS_MAX] if ":" in one)
    return list(dict.fromkeys(one for one in seen if one is not None))


def families_from(values):
    """Return the families that were picked, each with the newest id that was seen."""
    found = (re.fullmatch(r"(-?[0-9]{1,19}):([0-9]{1,10})", one) for one in values[:PICKS_MAX])
    return [
        (int(one[1]), int(one[2])) for one in found if one and abs(int(one[1])) < 2**63 and int(one[2]) <= LARGEST_ID
    ]


def back_to(form):
    """Return the parameters of the list somebody came from; only ours, whatever was sent."""
    return query_of(wanted_from(dict(parse_qsl(form.back.data or ""))))


def encoded(wanted):
    """Return the parameters of a list as one text, for a hidden field."""
    return urlencode(query_of(wanted))
