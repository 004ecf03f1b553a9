"""What the room of moderators tells the rooms above."""

from blinker import signal

reply_decided = signal("reply_decided")
"""Sent with the Decision about one reply, in its transaction."""
