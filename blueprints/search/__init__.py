"""The room of search: what was said here, found again."""
