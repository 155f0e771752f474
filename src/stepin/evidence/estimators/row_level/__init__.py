"""Analyses that read one row per chat: exact where the moment cube can't be, and labelled so."""
