"""Blocks: cells of like units, inside which the counts of the arms are fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from stepin.trial.plan import BlockBy
from stepin.trial.pool import Pool, Value

POOLED = "pooled"
UNKNOWN = "unknown"


def blocks(pool: Pool, by: Sequence[BlockBy], *, least: int = 1) -> tuple[str, ...]:
    """Return the block of every unit of the pool, in the pool's order.

    A block's name spells its cell, as `team=north tenure_days=2/4`. A missing value is a cell of
    its own. Cells of fewer than `least` units are pooled into one; the whole pool is one block,
    named `all`, if `by` is empty.

    Raises
    ------
    Invalid
        ``pool_covariate``: the pool lacks a covariate, or one to be cut isn't a number.
    """
    if not by:
        return ("all",) * len(pool.units)
    labels = [
        _bins(pool.numbers(b.covariate), b.quantiles)
        if b.quantiles
        else _cells(pool.covariate(b.covariate))
        for b in by
    ]
    cells = [
        " ".join(f"{b.covariate}={label}" for b, label in zip(by, row, strict=True))
        for row in zip(*labels, strict=True)
    ]
    sizes = Counter(cells)
    return tuple(cell if sizes[cell] >= least else POOLED for cell in cells)


def _cells(values: Sequence[Value]) -> list[str]:
    return [UNKNOWN if v is None else f"{v:g}" if isinstance(v, float | int) else v for v in values]


def _bins(values: Sequence[float | None], bins: int) -> list[str]:
    """Cut at mid-ranks, so that equal values never fall into different bins."""
    known = sorted(v for v in values if v is not None)
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for rank, number in enumerate(known):
        first.setdefault(number, rank)
        last[number] = rank
    labels = []
    for value in values:
        if value is None:
            labels.append(UNKNOWN)
            continue
        middle = Fraction(first[value] + last[value] + 1, 2 * len(known))
        labels.append(f"{min(int(middle * bins), bins - 1) + 1}/{bins}")
    return labels
