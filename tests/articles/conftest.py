"""The cast of the desk of authors."""

import pytest
from flask.testing import FlaskClient

from blueprints.auth.models import User
from tests.states_of_writing import author


@pytest.fixture
def shen(client: FlaskClient) -> User:
    """沈未, an author, logged in."""
    return author(client)
