"""The forms of accounts."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField, SubmitField, ValidationError

from blueprints.auth.models import Role, User
from blueprints.auth.names import is_free
from blueprints.auth.passwords import WeakPassword, check_password
from core.forms import (
    REQUIRED_EMAIL,
    Between,
    EmailAddress,
    EmailField,
    Filled,
    Form,
    Visible,
    composed,
    email_key,
    line,
)
from core.i18n import _, _l

_PLAIN = {"spellcheck": "false", "autocapitalize": "off"}


def _new_password(label: str, message: str) -> PasswordField:
    return PasswordField(label, [Filled(message)], filters=[composed], render_kw={"autocomplete": "new-password"})


class NewPassword(Form):
    """Two fields for a new password; a subclass or the view says whose it is."""

    username_of_password = ""
    role_of_password = Role.READER

    def validate_password(self, field):
        if field.data:
            try:
                check_password(field.data, self.username_of_password, self.role_of_password)
            except WeakPassword as weak:
                raise ValidationError(weak.message) from None

    def validate_password_confirm(self, field):
        if self.password.data and field.data != self.password.data:
            raise ValidationError(_("两次密码不一样。"))


class RegistrationForm(NewPassword):
    username = StringField(
        _l("用户名"),
        [Filled(_l("请写用户名。")), Between(User.USERNAME_MIN, User.USERNAME_MAX), Visible(is_name=True)],
        filters=[line],
        description=_l("2 到 30 个字，会显示在回复旁。"),
        render_kw=_PLAIN | {"autocomplete": "username"},
    )
    email = EmailField(
        _l("邮箱"),
        [Filled(REQUIRED_EMAIL), Visible(is_name=True), EmailAddress()],
        filters=[line],
        render_kw=_PLAIN | {"autocomplete": "email"},
    )
    password = _new_password(_l("密码"), _l("请写密码。"))
    password_confirm = _new_password(_l("确认密码"), _l("请再写一次密码。"))
    captcha = StringField(
        _l("验证码"), [Filled(_l("请写验证码。"))], filters=[line], render_kw=_PLAIN | {"autocomplete": "off"}
    )
    captcha_id = HiddenField()
    refresh = SubmitField()

    def validate_username(self, field):
        self.username_of_password = field.data or ""
        if "@" in (field.data or ""):
            raise ValidationError(_("用户名里不要有 @。"))
        if not is_free(field.data or "", email_key(self.email.address)):  # a courtesy; the unique index decides
            raise ValidationError(_("“%(name)s”已有人用，请换一个用户名。", name=field.data))


class ConfirmForm(Form):
    """One button: opening the link changes nothing."""


class LogoutForm(Form):
    """One button."""


class LoginForm(Form):
    username = StringField(
        _l("用户名或邮箱"),
        [Filled(_l("请写用户名或邮箱。")), Visible(is_name=True)],
        filters=[line],
        render_kw=_PLAIN | {"autocomplete": "username"},
    )
    password = PasswordField(
        _l("密码"), [Filled(_l("请写密码。"))], filters=[composed], render_kw={"autocomplete": "current-password"}
    )
    remember = BooleanField(_l("在这台设备上保持登录 30 天"))
    next = HiddenField()


class ForgotPasswordForm(Form):
    email = EmailField(
        _l("邮箱"),
        [Filled(REQUIRED_EMAIL), Visible(is_name=True), EmailAddress()],
        filters=[line],
        render_kw=_PLAIN | {"autocomplete": "email"},
    )


class ResetPasswordForm(NewPassword):
    password = _new_password(_l("新密码"), _l("请写密码。"))
    password_confirm = _new_password(_l("确认密码"), _l("请再写一次密码。"))

    def __init__(self, user, **kwargs):
        super().__init__(**kwargs)
        self.username_of_password, self.role_of_password = user.username, user.role
