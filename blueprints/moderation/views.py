"""The doors of the moderation desk."""

from flask import Blueprint

from blueprints.moderation import models  # noqa: F401

bp = Blueprint("moderation", __name__)
