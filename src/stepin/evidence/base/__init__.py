"""Types and scales that every part of the evidence uses.

Estimates, findings, outcomes, labels and levels of tests.
"""
