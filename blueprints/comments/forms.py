"""The forms of replies: under an article, of one's own reply, of a report, of a guest's address."""

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
    ValidationError,
)

from blueprints.articles.models import Article
from blueprints.articles.paragraphs import paragraph_number
from blueprints.auth.login import Visitor
from blueprints.captcha.challenges import issued_seconds_ago
from blueprints.comments.drafts import Draft, draft_of, html_of
from blueprints.comments.flagging import reason_words
from blueprints.comments.models import Appeal, Comment, Flag, FlagReason
from blueprints.comments.posting import CLOSED, WITHDRAWN, CommentsClosed
from blueprints.comments.reading import Answering
from core.errors import DomainError, Gone, NotAllowed
from core.forms import PLAIN, Between, Filled, Form, Stamp, Visible, email_field, line, paragraphs, row_id
from core.i18n import _, _l, ngettext
from core.text import length

ADOPTED_MAX = 200  # as many as the page shows


def _body():
    return TextAreaField(
        _l("回复内容"),
        [Filled(_l("回复内容还是空的。")), Visible(is_name=False)],
        filters=[paragraphs],
        description=_l("空一行就是新的一段。"),
        render_kw={"data-most": Comment.BODY_MAX},
    )


def _nickname():
    return StringField(
        _l("昵称"),
        [Filled(_l("请写昵称。")), Visible(is_name=True)],
        filters=[line],
        render_kw=PLAIN | {"autocomplete": "nickname"},
    )


def _check_nickname(_form, field):
    if length(field.data or "") > Comment.NICKNAME_MAX or len(field.data or "") > 200:
        raise ValidationError(_("昵称最多 %(high)s 个字。", high=Comment.NICKNAME_MAX))


class TextForm(Form):
    """A text of a reply, with a preview that stores nothing and asks for the text alone."""

    body = _body()
    preview = SubmitField()

    def validate_body(self, field):
        text = field.data or ""
        over = max(length(text) - Comment.BODY_MAX, len(text) - Comment.CODE_POINTS_MAX)
        if over > 0:
            raise ValidationError(
                ngettext("超出 %(num)s 字，请删减或分成两条。", "超出 %(num)s 字，请删减或分成两条。", over)
            )
        if length(text.strip()) < Comment.BODY_MIN:
            raise ValidationError(_("回复内容太短了，至少写两个字。"))

    def validate(self, extra_validators=None):
        """Check everything, for a preview the text."""
        if self.preview.data:
            return self.body.validate(self, [type(self).validate_body])
        return super().validate(extra_validators)


class EditForm(TextForm):
    """Another text of one's own reply; `version` is the number of the text it began with."""

    version = HiddenField()

    @property
    def version_number(self):
        return row_id(self.version.data) or 0


class MemberCommentForm(TextForm):
    """The form of somebody logged in. `website` is a trap: people do not see it."""

    writer_name = ""
    refused_before: DomainError | None = None

    notify = BooleanField(_l("有人回应时写信给我"))
    parent = HiddenField()
    quote = HiddenField()
    website = StringField(_l("网址"))

    def validate_body(self, field):
        super().validate_body(field)
        if self.parent.data and self.parent_id is None:
            self.parent.data = ""
            raise ValidationError(_("你要回复的那一条已经不在了。内容还在，可以直接发表。"))

    def validate(self, extra_validators=None):
        """Closed replies win over everything else."""
        if self.refused_before is not None:
            self.refusal = self.refused_before
            return False
        return super().validate(extra_validators)

    @property
    def parent_id(self):
        """The id of the reply that is answered, None for the article itself or a value that can be no id."""
        return row_id(self.parent.data)

    def too_old(self):
        return _("页面放得太久了。内容还在，请再按一次“发表回复”。")

    def answer(self, answering: Answering) -> None:
        """Let the form answer what the address named, with the words that are to be quoted in its field."""
        self.parent.data = answering.target.id if answering.target else ""
        self.quote.data = answering.key
        self.body.data = answering.quotation

    def draft(self, article: Article, visitor: Visitor) -> Draft:
        """Return what the form says as a draft of this visitor's."""
        guest = {} if visitor.user else {"nickname": self.nickname.data, "email": self.email.address}
        key = self.quote.data or ""
        return draft_of(
            self.body.data,
            html=html_of(article, self.body.data),
            **({"nickname": "", "email": None} | guest),
            parent_id=self.parent_id,
            user=visitor.user,
            address_block=visitor.address_block,
            writer_token=visitor.writer_token,
            honeypot=self.website.data or "",
            quote=key if paragraph_number(article, key) else None,
            notify=self.notify.data,
            age_seconds=self.age_seconds,
        )


class GuestCommentForm(MemberCommentForm):
    """The form of a guest, guarded by the article's stamp: reading it sets no cookie.

    The captcha stands in it once screening has asked for it, or a letter instead.
    """

    class Meta(MemberCommentForm.Meta):
        csrf_class = Stamp
        csrf_field_name = "stamp"

    nickname = _nickname()
    email = email_field(_l("E-Mail"), _l("不公开，没有你的同意不会写信。"))
    body = _body()  # after the fields that stand before it
    notify = BooleanField(_l("有人回应时写信给我（先确认邮箱）"))
    captcha = StringField(_l("验证码"), render_kw=PLAIN | {"autocomplete": "off"})
    captcha_id = HiddenField()
    proof = HiddenField()
    refresh = SubmitField()
    by_mail = SubmitField()
    csrf_token = HiddenField()

    validate_nickname = _check_nickname

    @property
    def age_seconds(self):
        """The first form is the same for everyone; the one with a captcha was made for this person."""
        return issued_seconds_ago(self.captcha_id.data or "")

    @property
    def is_asked(self):
        """Whether the captcha stands in the form: screening asked for it, now or before."""
        return bool(self.captcha_id.data or self.proof.data or self.captcha.errors)

    def validate(self, extra_validators=None):
        """Whoever was logged out meanwhile sent a member's form: say that, and not that fields are missing."""
        if self.refused_before is None and self.csrf_token.data and not self.stamp.data and not self.preview.data:
            self.refusal = NotAllowed(_("登录过期了。可以登录后再发，也可以直接以访客发表，内容都在。"))
            return False
        if self.refresh.data and self.refused_before is None:
            return False  # another picture, and nothing else
        return super().validate(extra_validators)


def comment_form(article: Article, visitor: Visitor) -> MemberCommentForm:
    """Return the form this visitor answers the article with."""
    if visitor.user is not None:
        form = MemberCommentForm()
        form.writer_name = visitor.user.username
    else:
        form = GuestCommentForm(meta={"csrf_context": f"article {article.id}"})
    if article.withdrawn_at is not None:
        form.refused_before = Gone(WITHDRAWN)
    elif not article.takes_replies:
        form.refused_before = CommentsClosed(CLOSED)
    return form


class FlagForm(Form):
    """Why somebody reports a reply."""

    reason = RadioField(_l("理由"), coerce=str, validate_choice=False)
    note = TextAreaField(_l("想补充的"), [Visible(is_name=False)], filters=[paragraphs], description=_l("可以不写。"))

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.reason.choices = [(reason.value, reason_words(reason)) for reason in FlagReason]

    def validate_reason(self, field):
        if field.data not in {reason.value for reason in FlagReason}:
            raise ValidationError(_("请选一个理由。"))

    def validate_note(self, field):
        Between(0, Flag.NOTE_MAX)(self, field)


class AppealForm(Form):
    """What a writer answers to a decision."""

    body = TextAreaField(
        _l("你的回应"),
        [Filled(_l("回应还是空的。")), Between(1, Appeal.BODY_MAX), Visible(is_name=False)],
        filters=[paragraphs],
        description=_l("只能写一次，只有管理员看得到。最多 1000 个字。"),
    )


class GuestLinkForm(Form):
    """The address whose link is wanted."""

    email = email_field(_l("邮箱"), _l("写回复时用的那个邮箱。"))


class GuestNameForm(Form):
    """What everything written under an address is signed with."""

    nickname = _nickname()

    validate_nickname = _check_nickname


class EraseForm(Form):
    """What is to be erased of everything written under an address."""

    which = RadioField(_l("删掉什么"), validate_choice=False, coerce=str)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.which.choices = [
            ("name", _("名字和邮箱：回复留下，署名改为“已注销”。")),
            ("texts", _("全部：回复的内容也删掉，原来的楼层只留一句“已撤回”。")),
        ]

    def validate_which(self, field):
        if field.data not in ("name", "texts"):
            raise ValidationError(_("请选一项。"))


class PlainForm(Form):
    """An act that is one button."""


class AdoptionForm(Form):
    """The replies that are to become the account's."""

    chosen = SelectMultipleField(validate_choice=False, coerce=str)

    @property
    def ids(self):
        return [number for text in (self.chosen.data or [])[:ADOPTED_MAX] if (number := row_id(text))]

    def validate_chosen(self, field):
        if not self.ids:
            raise ValidationError(_("一条也没有选。"))
