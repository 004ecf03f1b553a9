"""The room of administrators: people and their rights, and the first run of a new site."""
