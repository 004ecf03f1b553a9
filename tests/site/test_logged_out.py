"""A form that comes after the session has ended is answered with what was typed into it."""

import pytest

from blueprints.auth.models import Role
from tests import builders
from tests.builders import hidden, log_in

LOST = [
    ("/admin/settings", {"site_name": "慢慢读的地方", "site_description": "想了很久的一句话"}),
    ("/admin/pages/about/zh", {"title": "关于我们", "body": "这一页要说的话。"}),
    ("/write/pictures", {"alt": ["雨后的窗，玻璃上有水珠", "一盏灯"], "caption": ["图一", ""]}),
]


@pytest.mark.parametrize(("path", "typed"), LOST)
def test_what_was_typed_after_the_session_ended_comes_back(client, path, typed):
    builders.user("陆岸", "lu@example.com", role=Role.ADMINISTRATOR)
    log_in(client, "陆岸")
    token = hidden(client.get(path), "csrf_token")
    client.delete_cookie("session")

    page = client.post(path, data={"csrf_token": token, "seen": "0"} | typed)

    assert page.status_code == 403
    texts = [text for value in typed.values() for text in (value if isinstance(value, list) else [value])]
    assert all(text in page.text for text in texts)
    assert "回复内容" not in page.text
