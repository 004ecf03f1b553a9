"""How the fields of a form are read from a request, and how many."""

from typing import IO, Any
from urllib.parse import parse_qsl

from flask import Request as FlaskRequest
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser


class Request(FlaskRequest):
    """A request whose form says where bytes were no text (UTF-8): with U+FFFD, which `Visible` refuses, and not with other words.

    It has no more fields than a form in parts may have: each costs far more memory than the two bytes it is sent in.
    """

    class _Parser(FormDataParser):
        def parse(
            self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
        ) -> Any:
            if mimetype != "application/x-www-form-urlencoded":
                return super().parse(stream, mimetype, content_length, options)
            text = stream.read().decode("utf-8", "replace")
            try:
                fields = parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=self.max_form_parts)
            except ValueError:
                raise RequestEntityTooLarge from None
            return stream, self.cls(fields), self.cls()

    form_data_parser_class = _Parser
