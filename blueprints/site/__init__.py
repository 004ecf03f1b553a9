"""The room of what belongs to the whole site: sheet and script, privacy, security.txt, backup, demonstration."""
