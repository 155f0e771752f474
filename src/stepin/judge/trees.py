"""Boosted trees of a fixed depth as arrays: fitted by scikit-learn, scored by NumPy.

Every tree is a complete binary heap of the same depth; a leaf that came early is copied down.
A row goes left where its feature is at most the threshold. The score of a row doesn't depend
on which rows are scored with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH = 3
_N_NODES = 2**DEPTH - 1
_N_LEAVES = 2**DEPTH
_CHUNK_ROWS = 512
_BINS = 63


class Trees:
    """An additive model of trees.

    Attributes
    ----------
    feature : shape (n_outputs, n_trees, 7), index of the feature that a node asks for.
    threshold : the same shape; +inf sends every row to the left.
    value : shape (n_outputs, n_trees, 8), what each leaf adds.
    baseline : shape (n_outputs,), the score before the first tree.
    """

    __slots__ = (
        "_flat_feature", "_flat_threshold", "_flat_value", "_leaf_base", "_node_base",
        "baseline", "feature", "threshold", "value",
    )  # fmt: skip

    def __init__(
        self,
        feature: NDArray[np.intp],
        threshold: NDArray[np.float64],
        value: NDArray[np.float64],
        baseline: NDArray[np.float64],
    ) -> None:
        self.feature = np.asarray(feature, np.intp)
        self.threshold = np.asarray(threshold, np.float64)
        self.value = np.asarray(value, np.float64)
        self.baseline = np.asarray(baseline, np.float64)
        n_all = self.feature.shape[0] * self.feature.shape[1]
        self._flat_feature = self.feature.reshape(-1)
        self._flat_threshold = self.threshold.reshape(-1)
        self._flat_value = self.value.reshape(-1)
        self._node_base = np.arange(n_all) * _N_NODES
        self._leaf_base = np.arange(n_all) * _N_LEAVES

    def score(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the raw scores (log-odds) of `rows`, shape (n_rows, n_outputs)."""
        parts = [
            self._score_chunk(rows[start : start + _CHUNK_ROWS])
            for start in range(0, len(rows), _CHUNK_ROWS)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.baseline)))

    def _score_chunk(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        n_outputs, n_trees, _ = self.feature.shape
        row = np.arange(len(rows))[:, None]
        node = np.zeros((len(rows), n_outputs * n_trees), np.intp)
        for _ in range(DEPTH):
            place = self._node_base + node
            right = rows[row, self._flat_feature[place]] > self._flat_threshold[place]
            node = 2 * node + 1 + right
        leaves = self._flat_value[self._leaf_base + node - _N_NODES]
        shaped = np.ascontiguousarray(leaves.reshape(len(rows), n_outputs, n_trees))
        total = self.baseline + np.add.reduce(shaped, axis=2)
        return np.asarray(total, np.float64)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the trees as arrays for a model file."""
        return {
            "tree_feature": self.feature.astype(np.int32),
            "tree_threshold": self.threshold,
            "tree_value": self.value,
            "tree_baseline": self.baseline,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Trees:
        """Return the trees that `to_arrays` described."""
        return cls(
            arrays["tree_feature"], arrays["tree_threshold"], arrays["tree_value"],
            arrays["tree_baseline"],
        )  # fmt: skip


def fit_trees(
    rows: NDArray[np.float64],
    truth: NDArray[np.intp],
    weight: NDArray[np.float64],
    *,
    n_trees: int,
    learning_rate: float,
    seed: int,
    depth: int = DEPTH,
    fewest_in_leaf: int = 20,
) -> Trees:
    """Return trees boosted on the log-loss (Friedman 2001, algorithms 5 and 6).

    One output for two classes, one a class for more. Fitted on one thread, so that the same
    rows and seed give the same trees.

    Parameters
    ----------
    rows : shape (n, n_features), finite.
    truth : shape (n,), classes 0 … k - 1, each present.
    weight : shape (n,), positive.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    boosted = HistGradientBoostingClassifier(
        max_iter=n_trees,
        learning_rate=learning_rate,
        max_depth=depth,
        max_leaf_nodes=2**depth,
        min_samples_leaf=fewest_in_leaf,
        l2_regularization=1.0,
        max_features=0.5,
        max_bins=_BINS,
        early_stopping=False,
        random_state=seed,
    )
    weights = None if np.ptp(weight) == 0.0 else weight / weight.mean()
    with threadpool_limits(limits=1):
        boosted.fit(rows, truth, sample_weight=weights)
    return from_boosted(boosted)


def from_boosted(boosted: Any) -> Trees:
    """Return a fitted HistGradientBoostingClassifier as arrays."""
    rounds = boosted._predictors
    n_outputs = len(rounds[0])
    feature = np.zeros((n_outputs, len(rounds), _N_NODES), np.intp)
    threshold = np.full((n_outputs, len(rounds), _N_NODES), np.inf)
    value = np.zeros((n_outputs, len(rounds), _N_LEAVES))
    for number, outputs in enumerate(rounds):
        for output, tree in enumerate(outputs):
            _copy_down(tree.nodes, feature[output, number], threshold[output, number],
                       value[output, number])  # fmt: skip
    return Trees(feature, threshold, value, np.asarray(boosted._baseline_prediction).reshape(-1))


def _copy_down(
    nodes: Any,
    feature: NDArray[np.intp],
    threshold: NDArray[np.float64],
    value: NDArray[np.float64],
) -> None:
    waiting = [(0, 0)]
    while waiting:
        source, place = waiting.pop()
        node = nodes[source]
        if place >= _N_NODES:
            value[place - _N_NODES] = node["value"]
            continue
        if node["is_leaf"]:
            waiting += [(source, 2 * place + 1), (source, 2 * place + 2)]
            continue
        feature[place] = node["feature_idx"]
        threshold[place] = node["num_threshold"]
        waiting += [(int(node["left"]), 2 * place + 1), (int(node["right"]), 2 * place + 2)]
