"""The cast of the administrators' room."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.auth.models import Role, User
from tests import builders


@pytest.fixture
def lu(app: Flask) -> User:
    """陆岸, an administrator."""
    return builders.user("陆岸", "lu@example.com", Role.ADMINISTRATOR)


@pytest.fixture
def desk(client: FlaskClient, lu: User) -> FlaskClient:
    """The browser 陆岸 is logged in with."""
    builders.log_in(client, lu.username)
    return client
