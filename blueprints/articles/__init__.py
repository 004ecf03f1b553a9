"""The room of articles: publishing and reading them."""
