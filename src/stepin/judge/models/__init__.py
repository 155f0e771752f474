"""The models behind detectors.

A chat becomes features here, and features become scores.
"""
