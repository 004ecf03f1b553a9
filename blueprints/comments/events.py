"""What happens to replies, for rooms above to hear of."""

from blinker import Namespace

_signals = Namespace()

comment_published = _signals.signal("comment-published")
