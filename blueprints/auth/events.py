"""What the room of accounts tells the rooms above."""

from blinker import signal

account_erased = signal("account_erased")
"""Sent with the account, in the transaction that erases it, just before."""
