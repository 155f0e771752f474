"""Boosted trees of a fixed depth as arrays: fitted by scikit-learn, scored by NumPy.

Every tree is a complete binary heap of the same depth; a leaf that came early is copied down.
A row goes left where its feature is at most the threshold. The score of a row doesn't depend
on which rows are scored with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH = 3
_N_NODES = 2**DEPTH - 1
_N_LEAVES = 2**DEPTH
_CHUNK_NODES = 2**17
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

    __slots__ = ("baseline", "feature", "threshold", "value")

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

    def score(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the raw scores (log-odds) of `rows`, shape (n_rows, n_outputs)."""
        return Forest([self]).score(rows)[0]

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


class Forest:
    """The trees of several models, scored in one pass over rows that hold what they all read.

    Every question of every tree is asked at once, row beside row; the answers pick the leaf: more
    comparisons than a walk down the trees, but none that waits for another.

    Parameters
    ----------
    trees : of each model.
    places : for each model where its features stand in a row; as they are if left out.
    """

    __slots__ = ("_asks", "_base", "_chunk_rows", "_feature", "_parts", "_threshold", "_value")

    def __init__(
        self, trees: Sequence[Trees], places: Sequence[NDArray[np.intp]] | None = None
    ) -> None:
        none = np.zeros((0, _N_NODES))
        read, threshold = [none.astype(np.intp)], [none]
        for number, one in enumerate(trees):
            feature = one.feature if places is None else places[number][one.feature]
            read.append(feature.reshape(-1, _N_NODES))
            threshold.append(one.threshold.reshape(-1, _N_NODES))
        node = np.stack(
            [np.concatenate(read).T.reshape(-1), np.concatenate(threshold).T.reshape(-1)]
        )
        questions, self._asks = np.unique(node, axis=1, return_inverse=True)
        self._feature = questions[0].astype(np.intp)
        self._threshold = np.ascontiguousarray(questions[1, :, None])
        self._value = np.concatenate([none[0:0, 0], *(one.value.reshape(-1) for one in trees)])
        n_all = len(self._asks) // _N_NODES
        self._base = np.arange(n_all) * _N_LEAVES
        self._chunk_rows = max(8, _CHUNK_NODES // max(1, len(self._asks)))
        self._parts: list[tuple[slice, Trees]] = []
        first = 0
        for one in trees:
            end = first + one.feature.shape[0] * one.feature.shape[1]
            self._parts.append((slice(first, end), one))
            first = end

    def score(self, rows: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Return each model's raw scores (log-odds) of `rows`, shape (n_rows, n_outputs)."""
        found = [np.empty((len(rows), len(one.baseline))) for _, one in self._parts]
        for start in range(0, len(rows), self._chunk_rows):
            chunk = slice(start, start + self._chunk_rows)
            leaves = self._leaves(rows[chunk])
            for scores, (part, one) in zip(found, self._parts, strict=True):
                shaped = leaves[:, part].reshape(len(leaves), *one.feature.shape[:2])
                scores[chunk] = one.baseline + np.add.reduce(shaped, axis=2)
        return found

    def _leaves(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what every tree adds to every row, shape (n_rows, n_trees)."""
        asked = np.ascontiguousarray(rows.T).take(self._feature, axis=0)
        answers = (asked > self._threshold).take(self._asks, axis=0)
        right = answers.reshape(_N_NODES, -1, len(rows))
        first = right[0]
        second = _either(first, right[1], right[2])
        third = _either(first, _either(second, right[3], right[4]),
                        _either(second, right[5], right[6]))  # fmt: skip
        leaf = (first.view(np.uint8) << 2) | (second.view(np.uint8) << 1) | third.view(np.uint8)
        found: NDArray[np.float64] = self._value.take(np.ascontiguousarray(leaf.T) + self._base)
        return found


def _either(
    goes_right: NDArray[np.bool_], left: NDArray[np.bool_], right: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return `right` where it goes right, `left` elsewhere."""
    return left ^ (goes_right & (left ^ right))


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

    One output for two classes, one per class for more. Fitted on one thread, so that the same
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
