"""The room of figures: what the site counts about itself, without cookies and without anything about a person."""
