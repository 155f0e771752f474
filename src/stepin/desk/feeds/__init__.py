"""Live feeds: what of each event reaches which eyes, and how it gets there without a gap.

The law of both feeds: a snapshot and the frames after it give what a fresh snapshot gives.
"""
