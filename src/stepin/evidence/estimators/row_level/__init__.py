"""Analyses that read one row a chat: exact where the moment cube can't be, and labelled so."""
