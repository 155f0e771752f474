"""Detectors: the opinion that each has of a chat after a turn, and the panel of all of them."""
