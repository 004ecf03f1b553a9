"""How decisions are told in words."""

from datetime import datetime, timedelta

from blueprints.comments.models import Comment, Status
from blueprints.moderation.log_queries import Line
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.queries import latest_about
from core import clock
from core.i18n import _, moment, ngettext
from core.text import excerpt


def who_was_first(comment: Comment, number: int) -> str:
    """Return why nothing was decided about this text of a reply: who was first, or that it is another by now."""
    first = latest_about(comment.id)
    if first is not None and first.version == number:
        return told(first)
    if comment.status is Status.DELETED:
        return str(_("写它的人已经撤回了这条。"))
    if comment.version != number:
        return str(_("写它的人刚刚改过这条，下面是现在的内容。请看过再决定。"))
    return str(_("这条现在的状态变了，下面是现在的样子。请看过再决定。"))


def told(decision: Decision) -> str:
    """Return who decided what and when: 林舟 1 分钟前已经通过了这条。"""
    words = {
        Act.APPROVE: _("%(name)s %(when)s已经通过了这条。", name=actor_of(decision), when=ago(decision.created_at)),
        Act.RESTORE: _("%(name)s %(when)s已经恢复了这条。", name=actor_of(decision), when=ago(decision.created_at)),
        Act.REJECT: _("%(name)s %(when)s已经拒绝了这条。", name=actor_of(decision), when=ago(decision.created_at)),
        Act.REMOVE: _("%(name)s %(when)s已经移除了这条。", name=actor_of(decision), when=ago(decision.created_at)),
        Act.SPAM: _("%(name)s %(when)s已经把这条标为垃圾。", name=actor_of(decision), when=ago(decision.created_at)),
    }
    other = _("%(name)s %(when)s已经看过这条，没有改动。", name=actor_of(decision), when=ago(decision.created_at))
    return str(words.get(decision.act, other))


def actor_of(decision: Decision) -> str:
    """Return who decided: a name, the command line, or that the account is gone."""
    if decision.actor is not None:
        return decision.actor.username
    return str(_("命令行") if (decision.before or {}).get("command_line") else _("已删除的账号"))


def ago(at: datetime) -> str:
    """Return how long ago a moment was, within a day; else the moment."""
    passed = clock.now() - at
    if passed < timedelta(minutes=1):
        return str(_("刚刚"))
    if passed < timedelta(hours=1):
        return str(ngettext("%(num)s 分钟前", "%(num)s 分钟前", int(passed.total_seconds()) // 60))
    if passed < timedelta(days=1):
        return str(ngettext("%(num)s 小时前", "%(num)s 小时前", int(passed.total_seconds()) // 3600))
    return moment(at)


def act_words(act: Act, count: int = 1) -> str:
    """Return what was done, for a line of the log and above the queue: 移除 3 条."""
    words = {
        Act.APPROVE: ngettext("通过 %(num)s 条", "通过 %(num)s 条", count),
        Act.REJECT: ngettext("拒绝 %(num)s 条", "拒绝 %(num)s 条", count),
        Act.SPAM: ngettext("标为垃圾 %(num)s 条", "标为垃圾 %(num)s 条", count),
        Act.REMOVE: ngettext("移除 %(num)s 条", "移除 %(num)s 条", count),
        Act.RESTORE: ngettext("恢复 %(num)s 条", "恢复 %(num)s 条", count),
        Act.KEEP: ngettext("看过 %(num)s 条，不改动", "看过 %(num)s 条，不改动", count),
        Act.BAN: _("暂停"),
        Act.LIFT_BAN: _("解除暂停"),
        Act.ADD_WORDS: _("添加词语"),
        Act.DROP_WORDS: _("去掉词语"),
        Act.UNDO: ngettext("撤销 %(num)s 条", "撤销 %(num)s 条", count),
    }
    return str(words[act])


def line_words(line: Line) -> str:
    """Return what was done in one go: 移除 3 条, 暂停：老秦."""
    words, about = act_words(line.first.act, line.count), line.first.subject
    return f"{words}{_('：')}{excerpt(about, 80)}" if about else words


def done_words(line: Line) -> str:
    """Return what somebody just did: 已移除 3 条."""
    return str(_("已%(deed)s", deed=line_words(line)))


def act_names() -> dict[str, str]:
    """Return the name of each act, for a list to choose from."""
    return {
        Act.APPROVE.value: _("通过"),
        Act.REJECT.value: _("拒绝"),
        Act.SPAM.value: _("标为垃圾"),
        Act.REMOVE.value: _("移除"),
        Act.RESTORE.value: _("恢复"),
        Act.KEEP.value: _("看过，不改动"),
        Act.BAN.value: _("暂停"),
        Act.LIFT_BAN.value: _("解除暂停"),
        Act.ADD_WORDS.value: _("添加词语"),
        Act.DROP_WORDS.value: _("去掉词语"),
        Act.UNDO.value: _("撤销"),
    }
