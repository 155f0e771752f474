"""How numbers are written: one rule per scale, the same in sentences, tables and axes."""

from __future__ import annotations

from typing import Literal

import numpy as np

Scale = Literal["percent", "log", "share", "points", "seconds", "count", "sd"]

MINUS = "\u2212"
RANGE = "\u2013"
TIMES = "\u00d7"


def shown(value: float, scale: Scale) -> float:
    """Return the value in the unit that readers see.

    ``percent`` turns a difference of logarithms into a relative change in percent; ``share``
    turns a share into percentage points; ``log`` writes a difference of logarithms times 100,
    which adds up and is near the relative change; the others stay as they are.
    """
    if scale == "percent":
        return float(100 * np.expm1(value))
    if scale in ("share", "log"):
        return 100 * value
    return value


def _digits(scale: Scale, size: float) -> int:
    if scale in ("percent", "log", "share"):
        return 1 if size < 99.95 else 0
    if scale == "points":
        return 2
    if scale == "seconds":
        return 1 if size < 9.95 else 0
    if scale == "sd":
        return 2
    return 2 if size < 9.995 else 1 if size < 99.95 else 0


AXIS: dict[Scale, str] = {
    "percent": "difference, %",
    "log": "parts, 100 \u00d7 difference of logarithms",
    "share": "difference, percentage points",
    "points": "difference, points",
    "seconds": "difference, seconds",
    "count": "difference",
    "sd": "difference, standard deviations",
}

SUFFIX: dict[Scale, str] = {
    "percent": "%",
    "log": "",
    "share": " pp",
    "points": "",
    "seconds": " s",
    "count": "",
    "sd": " SD",
}


def amount(value: float, scale: Scale, *, finer: int = 0) -> str:
    """Return the size of an effect without its sign, such as ``16.8%`` or ``0.41``.

    Parameters
    ----------
    finer : digits beyond those that the scale asks for.
    """
    size = abs(shown(value, scale))
    return f"{size:,.{_digits(scale, size) + finer}f}{SUFFIX[scale]}"


def signed(value: float, scale: Scale, *, finer: int = 0) -> str:
    """Return an effect with its sign, such as ``+0.09`` or, with a true minus, ``-16.8%``."""
    text = amount(value, scale, finer=finer)
    if not any(c in "123456789" for c in text):
        return text
    return ("+" if value > 0 else MINUS) + text


def nothing(value: float, scale: Scale) -> bool:
    """Return whether an effect is too small to be written as anything but zero."""
    return not any(c in "123456789" for c in amount(value, scale))


def interval(low: float | None, high: float | None, scale: Scale) -> str:
    """Return an interval such as ``-18.5% to -15.0%``, or a dash when it is refused.

    One too narrow for the scale's digits gets as many more as tell its ends apart, up to three.
    """
    if low is None or high is None:
        return RANGE
    for finer in range(4):
        ends = signed(low, scale, finer=finer), signed(high, scale, finer=finer)
        if ends[0] != ends[1]:
            break
    return f"{ends[0]} to {ends[1]}"


def probability(p: float | None) -> str:
    """Return a p-value as readers see it, never as 0; a dash when it is refused."""
    if p is None:
        return RANGE
    if p < 0.001:
        return "<0.001"
    return f"{p:.3f}"


def stated(p: float) -> str:
    """Return a p-value inside a sentence, such as ``p = 0.041`` or ``p < 0.001``."""
    text = probability(p)
    return f"p {text[0]} {text[1:]}" if text.startswith("<") else f"p = {text}"


def whole(n: float) -> str:
    """Return a count with thousands separated."""
    return f"{n:,.0f}"


def level(value: float | None, scale: Scale) -> str:
    """Return a level (not a change), such as a mean of 3.57 or a share of 17.0%."""
    if value is None or not np.isfinite(value):
        return RANGE
    if scale == "share":
        return f"{100 * value:.1f}%"
    size = abs(value)
    text = f"{size:,.{_digits('count' if scale == 'percent' else scale, size)}f}"
    return ("" if value >= 0 else MINUS) + text + (" s" if scale == "seconds" else "")
