"""Texts as rows of a sparse matrix, for fitting; and the linear score of one text.

Scoring adds the weighted rows of the coefficients in the order of the text's terms, so that a
score is the same to the last bit alone or in a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepin.judge.models.vocabulary import Weights


def matrix(rows: Sequence[Weights], n_columns: int) -> Any:
    """Return the rows as a scipy CSR matrix, shape (len(rows), n_columns)."""
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(row.places) for row in rows)])
    places = np.concatenate([row.places for row in rows]) if rows else np.zeros(0, np.intp)
    weights = np.concatenate([row.weights for row in rows]) if rows else np.zeros(0)
    return csr_matrix((weights, places, ends), shape=(len(rows), n_columns))


def linear(
    row: Weights, coefficients: NDArray[np.floating[Any]], intercepts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return intercepts + weights · coefficients, shape (n_outputs,).

    Parameters
    ----------
    row : indices and weights of a text's terms.
    coefficients : shape (n_terms, n_outputs).
    intercepts : shape (n_outputs,).
    """
    places, weights, _ = row
    if not len(places):
        return intercepts.copy()
    scaled = coefficients[places].astype(np.float64, copy=False) * weights[:, None]
    return np.asarray(scaled.sum(axis=0) + intercepts, np.float64)
