"""How much of a form is read, and what forms say when something is refused."""

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from core.errors import Conflict
from core.forms import Form


class OneButton(Form):
    pass


def test_a_refusal_at_a_field_the_form_lacks_is_said_of_the_whole_form(app):
    with app.test_request_context("/", method="POST"):
        form = OneButton()
        with form.showing_errors():
            raise Conflict("这里没有这一栏。", field="words")

        assert form.problems[0] == ("submit", "这里没有这一栏。") and form.status == 409


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_thousand_fields_are_read_and_one_more_is_too_much(app, kind):
    def read(count):
        with app.test_request_context("/", method="POST", data={"one": ["字"] * count}, content_type=kind) as context:
            return len(context.request.form.getlist("one"))

    assert read(1000) == 1000
    with pytest.raises(RequestEntityTooLarge):
        read(1001)


def test_empty_fields_count_as_well(app):
    """S09, T100: each costs as much as a full one, and a form of 12 MB holds four million."""
    with (
        app.test_request_context(
            "/", method="POST", data="&" * 1001, content_type="application/x-www-form-urlencoded"
        ) as context,
        pytest.raises(RequestEntityTooLarge),
    ):
        assert context.request.form
