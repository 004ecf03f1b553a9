"""Following and sharing: feeds, the map for search engines, and what other places show of an article."""
