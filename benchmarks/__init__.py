"""What the site costs and gives away, measured against a real server."""
