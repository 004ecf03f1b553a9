"""The forms of administrators."""

from datetime import timedelta

from wtforms import HiddenField, PasswordField, SelectField, StringField, ValidationError

from blueprints.auth.forms import NewPassword, new_password, username_field
from blueprints.auth.models import Role
from blueprints.auth.people import REASON_MAX, role_names
from core import clock
from core.forms import PLAIN, Between, Filled, Form, Visible, composed, email_field, line
from core.i18n import _, _l


class SearchForm(Form):
    """What the list of people is narrowed to. It is sent by GET and changes nothing, so it needs no guard."""

    class Meta(Form.Meta):
        csrf = False

    q = StringField(_l("名字或邮箱的开头"), render_kw=PLAIN | {"type": "search", "autocomplete": "off"})
    role = SelectField(_l("身份"), choices=lambda: {"": _("所有人")} | role_names())


class RoleForm(Form):
    """Another role. To make somebody an administrator asks for the password of whoever does it."""

    role = SelectField(_l("改为"), choices=role_names)
    present = PasswordField(
        _l("你自己的密码"),
        filters=[composed],
        description=_l("只有改为管理员时才要填。"),
        render_kw={"autocomplete": "current-password"},
    )

    @property
    def makes_administrator(self):
        return self.role.data == Role.ADMINISTRATOR.value

    def validate_present(self, field):
        if self.makes_administrator and not field.data:
            raise ValidationError(_("对方会有和你一样的权限。请写你自己的密码。"))


class PauseForm(Form):
    """Why somebody is kept out, and for how long."""

    reason = StringField(
        _l("理由"),
        [Filled(_l("请写理由。")), Between(1, REASON_MAX), Visible(is_name=False)],
        filters=[line],
        description=_l("会写信告诉本人，登录时也会看到。"),
        render_kw={"autocomplete": "off"},
    )
    days = SelectField(
        _l("多久"),
        choices=lambda: {"1": _("1 天"), "7": _("7 天"), "30": _("30 天"), "": _("直到恢复使用")},
        default="7",
    )

    @property
    def until(self):
        """The moment it ends, None when somebody has to end it."""
        return clock.now() + timedelta(days=int(self.days.data)) if self.days.data else None


class FirstRunForm(NewPassword):
    """The account of a new site's owner."""

    role_of_password = Role.ADMINISTRATOR

    username = username_field(_l("2 到 30 个字，会显示在回复旁。"))
    email = email_field(_l("邮箱"), _l("不公开。忘记密码时，信会寄到这里。"))
    password = new_password(_l("密码"), _l("请写密码。"))
    password_confirm = new_password(_l("确认密码"), _l("请再写一次密码。"))

    def validate_username(self, field):
        self.username_of_password = field.data or ""


class LiftForm(Form):
    """The address that is written to again; the page fills it in."""

    email = HiddenField()
