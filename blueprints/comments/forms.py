"""The form under an article: three fields for a guest, one for somebody logged in."""

from wtforms import HiddenField, StringField, SubmitField, TextAreaField, ValidationError

from blueprints.articles.models import Article
from blueprints.auth.login import Visitor
from blueprints.comments.models import Comment
from blueprints.comments.posting import CommentsClosed, Draft, draft_of
from core.errors import NotAllowed
from core.forms import PLAIN, Filled, Form, Stamp, Visible, email_field, line, paragraphs, row_id
from core.i18n import _, _l, ngettext
from core.text import length


def _body():
    return TextAreaField(
        _l("回复内容"),
        [Filled(_l("回复内容还是空的。")), Visible(is_name=False)],
        filters=[paragraphs],
        description=_l("空一行就是新的一段。"),
    )


class MemberCommentForm(Form):
    """The form of somebody logged in. `website` is a trap: people do not see it."""

    writer_name = ""
    is_closed = False

    body = _body()
    parent = HiddenField()
    website = StringField(_l("网址"))
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
        if self.parent.data and self.parent_id is None:
            self.parent.data = ""
            raise ValidationError(_("你要回复的那一条已经不在了。内容还在，可以直接发表。"))

    def validate(self, extra_validators=None):
        """Closed replies win over everything else; a preview, which stores nothing, asks for the text alone."""
        if self.is_closed:
            self.refusal = CommentsClosed(_("刚刚关闭了回复。你写的内容在下面，可以复制。"))
            return False
        if self.preview.data:
            return self.body.validate(self, [type(self).validate_body])
        return super().validate(extra_validators)

    @property
    def parent_id(self):
        """The id of the reply that is answered, None for the article itself or a value that can be no id."""
        return row_id(self.parent.data)

    def too_old(self):
        return _("页面放得太久了。内容还在，请再按一次“发表回复”。")

    def draft(self, visitor: Visitor) -> Draft:
        """Return what the form says as a draft of this visitor's."""
        guest = {} if visitor.user else {"nickname": self.nickname.data, "email": self.email.address}
        return draft_of(
            self.body.data,
            **({"nickname": "", "email": None} | guest),
            parent_id=self.parent_id,
            user=visitor.user,
            address_block=visitor.address_block,
            writer_token=visitor.writer_token,
            honeypot=self.website.data or "",
        )


class GuestCommentForm(MemberCommentForm):
    """The form of a guest, guarded by the article's stamp: reading it sets no cookie."""

    class Meta(MemberCommentForm.Meta):
        csrf_class = Stamp
        csrf_field_name = "stamp"

    nickname = StringField(
        _l("昵称"),
        [Filled(_l("请写昵称。")), Visible(is_name=True)],
        filters=[line],
        render_kw=PLAIN | {"autocomplete": "nickname"},
    )
    email = email_field(_l("E-Mail"), _l("不公开，没有你的同意不会写信。"))
    body = _body()  # after the fields that stand before it
    csrf_token = HiddenField()

    def validate_nickname(self, field):
        if length(field.data or "") > Comment.NICKNAME_MAX or len(field.data or "") > 200:
            raise ValidationError(_("昵称最多 %(high)s 个字。", high=Comment.NICKNAME_MAX))

    def validate(self, extra_validators=None):
        """Whoever was logged out meanwhile sent a member's form: say that, and not that fields are missing."""
        if self.csrf_token.data and not self.stamp.data:
            self.refusal = NotAllowed(_("登录过期了。可以登录后再发，也可以直接以访客发表，内容都在。"))
            return False
        return super().validate(extra_validators)


def comment_form(article: Article, visitor: Visitor) -> MemberCommentForm:
    """Return the form this visitor answers the article with."""
    if visitor.user is not None:
        form = MemberCommentForm()
        form.writer_name = visitor.user.username
    else:
        form = GuestCommentForm(meta={"csrf_context": f"article {article.id}"})
    form.is_closed = not article.comments_open
    return form
