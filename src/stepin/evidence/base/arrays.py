"""Names for the arrays that the row-level analyses pass to each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def codes(labels: npt.NDArray[np.generic] | list[str]) -> Ints:
    """Return labels as integers 0 … k-1 in sorted order, none left out."""
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64).reshape(-1)


def group_sums(values: Floats, groups: Ints, count: int) -> Floats:
    """Return the sum of each column of ``values`` (n, k) within each group, as (count, k)."""
    sums = np.empty((count, values.shape[1]))
    for i, column in enumerate(values.T):
        sums[:, i] = np.bincount(groups, weights=column, minlength=count)
    return sums


def columns(*parts: Floats) -> Floats:
    """Return vectors and matrices of n rows side by side, as one (n, k) matrix."""
    return np.column_stack([part.astype(np.float64) for part in parts])
