"""What forms say when something is refused."""

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
