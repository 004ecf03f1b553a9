"""The room of moderators: what waits, what was decided, and by whom."""
