"""Every room with a door, lowest first: a room may import from those before it."""

ROOMS = (
    "captcha",
    "auth",
    "articles",
    "comments",
    "moderation",
    "notifications",
    "search",
    "feeds",
    "metrics",
    "admin",
    "site",
)
