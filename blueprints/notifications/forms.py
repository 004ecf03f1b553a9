"""The forms of following, and of how often letters come."""

from collections.abc import Sequence
from typing import Any

from wtforms import RadioField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice

from blueprints.auth.models import Role, User
from blueprints.comments.models import Comment
from blueprints.notifications.following import Target, is_named
from blueprints.notifications.models import Frequency, NotificationChoice, Subscription
from blueprints.notifications.queries import FOLLOWED_MAX
from core.forms import Form, email_field, row_id
from core.i18n import _, _l

ENDED = "end"
KINDS = {
    "answers": _l("有人回应我（写回复时勾了要信的）"),
    "own_articles": _l("我的文章有新回复"),
    "decisions": _l("管理员对我的回复做了决定（写回复时勾了要信的）"),
    "waiting": _l("有回复待审"),
}


def paces(*, silent: str) -> list[SelectChoice]:
    """Return how often letters may come, each with its words; `silent` stands for never."""
    often = [
        SelectChoice("at_once", _("马上，一条一封")),
        SelectChoice("daily", _("每天一封，早上八点")),
        SelectChoice("weekly", _("每周一封，星期一早上")),
    ]
    return [*often, *([SelectChoice("never", silent)] if silent else [])]


class OneOf:
    """Refuses what is none of a field's choices."""

    def __call__(self, _form: Form, field: SelectField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("请选一项。"))


def _list(words: object, choices: list[SelectChoice], chosen: Frequency) -> SelectField:
    return SelectField(words, [OneOf()], choices=choices, default=chosen.value, validate_choice=False)


class FollowForm(Form):
    """What is to be followed, and how often letters come."""

    what = RadioField(_l("关注什么"), [OneOf()], coerce=str, validate_choice=False)
    frequency = SelectField(_l("多久写一次信"), [OneOf()], validate_choice=False)

    def offer(self, targets: Sequence[Target], words: Sequence[str], *, silent: str) -> None:
        """Offer these things to be followed, with these words; the first is chosen already."""
        self.what.choices = [SelectChoice(target.column, said) for target, said in zip(targets, words, strict=True)]
        self.frequency.choices = paces(silent=silent)
        if not self.is_submitted() or len(targets) == 1:
            self.what.data = targets[0].column

    @property
    def pace(self) -> Frequency:
        return Frequency(self.frequency.data)


class GuestFollowForm(FollowForm):
    """The same for somebody whose address is not known."""

    email = email_field(_l("邮箱"), _l("不公开。先给你一封信，点了里面的链接才算数。"))


class WishesForm(Form):
    """Which of the wishes that were left under an address are its owner's."""

    wishes = SelectMultipleField(_l("关注什么"), validate_choice=False, coerce=str)

    def offer(self, waiting: Sequence[Subscription], follows: str) -> None:
        """Offer these wishes, that of this name ticked; what came with the form stays ticked."""
        self.wishes.choices = [SelectChoice(str(one.id), name_of(one)) for one in waiting]
        if not self.is_submitted():
            self.wishes.data = [str(one.id) for one in waiting if is_named(one, follows)]

    @property
    def ids(self) -> list[int]:
        """The ids of the wishes that are ticked."""
        return [number for text in (self.wishes.data or [])[:FOLLOWED_MAX] if (number := row_id(text))]


class FollowingForm(Form):
    """How often letters come: a list for each kind of an account's letters, and for each subscription (`s12`)."""

    @property
    def kinds(self) -> list[SelectField]:
        return [field for field in self if field.name in KINDS]

    @property
    def subscriptions(self) -> list[SelectField]:
        return [field for field in self if field.name[0] == "s" and field.name[1:].isdigit()]

    @property
    def chosen(self) -> dict[str, Frequency]:
        """How often letters of each kind are wanted."""
        return {field.name: Frequency(field.data) for field in self.kinds}

    @property
    def paced(self) -> dict[int, Frequency | None]:
        """How often letters of each subscription are wanted, by its id; None for one that is to end."""
        lists = {int(field.name[1:]): field.data for field in self.subscriptions}
        return {number: None if data == ENDED else Frequency(data) for number, data in lists.items()}


def following_form(
    subscriptions: Sequence[Subscription], choice: NotificationChoice | None = None, role: Role = Role.READER
) -> FollowingForm:
    """Return the form for these subscriptions and, for an account, for what it chose of what concerns its role."""
    silent = _("不写信，只放进通知") if choice is not None else _("不写信")
    fields: dict[str, Any] = {}
    if choice is not None:
        own = ("answers", *(["own_articles"] if role.may_publish else []), "decisions")
        fields = {kind: _list(KINDS[kind], paces(silent=silent), getattr(choice, kind)) for kind in own}
    if choice is not None and role.may_moderate:
        soon = SelectChoice("at_once", _("马上，一小时最多一封"))
        often = [soon, SelectChoice("daily", _("每天一封，早上八点")), SelectChoice("never", _("不写信"))]
        fields["waiting"] = _list(KINDS["waiting"], often, choice.waiting)
    for one in subscriptions:
        fields[f"s{one.id}"] = _list(
            name_of(one), [*paces(silent=silent), SelectChoice(ENDED, _("不再关注"))], one.frequency
        )
    form: FollowingForm = type("FollowingForm", (FollowingForm,), fields)()
    return form


def name_of(one: Subscription) -> str:
    """Return what a subscription is of, in words."""
    if one.article is not None:
        return str(_("《%(title)s》的回复", title=one.article.title))
    if one.root is not None:
        return str(_("《%(title)s》%(floor)s 楼起的一串回复", title=one.root.article.title, floor=one.root.floor))
    return str(_("%(name)s 的文章和回复", name=one.person.username if one.person else ""))


def words_for(target: Target, person: str) -> str:
    """Return what can be followed, in words."""
    if target.column == "person_id":
        return str(_("%(name)s 的新文章和回复", name=person))
    return str(_("这篇文章的新回复") if target.column == "article_id" else _("这一串的新回复"))


def person_at(comment: Comment) -> str:
    """Return the name of who wrote a reply with an account, empty for a guest."""
    user: User | None = comment.user
    return user.username if user is not None else ""
