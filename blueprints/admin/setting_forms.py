"""The forms of the site's settings and of its own pages."""

from wtforms import HiddenField, SelectField, StringField, TextAreaField, ValidationError

from blueprints.admin.models import SitePage
from blueprints.admin.settings import CHOICES, NAMES, brought_up_to_date
from core.config import OPTIONS
from core.forms import EMAIL_MAX, PLAIN, Between, Filled, Form, Visible, line, paragraphs, row_id
from core.i18n import _, _l
from core.setting_readers import Whole
from core.site_settings import newest_settings, read_text
from core.text import normalized

SITE_NAME_MAX, DESCRIPTION_MAX = 40, 120
PLACES = 8


class Understood:
    """Refuses what the setting's own reader refuses. An empty field is the default."""

    def __call__(self, form, field):
        try:
            if field.data:
                read_text(field.name, field.data)
        except ValueError:
            read = OPTIONS[field.name].metadata["read"]
            if isinstance(read, Whole):
                raise ValidationError(_("请写一个整数，%(low)s 到 %(high)s。", low=read.low, high=read.high)) from None
            raise ValidationError(_("请写一个邮箱地址，或者以 https:// 开头的网址。")) from None


def _number(value):
    """Filter for a number: full-width digits are digits."""
    return normalized("NFKC", value or "").strip()


def _words(name, most, description):
    checks = [Between(0, most), Visible(is_name=True), Understood()]
    return StringField(
        NAMES[name], checks, filters=[line], description=description, render_kw=PLAIN | {"autocomplete": "off"}
    )


def _count(name, description):
    keys = {"inputmode": "numeric", "autocomplete": "off"}
    return StringField(NAMES[name], [Understood()], filters=[_number], description=description, render_kw=keys)


def _choice(name, description=""):
    return SelectField(
        NAMES[name],
        choices=lambda: {text: str(words) for text, words in CHOICES[name].items()},
        description=description,
    )


class SettingsForm(Form):
    """The site's settings, each under its name. `seen` is the revision that was looked at."""

    seen = HiddenField(default="0")
    site_name = _words("site_name", SITE_NAME_MAX, _l("在每一页的左上角，也在每封信里。空着就用默认的。"))
    site_description = _words("site_description", DESCRIPTION_MAX, _l("在首页的标题下面，搜索引擎也会用。可以空着。"))
    default_language = _choice("default_language", _l("浏览器要的语言这里都没有时，用哪一种。"))
    security_contact = _words(
        "security_contact", EMAIL_MAX, _l("邮箱或网址，写在隐私页和停用通知里。空着就用寄信的邮箱。")
    )
    registration = _choice("registration", _l("不开放时，没有账号的人照样可以回复。"))
    comments_hold = _choice("comments_hold", _l("其余的马上公开。"))
    comments_per_minute = _count("comments_per_minute", _l("同一网络或同一账号。空着就用默认的。"))
    comments_per_10_minutes = _count("comments_per_10_minutes", _l("同一网络或同一账号。空着就用默认的。"))
    comments_flood_per_minute = _count(
        "comments_flood_per_minute",
        _l("全站合计。到了这么多，没有账号的人要先答一道验证码，谁也不会被拦下。空着就用默认的。"),
    )
    removals_public = _choice("removals_public", _l("哪些回复移除了、为什么，不带内容和名字。"))

    def without(self, names):
        """Return the form without the fields of these settings."""
        for name in names:
            del self[name]
        return self

    @property
    def typed(self):
        """The texts of the settings by name."""
        return {field.name: field.data for field in self if field.name in NAMES}

    @property
    def seen_revision(self):
        return row_id(self.seen.data) or 0

    def bring_up_to_date(self):
        """Show what counts now beside what was typed anew, to be saved with the next press."""
        for name, text in brought_up_to_date(self.typed, seen=self.seen_revision).items():
            self[name].data = text
        self.seen.data = newest_settings().revision


class UndoSettingsForm(Form):
    """One button that undoes a change; the page fills in which."""

    revision = HiddenField()


class NewPageForm(Form):
    """Where a new page of the site is to be found."""

    slug = StringField(
        _l("新页面的地址"),
        [Filled(_l("请写地址。"))],
        filters=[line],
        description=_l("小写字母、数字和连字符，例如 colophon。"),
        render_kw=PLAIN | {"autocomplete": "off"},
    )

    def validate_slug(self, field):
        if not SitePage.SLUG.fullmatch(field.data) or len(field.data) > SitePage.SLUG_MAX:
            raise ValidationError(_("只能有小写字母、数字和单个连字符，最多 %(high)s 个。", high=SitePage.SLUG_MAX))


class PageForm(Form):
    """The text of one of the site's own pages. `seen` is the revision that was looked at."""

    seen = HiddenField(default="0")
    title = StringField(
        _l("标题"),
        [Filled(_l("请写标题。")), Between(1, SitePage.TITLE_MAX), Visible(is_name=True)],
        filters=[line],
        render_kw={"autocomplete": "off"},
    )
    body = TextAreaField(
        _l("内容"),
        [Filled(_l("内容还是空的。")), Between(1, SitePage.BODY_MAX), Visible(is_name=False)],
        filters=[paragraphs],
        description=_l("Markdown，和文章一样。"),
    )
    place = SelectField(
        _l("在页脚的位置"),
        choices=lambda: {"": _("不放在页脚")} | {str(n): _("第 %(number)s 个", number=n) for n in range(1, PLACES + 1)},
        default="",
    )

    @property
    def seen_revision(self):
        return row_id(self.seen.data) or 0

    @property
    def place_number(self):
        """The place among the links at the foot, None for none."""
        return int(self.place.data) if "place" in self and self.place.data else None


class BringBackForm(Form):
    """One button that brings back an earlier text, or the built-in one (0). `seen` is the revision that was looked at."""

    seen = HiddenField()
    revision = HiddenField()

    @property
    def seen_revision(self):
        return row_id(self.seen.data) or 0

    @property
    def wanted_revision(self):
        """The text that is wanted, 0 for the built-in one, -1 for what can be none."""
        return 0 if self.revision.data == "0" else row_id(self.revision.data) or -1
