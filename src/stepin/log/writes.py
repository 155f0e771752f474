"""What became of the last write to a log: whether a desk can keep what it is told."""

from __future__ import annotations

import time


class Writes:
    """The outcome of the last write, of whichever kind. Set by any thread, read by any.

    Attributes
    ----------
    failing : the code of the error with which the last write failed; empty if it succeeded.
    at_s : when that was, on the monotonic clock; minus infinity before the first.
    """

    def __init__(self) -> None:
        self.failing = ""
        self.at_s = float("-inf")

    def done(self) -> None:
        """Note a write that succeeded."""
        self.failing, self.at_s = "", time.monotonic()

    def failed(self, code: str) -> None:
        """Note a write that failed for a reason of the store's own."""
        self.failing, self.at_s = code, time.monotonic()
