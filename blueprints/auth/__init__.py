"""The room of accounts: registering, logging in, getting back in."""
