"""Keyed randomness: a draw depends on what it is about, never on the order of events."""
