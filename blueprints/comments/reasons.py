"""Why a reply waits, in words: one sentence for its writer, and each finding for moderators."""

from typing import Any

from core.i18n import _, _l

REASONS = {
    "all": _l("这里的回复都先经人工查看。"),
    "first": _l("第一次发言会先经人工查看。"),
    "links": _l("回复里的链接比较多，先经人工查看。"),
    "mail": _l("请点邮件里的链接，回复就会发表。"),
    "like": _l("这条和别的回复很像，先经人工查看。"),
    "failed": _l("自动检查没有做完，先经人工查看。"),
}

_FINDINGS = {
    "all": _l("按设置，所有回复都等人看过再发表"),
    "first": _l("按设置，第一次发言等人看过再发表"),
    "robot": _l("填了人看不见的栏"),
    "haste": _l("表单打开 %(detail)s 秒就提交"),
    "block": _l("这个网络 10 分钟里发了 %(detail)s 条"),
    "account": _l("这个账号 10 分钟里发了 %(detail)s 条"),
    "flood": _l("全站回复突然增多"),
    "like": _l("7 天里有 %(detail)s 条几乎一样的"),
    "common": _l("一小时里有 %(detail)s 条一样的短句"),
    "links": _l("链接多：%(detail)s 个"),
    "host": _l("这里没出现过的网站：%(detail)s"),
    "shortener": _l("短链接：%(detail)s"),
    "disguise": _l("链接的文字是另一个网站：%(detail)s"),
    "scripts": _l("一个词里混用几种文字：%(detail)s"),
    "hidden": _l("夹着 %(detail)s 个看不见的字符"),
    "symbols": _l("符号占 %(detail)s%%"),
    "contact": _l("像联系方式：%(detail)s"),
    "words": _l("有规则里的词：%(detail)s"),
    "paused": _l("写它的人暂停了"),
    "taught": _l("像以前处理过的垃圾：%(detail)s%%"),
    "known": _l("以前发表过 %(detail)s 条，没有被移除的"),
    "house": _l("本站的人"),
    "failed": _l("检查没有做完：%(detail)s"),
}
_FAILED = {
    "TimeoutError": _l("花的时间太长"),
    "company": _l("没能和别的回复比较"),
    "owners_words": _l("查规则里的词时出了错"),
    "many_links": _l("数链接时出了错"),
    "new_hosts": _l("查网站时出了错"),
    "shorteners": _l("查短链接时出了错"),
    "disguised_links": _l("查链接的文字时出了错"),
    "mixed_scripts": _l("查文字种类时出了错"),
    "hidden_signs": _l("查看不见的字符时出了错"),
    "many_symbols": _l("数符号时出了错"),
    "contacts": _l("查联系方式时出了错"),
    "taught": _l("和处理过的垃圾比较时出了错"),
    "good_name": _l("查以前的回复时出了错"),
}  # what did not go through: a check by its name, or what happened
_DEMANDS = 100  # points that say: in any case


def words_for(reason: str | None) -> str:
    """Return the sentence that tells the writer why their reply waits."""
    return str(REASONS.get(reason or "", _("先经人工查看。")))


def finding_words(finding: dict[str, Any]) -> str:
    """Return one finding of screening in the reader's language, with its points; a damaged one as far as it can be read."""
    check, points = str(finding.get("check", "")), finding.get("points")
    detail = str(finding.get("detail", ""))
    if check == "failed":
        detail = str(_FAILED.get(detail, _("出了错")))
    what = str(_FINDINGS.get(check, check)).replace("%%", "%").replace("%(detail)s", detail)
    if not isinstance(points, int) or abs(points) >= _DEMANDS:
        return what
    return str(_("%(what)s（%(points)s 分）", what=what, points=f"{points:+d}".replace("-", "−")))
