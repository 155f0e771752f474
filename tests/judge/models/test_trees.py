"""Trees as arrays say what scikit-learn says."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from stepin.judge.models.trees import Trees, from_boosted


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_they_agree_with_scikit_learn(n_classes: int, depth: int) -> None:
    draw = np.random.default_rng(n_classes * 10 + depth)
    rows = draw.normal(size=(400, 6))
    truth = (rows[:, 0] + rows[:, 1] * rows[:, 2] > 0).astype(int)
    if n_classes == 3:
        truth += rows[:, 3] > 0.5
    boosted = HistGradientBoostingClassifier(
        max_iter=15, max_depth=depth, max_leaf_nodes=8, random_state=0, early_stopping=False
    ).fit(rows, truth)
    trees = from_boosted(boosted)
    expected = boosted.decision_function(rows).reshape(len(rows), -1)
    assert trees.score(rows) == pytest.approx(expected, abs=1e-9)
    again = Trees.from_arrays(trees.to_arrays())
    assert np.array_equal(again.score(rows), trees.score(rows))
    alone = np.concatenate([trees.score(rows[place : place + 1]) for place in range(50)])
    assert np.array_equal(alone, trees.score(rows)[:50])
