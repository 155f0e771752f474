"""The level of a report's tests: the plan's `analysis.alpha`, for as long as its report is made.

Every interval, verdict and simulated trial of a report asks here, so that a stricter level that was
registered can't be left out by one of them. Outside of a report it is 5 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

USUAL: Final = 0.05
_ALPHA: ContextVar[float] = ContextVar("alpha", default=USUAL)


def alpha() -> float:
    """Return the level in force: the chance of a false alarm that each test may have."""
    return _ALPHA.get()


@contextmanager
def at_level(chosen: float) -> Iterator[None]:
    """Put a level in force."""
    token = _ALPHA.set(chosen)
    try:
        yield
    finally:
        _ALPHA.reset(token)


def confidence(chosen: float | None = None) -> str:
    """Return how sure intervals are, such as ``95%``; by default those of the level in force."""
    return f"{100 * (1 - (alpha() if chosen is None else chosen)):g}%"
