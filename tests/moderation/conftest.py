"""The cast of the moderation desk."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.auth.models import User
from tests import builders


@pytest.fixture
def desk(app: Flask, lin: User) -> FlaskClient:
    """The browser 林舟 is logged in with, who moderates."""
    browser = app.test_client()
    builders.log_in(browser, lin.username)
    return browser
