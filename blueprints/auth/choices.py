"""What an account chooses for itself."""

from blueprints.auth.models import User
from core.i18n import LANGUAGES


def introduce(user: User, introduction: str) -> None:
    """Set the line that stands on somebody's author page; an empty one is none."""
    user.introduction = introduction


def choose(user: User, language: str, *, tells_new_devices: bool) -> None:
    """Set the language of letters and pages, and whether a log-in from somewhere new is told by letter."""
    user.language = language if language in LANGUAGES else user.language
    user.tells_new_devices = tells_new_devices
