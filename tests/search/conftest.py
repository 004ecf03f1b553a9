"""What can be looked for, and looking for it."""

import re

import pytest


@pytest.fixture
def search(client):
    """Look for something and return the permalinks of what was found, in order."""

    def look(q, **narrowed):
        page = client.get("/search", query_string={"q": q, **narrowed})
        assert page.status_code == 200
        return re.findall(r'hit__link" href="([^"]+)"', page.text)

    return look
