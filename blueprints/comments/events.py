"""What the room of replies tells the rooms above."""

from blinker import signal

comment_published = signal("comment_published")
"""Sent with the reply, in the transaction that shows it to everyone: the first time, and again after it was hidden."""

comment_hidden = signal("comment_hidden")
"""Sent with the reply, in the transaction that takes it from the public, whatever becomes of it."""

comment_rewritten = signal("comment_rewritten")
"""Sent with a public reply, in the transaction that gives it another text."""

comment_held = signal("comment_held")
"""Sent with a reply that waits for a moderator, in the transaction that lets it wait; not where a letter's link will publish it."""

moderator_asked = signal("moderator_asked")
"""Sent with a reply that a reader reports, or whose writer answers the decision about it, in the transaction that stores that."""

flood_began = signal("flood_began")
"""Sent with the Flood, in the transaction that raises the bar."""

address_proved = signal("address_proved")
"""Sent with the GuestAddress each time its owner opens a letter's link; `follows` holds the ids of the wishes that were ticked there."""
