"""The forms of accounts."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField, SubmitField, ValidationError

from blueprints.auth.models import Role, User
from blueprints.auth.names import NameTaken, is_free
from blueprints.auth.passwords import WeakPassword, check_password, length_min
from core.forms import PLAIN, Between, Filled, Form, Visible, composed, digits, email_field, email_key, line
from core.i18n import _, _l


def new_password(label: str, message: str) -> PasswordField:
    return PasswordField(
        label,
        [Filled(message)],
        filters=[composed],
        render_kw={"autocomplete": "new-password"},
    )


def username_field(description: str) -> StringField:
    return StringField(
        _l("用户名"),
        [Filled(_l("请写用户名。")), Between(User.USERNAME_MIN, User.USERNAME_MAX), Visible(is_name=True), _without_at],
        filters=[line],
        description=description,
        render_kw=PLAIN | {"autocomplete": "username"},
    )


def _without_at(_form, field):
    """A name with an @ would be taken for an address at the log-in."""
    if "@" in (field.data or ""):
        raise ValidationError(_("用户名里不要有 @。"))


class Unproved(Filled):
    """Asks for the captcha only where nothing stands for it: an earlier right answer, or a letter."""

    def __call__(self, form, field):
        if not (form.proof.data or form.by_mail.data):
            super().__call__(form, field)


class NewPassword(Form):
    """Two fields for a new password; a subclass or the view says whose it is."""

    username_of_password = ""
    role_of_password = Role.READER

    def __init__(self, user=None, **kwargs):
        super().__init__(**kwargs)
        if user is not None:
            self.username_of_password, self.role_of_password = user.username, user.role
        low = length_min(self.role_of_password)
        self.password.description = _("至少 %(low)s 个字符，空格和中文都可以。", low=low)

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
    username = username_field(_l("2 到 30 个字，会显示在回复旁。"))
    email = email_field(_l("邮箱"))
    password = new_password(_l("密码"), _l("请写密码。"))
    password_confirm = new_password(_l("确认密码"), _l("请再写一次密码。"))
    captcha = StringField(
        _l("验证码"), [Unproved(_l("请写验证码。"))], filters=[line], render_kw=PLAIN | {"autocomplete": "off"}
    )
    captcha_id = HiddenField()
    proof = HiddenField()
    kept = HiddenField()
    refresh = SubmitField()
    retype = SubmitField()
    by_mail = SubmitField()
    work = StringField()

    def validate_username(self, field):
        self.username_of_password = field.data or ""
        if not is_free(field.data or "", email_key(self.email.address)):  # a courtesy; the unique index decides
            raise ValidationError(NameTaken(field.data).message)

    def recall(self, kept_hash):
        """Ask for no password where one is kept from an earlier try; the name rule was judged with the name typed then."""
        self.kept_hash = kept_hash
        if kept_hash:
            del self.password, self.password_confirm

    @property
    def asks_for_another(self):
        """Whether a button was pressed that sends nothing: another picture, another password."""
        return bool(self.refresh.data or self.retype.data)

    @property
    def typed_password(self):
        """The password, where a good one was typed."""
        return (
            self.password.data if self.password and not (self.password.errors or self.password_confirm.errors) else ""
        )

    def forget_errors(self):
        """Say nothing of what is wrong: nothing was sent yet."""
        for field in self:
            field.errors = []


def _remember():
    return BooleanField(_l("在这台设备上保持登录 30 天"))


class ConfirmForm(Form):
    """One button: opening the link changes nothing."""

    asks_for_password = False


class ConfirmElsewhereForm(ConfirmForm):
    """The same in another browser than the one that registered: it asks for the password."""

    asks_for_password = True

    password = PasswordField(
        _l("密码"),
        [Filled(_l("请写密码。"))],
        filters=[composed],
        description=_l("注册是在另一个浏览器里填的，请写那时设的密码。"),
        render_kw={"autocomplete": "current-password"},
    )


class LogoutForm(Form):
    """One button."""


class LoginForm(Form):
    username = StringField(
        _l("用户名或邮箱"),
        [Filled(_l("请写用户名或邮箱。")), Visible(is_name=True)],
        filters=[line],
        render_kw=PLAIN | {"autocomplete": "username"},
    )
    password = PasswordField(
        _l("密码"), [Filled(_l("请写密码。"))], filters=[composed], render_kw={"autocomplete": "current-password"}
    )
    remember = _remember()
    next = HiddenField()
    carry = HiddenField()  # the slug of the article a reply is brought along for, in the next two fields
    body = HiddenField()
    parent = HiddenField()
    quote = HiddenField()

    @property
    def is_brought_along(self):
        """Whether somebody comes from the form of a reply, to log in first."""
        return bool(self.carry.data) and not self.username.raw_data


class SecondStepForm(Form):
    """The second step of logging in: a one-time code, a recovery code, or what a passkey answered."""

    code = StringField(
        _l("动态码或恢复码"),
        filters=[line],
        description=_l("看一眼手机上的验证器，或者用一个还没用过的恢复码。"),
        render_kw=PLAIN | {"autocomplete": "one-time-code"},
    )
    passkey = HiddenField()
    ceremony = HiddenField()
    next = HiddenField()
    carry = HiddenField()
    body = HiddenField()
    parent = HiddenField()
    quote = HiddenField()

    def validate_code(self, field):
        if not field.data and not self.passkey.data:
            raise ValidationError(_("请写动态码。"))


class MailedLoginForm(Form):
    """The button behind a mailed link."""

    remember = _remember()


class CodeForm(Form):
    """Six digits of a letter."""

    code = StringField(
        _l("六位数字"),
        [Filled(_l("请写信里的六位数字。"))],
        filters=[digits],
        description=_l("信在别的设备上？把信里的六位数字填在这里。"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class EmailForm(Form):
    """An address that a letter goes to."""

    email = email_field(_l("邮箱"))


class ResetPasswordForm(NewPassword):
    password = new_password(_l("新密码"), _l("请写密码。"))
    password_confirm = new_password(_l("确认密码"), _l("请再写一次密码。"))
