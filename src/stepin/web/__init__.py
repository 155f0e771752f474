"""The HTTP API, the live feeds and sign-in."""
