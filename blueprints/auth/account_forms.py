"""The forms of my account."""

from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from blueprints.auth.forms import NewPassword, new_password, username_field
from blueprints.auth.models import Passkey, User
from core.forms import Between, Filled, Form, Visible, composed, digits, email_field, email_key, line
from core.i18n import _, _l


def _present():
    return PasswordField(
        _l("现在的密码"),
        [Filled(_l("请写现在的密码。"))],
        filters=[composed],
        render_kw={"autocomplete": "current-password"},
    )


class NameForm(Form):
    username = username_field(_l("2 到 30 个字，会显示在回复旁。原来的名字为你保留 90 天。"))


class IntroductionForm(Form):
    introduction = StringField(
        _l("自我介绍"),
        [Between(0, User.INTRODUCTION_MAX), Visible(is_name=True)],
        filters=[line],
        description=_l("一句话，显示在你的作者页上，最多 200 个字。空着就没有。"),
        render_kw={"autocomplete": "off"},
    )


class NewEmailForm(Form):
    email = email_field(_l("新邮箱"), _l("新邮箱确认之前，仍用旧邮箱。"))
    present = _present()

    def __init__(self, present_key, **kwargs):
        super().__init__(**kwargs)
        self.present_key = present_key

    def validate_email(self, field):
        if email_key(field.address) == self.present_key:
            raise ValidationError(_("这就是现在的邮箱。"))


class ChangePasswordForm(NewPassword):
    present = _present()
    password = new_password(_l("新密码"), _l("请写密码。"))
    password_confirm = new_password(_l("确认密码"), _l("请再写一次密码。"))


class ChoicesForm(Form):
    language = SelectField(
        _l("语言"),
        choices=[SelectChoice("zh", "中文"), SelectChoice("en", "English")],
        description=_l("这个网站的页面和信用的语言。"),
    )
    tells_new_devices = BooleanField(_l("从没见过的设备和网络登录时，写信告诉我"))


class AppForm(Form):
    """The first code of an authenticator app, with the signed seed of its key."""

    setup = HiddenField()
    code = StringField(
        _l("动态码"),
        [Filled(_l("请写验证器上的六位数字。"))],
        filters=[digits],
        description=_l("验证器上显示的六位数字。"),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    present = _present()


class PasskeyForm(Form):
    name = StringField(
        _l("名字"),
        [Filled(_l("给它一个名字，比如“手机”。")), Between(1, Passkey.NAME_MAX), Visible(is_name=True)],
        filters=[line],
        description=_l("以后认得出是哪一个，比如“手机”。"),
        render_kw={"autocomplete": "off"},
    )
    passkey = HiddenField()
    ceremony = HiddenField()
    present = _present()

    def validate_passkey(self, field):
        if not field.data:
            raise ValidationError(_("浏览器没有给出通行密钥。它需要脚本；没有脚本时请用验证器。"))


class PresentPasswordForm(Form):
    """An act that asks for the present password and nothing else."""

    which = HiddenField()
    present = _present()


class ActForm(Form):
    """An act that is one button, named `which`."""

    which = StringField()
