"""Letters as administrators see them: what each kind is called, what became of one, and the test letter."""

from collections.abc import Mapping
from typing import Any

from blueprints.admin.queries import TEST
from blueprints.auth.models import User
from core.database import db
from core.i18n import _, _l
from core.jobs import AWAY, PUT_OFF, Job, queue
from core.mail import Letter, site_link, writes

KINDS = {
    "registration": _l("完成注册"),
    "password_reset": _l("重置密码"),
    "password_changed": _l("密码已更换"),
    "login_link": _l("登录链接"),
    "new_device": _l("新的登录"),
    "address_proof": _l("确认新邮箱"),
    "address_asked": _l("有人要换邮箱"),
    "address_changed": _l("邮箱已更换"),
    "factor_changed": _l("两步验证有变动"),
    "factor_guessed": _l("有人在猜验证码"),
    "leaving": _l("账号将被删除"),
    "role_changed": _l("权限有变动"),
    "paused": _l("账号已停用"),
    "guest_letter": _l("问邮箱是不是本人的"),
    "guest_link": _l("我的回复的链接"),
    "tell": _l("把新的回应告诉要知道的人"),
    "reply_notice": _l("把新的回应告诉要知道的人"),
    "notice": _l("新的回应"),
    "digests": _l("准备汇总"),
    "digest": _l("回应的汇总"),
    "decision": _l("把处理结果告诉写的人"),
    "edit_decision": _l("把改过的内容的处理结果告诉写的人"),
    "follow_wish": _l("记下谁要关注"),
    "waiting": _l("把待审的告诉版主"),
    "waiting_letter": _l("待审的回复"),
    "flood": _l("把一拥而来的回复告诉版主"),
    "after_flood": _l("一拥而来之后，看看还有什么待审"),
    "flood_letter": _l("一拥而来的回复"),
    "publish_at": _l("到时候发表文章"),
    TEST: _l("测试邮件"),
}


def kind_of(job: Job) -> str:
    """Return what this letter is."""
    return str(KINDS.get(job.kind, job.kind))


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
