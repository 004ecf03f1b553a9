"""The room of replies: writing them, screening them, showing them as threads."""
