"""What the room of articles tells the rooms above."""

from blinker import signal

article_published = signal("article_published")
"""Sent with the article, in the transaction that shows it to everyone for the first time."""

article_saved = signal("article_saved")
"""Sent with the article, in the transaction that puts it up, or gives it another text or rendering; also with a draft."""
