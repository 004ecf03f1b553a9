"""Letters as administrators see them: what each kind is called, what became of one, and the test letter."""

from collections.abc import Mapping
from typing import Any

from blueprints.admin.queries import TEST
from blueprints.auth.models import User
from core.database import db
from core.i18n import _
from core.jobs import AWAY, PUT_OFF, Job, queue
from core.mail import Letter, site_link, writes


def kinds() -> dict[str, str]:
    """Return what each kind of letter is called."""
    return {
        "registration": _("完成注册"),
        "password_reset": _("重置密码"),
        "password_changed": _("密码已更换"),
        "login_link": _("登录链接"),
        "new_device": _("新的登录"),
        "address_proof": _("确认新邮箱"),
        "address_asked": _("有人要换邮箱"),
        "address_changed": _("邮箱已更换"),
        "factor_changed": _("两步验证有变动"),
        "factor_guessed": _("有人在猜验证码"),
        "leaving": _("账号将被删除"),
        "role_changed": _("权限有变动"),
        "paused": _("账号已停用"),
        "guest_letter": _("问邮箱是不是本人的"),
        "guest_link": _("我的回复的链接"),
        "tell": _("把新的回应告诉要知道的人"),
        "notice": _("新的回应"),
        "digests": _("准备汇总"),
        "digest": _("回应的汇总"),
        "decision": _("把处理结果告诉写的人"),
        "edit_decision": _("把改过的内容的处理结果告诉写的人"),
        "follow_wish": _("记下谁要关注"),
        "waiting": _("把待审的告诉版主"),
        "waiting_letter": _("待审的回复"),
        "flood": _("把一拥而来的回复告诉版主"),
        "flood_letter": _("一拥而来的回复"),
        TEST: _("测试邮件"),
    }


def kind_of(job: Job) -> str:
    """Return what this letter is."""
    return kinds().get(job.kind, job.kind)


def why_not_yet(job: Job) -> str:
    """Return why a letter has not arrived, in the reader's language and the mail server's words."""
    heard = job.last_error or ""
    if job.outcome == "paused":
        words = _("这个邮箱暂停了，没有人要的信不寄。")
    elif heard.startswith(AWAY):
        words = _("邮件服务器没有应答：%(words)s", words=heard.removeprefix(AWAY))
    elif heard:
        words = _("邮件服务器说：%(words)s", words=heard.removeprefix(PUT_OFF))
    elif job.lease_until is not None:
        words = _("正在寄。")
    else:
        words = _("还没有轮到。")
    return str(words)


def ask_test_letter(user: User) -> None:
    """Queue a letter to an administrator's own address that only shows that letters arrive."""
    queue(TEST, {"user": user.id}, about=about_test(user))


def about_test(user: User) -> str:
    """Return what a test letter is about: of one administrator's only the newest is sent."""
    return f"user {user.id}"


@writes(TEST)
def write_test_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Write to whoever asked, while they are there."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    return Letter(user.email, TEST, {"username": user.username}, site_link("mail.show"), user.language)
