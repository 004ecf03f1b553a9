"""Forms: how each is guarded, what a field accepts, and how an error comes back with everything that was typed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import Flask, Response, g, make_response, render_template, request, session
from flask_wtf import FlaskForm
from wtforms import EmailField as WTFormsEmailField, Field, ValidationError
from wtforms.csrf.core import CSRF
from wtforms.validators import StopValidation

from core import clock
from core.database import LARGEST_ID
from core.errors import DomainError
from core.form_reading import Request
from core.i18n import _, _l, cookie_name, keep_cookie
from core.text import (
    has_endless_marks,
    has_invisible,
    has_stacked_marks,
    has_unprintable,
    length,
    normalized,
    one_kind_of_newline,
    tidy_name,
)
from core.tokens import hash_of, new_token, read_signed, same, short_mac, sign, signed_seconds_ago

FORM_COOKIE = "form"
TOKEN_SECONDS = 48 * 3600
STAMP_WINDOW_SECONDS = 6 * 3600
STAMP_WINDOWS_MAX = 8
EMAIL_MAX = 254


class FormToken(CSRF):  # type: ignore[misc]
    """A token bound to the browser (session or `form` cookie) and the kind of form; it differs with every answer."""

    def setup_form(self, form: Any) -> Any:
        self._purpose = "form:" + type(form).__name__
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Field) -> str:
        return sign(self._purpose, [new_token()[:12], hash_of(browser_key())[:32]])

    def validate_csrf_token(self, form: Any, field: Field) -> None:
        if "_user_id" not in session and not request.cookies.get(cookie_name(FORM_COOKIE)):
            raise ValidationError(
                _("浏览器没有收下 cookie，这张表单需要一个，关掉浏览器就没有了。允许之后再按一次，内容还在。")
            )
        signed = read_signed(self._purpose, field.data or "", TOKEN_SECONDS)
        if not isinstance(signed, list) or not same(str(signed[-1]), hash_of(browser_key())[:32]):
            raise ValidationError(form.too_old())


class Stamp(CSRF):  # type: ignore[misc]
    """A signed six-hour window and the page it belongs to: the same for every reader, so the page can be kept and sets no cookie."""

    def setup_form(self, form: Any) -> Any:
        self._page = form.meta.csrf_context
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Field) -> str:
        return self._stamp(_window())

    def validate_csrf_token(self, form: Any, field: Field) -> None:
        window = (field.data or "").partition(".")[0]
        fresh = (
            window.isascii()
            and window.isdigit()
            and len(window) < 12
            and _window() - STAMP_WINDOWS_MAX < int(window) <= _window() + 1
        )
        if not fresh or not same(field.data or "", self._stamp(int(window))):
            raise ValidationError(form.too_old())

    def _stamp(self, window: int) -> str:
        return f"{window}.{short_mac('stamp', self._page, window)}"


def _window() -> int:
    return int(clock.timestamp()) // STAMP_WINDOW_SECONDS


def browser_key() -> str:
    """Return the random value that this browser's forms are bound to; a new one is set with the answer."""
    if "_user_id" in session:
        return str(session["_user_id"])
    if "form_key" not in g:
        g.form_key = request.cookies.get(cookie_name(FORM_COOKIE)) or new_token()
    return str(g.form_key)


def open_forms(app: Flask) -> None:
    """Read forms strictly, and hand the `form` cookie to browsers that were given a form bound to it."""
    app.request_class = Request

    @app.after_request
    def keep_form_key(response: Response) -> Response:
        if "form_key" in g and g.form_key != request.cookies.get(cookie_name(FORM_COOKIE)):
            keep_cookie(response, FORM_COOKIE, g.form_key, max_age=None)
        return response


class Form(FlaskForm):  # type: ignore[misc]
    """A form that knows its status and says what is wrong in one list, in the order of its fields."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = True
        csrf_class = FormToken
        csrf_field_name = "csrf_token"

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Take the fields of a form, and neither files nor JSON: each value is a text then, whatever was sent."""
            return request.form if request.method == "POST" else None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.refusal: DomainError | None = None

    def too_old(self) -> str:
        """The words for a guard that no longer holds."""
        return str(_("页面放得太久了。内容还在，请再按一次按钮。"))

    @property
    def age_seconds(self) -> float | None:
        """How long ago this form was made for this person, to the second; None where its token does not say."""
        return signed_seconds_ago("form:" + type(self).__name__, self.csrf_token.data or "")

    @property
    def status(self) -> int:
        """The HTTP status this form's page has."""
        if self.refusal is not None:
            return self.refusal.status
        return 422 if self.is_submitted() and self.problems else 200

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong, each with the id of the element to go to, in the order of the fields."""
        found = [(self.anchor_of(field), error) for field in self if field.errors for error in field.errors[:1]]
        if self.refusal is not None and self.refusal.field not in self:
            found.insert(0, ("submit", self.refusal.message))
        return found

    def anchor_of(self, field: Field) -> str:
        return "submit" if field.name == self.meta.csrf_field_name else str(field.id)

    @contextmanager
    def showing_errors(self) -> Iterator[None]:
        """Show a refusal in the form instead of letting it out."""
        try:
            yield
        except DomainError as refusal:
            self.refusal = refusal
            if refusal.field in self:
                self[refusal.field].errors = [refusal.message]

    def page(self, template: str, **context: Any) -> Response:
        """Return the page with this form in it, with the form's status; it is for this browser alone."""
        response = make_response(render_template(template, form=self, **context), self.status)
        response.headers["Cache-Control"] = "private, no-store"
        wait = getattr(self.refusal, "wait_seconds", None)
        if wait:
            response.headers["Retry-After"] = str(wait)
        return response


def line(value: str | None) -> str:
    """Filter for a field of one line: NFC, no blanks around it."""
    return tidy_name(value or "")


def paragraphs(value: str | None) -> str:
    """Filter for a text: one kind of line break, nothing else changed."""
    return one_kind_of_newline(value or "")


def composed(value: str | None) -> str:
    """Filter for a password: NFC (RFC 8265), nothing else changed."""
    return normalized("NFC", value or "")


def row_id(text: str | None) -> int | None:
    """Return the number of a row, None for a text that can be none."""
    if not text or not (text.isascii() and text.isdigit() and len(text) < 11):
        return None
    return int(text) if 0 < int(text) <= LARGEST_ID else None


def digits(value: str | None) -> str:
    """Filter for a number to be copied: full-width digits are digits, blanks and hyphens are nothing."""
    return "".join(one for one in normalized("NFKC", value or "") if not one.isspace() and one != "-")[:40]


class Filled:
    """Refuses an empty field with the given words. (WTForms' own length rules would cut what people paste.)"""

    field_flags = {"required": True}

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        if not (field.data or "").strip():
            raise StopValidation(self.message)


class Between:
    """Refuses what has too few or too many characters as a reader sees them, and says by how many."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __call__(self, form: Form, field: Field) -> None:
        size = length(field.data or "")
        if size < self.low:
            raise ValidationError(_("至少要 %(low)s 个字。", low=self.low))
        if size > self.high or len(field.data) > 5 * self.high:
            raise ValidationError(
                _("最多 %(high)s 个字，现在超出 %(over)s 个。", high=self.high, over=max(size - self.high, 1))
            )


class Visible:
    """Refuses characters that cannot be printed and marks piled without end; in a name also those that cannot be seen or that cover others."""

    def __init__(self, *, is_name: bool) -> None:
        self.is_name = is_name

    def __call__(self, form: Form, field: Field) -> None:
        text = field.data or ""
        if has_endless_marks(text):
            raise ValidationError(_("有的字上叠了太多符号，请删掉一些。"))
        if has_unprintable(text) or (self.is_name and (has_invisible(text) or has_stacked_marks(text))):
            raise ValidationError(_("里面有看不见或认不出的字符，请重新输入这一处。"))


class EmailAddress:
    """Refuses what is no address (RFC 5321, checked by email-validator); the part before @ must be ASCII."""

    def __call__(self, form: Form, field: Field) -> None:
        address = field.data or ""
        if len(address) > EMAIL_MAX:
            raise ValidationError(_("邮箱最多 %(high)s 个字符。", high=EMAIL_MAX))
        if "@" not in address:
            raise ValidationError(_("邮箱少了 @。"))
        if email_address(address) is None:
            raise ValidationError(_("这不像一个邮箱地址，请检查一下。"))


def email_address(text: str) -> str | None:
    """Return the address as letters are sent to it (ASCII, the domain in Punycode), None when it is none."""
    if len(text) > EMAIL_MAX:
        return None
    try:
        return validate_email(text, check_deliverability=False).ascii_email
    except EmailNotValidError:
        return None


def email_key(address: str) -> str:
    """Return what two spellings of one address share."""
    return address.lower()


class EmailField(WTFormsEmailField):  # type: ignore[misc]
    """A field for an address; `address` is the checked form letters are sent to."""

    @property
    def address(self) -> str:
        return email_address(self.data or "") or ""


REQUIRED_EMAIL = _l("请写邮箱。")
PLAIN = {"spellcheck": "false", "autocapitalize": "off"}


def email_field(label: str, description: str = "") -> EmailField:
    """Return a field for an address that must be one."""
    return EmailField(
        label,
        [Filled(REQUIRED_EMAIL), Visible(is_name=True), EmailAddress()],
        filters=[line],
        description=description,
        render_kw=PLAIN | {"autocomplete": "email"},
    )
