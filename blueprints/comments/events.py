"""What the room of replies tells the rooms above."""

from blinker import signal

comment_published = signal("comment_published")
"""Sent with the reply, in the transaction that shows it to everyone for the first time."""
