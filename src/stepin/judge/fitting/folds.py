"""Splits of examples into folds that depend on the seed and the groups alone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray


def folds_of(labels: Sequence[Hashable], n_folds: int, *, seed: int) -> NDArray[np.intp]:
    """Return the fold of each example, shape (len(labels),), values 0 … n_folds - 1.

    Every label is spread over the folds as evenly as it can be; within a label the order is
    drawn from `seed`.
    """
    generator = np.random.default_rng(seed)
    places: dict[Hashable, list[int]] = {}
    for place, label in enumerate(labels):
        places.setdefault(label, []).append(place)
    fold = np.zeros(len(labels), np.intp)
    offset = 0
    for members in places.values():
        shuffled = generator.permutation(len(members))
        for rank, member in enumerate(shuffled):
            fold[members[member]] = (rank + offset) % n_folds
        offset += len(members)
    return fold
