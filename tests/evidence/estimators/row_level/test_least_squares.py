"""Row regressions against pyfixest, on random unbalanced panels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from stepin.errors import Invalid
from stepin.evidence.estimators.row_level.least_squares import fit

# Both sides solve in double precision; pyfixest demeans by iteration to 1e-12.
RELATIVE = 1e-8


def panel(seed: int, *, n: int = 900) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    # At least two rows a worker: pyfixest drops singletons, which changes its count of clusters.
    uneven = rng.choice(40, size=n - 80, p=rng.dirichlet(np.full(40, 2.0)))
    worker = np.concatenate([np.repeat(np.arange(40), 2), uneven])
    day = rng.integers(0, 9, size=n)
    x1 = rng.normal(size=n) + 0.1 * worker
    x2 = rng.integers(0, 2, size=n).astype(float)
    y = 0.3 * x1 - 0.2 * x2 + 0.1 * day + rng.normal(size=40)[worker] + rng.standard_t(3, size=n)
    return {"worker": worker, "day": day, "x1": x1, "x2": x2, "y": y, "w": rng.uniform(0.2, 2, n)}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("absorbed", [(), ("day",), ("worker",), ("worker", "day")])
@pytest.mark.parametrize("ways", [("worker",), ("worker", "day")])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_fit_equals_pyfixest(
    seed: int, absorbed: tuple[str, ...], ways: tuple[str, ...], weighted: bool
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        import pyfixest as pf

        rows = panel(seed)
        formula = "y ~ x1 + x2" + (" | " + " + ".join(absorbed) if absorbed else "")
        oracle = pf.feols(
            formula,
            pd.DataFrame(rows),
            vcov={"CRV1": " + ".join(ways)},
            weights="w" if weighted else None,
            fixef_tol=1e-12,
        )
    ours = fit(
        rows["y"],
        np.column_stack([rows["x1"], rows["x2"]]),
        ("x1", "x2"),
        cluster=tuple(rows[c] for c in ways) if len(ways) == 2 else rows[ways[0]],
        factors=tuple(rows[f] for f in absorbed),
        weights=rows["w"] if weighted else None,
    )
    for term in ("x1", "x2"):
        estimate = ours.estimate(term)
        assert estimate.value == pytest.approx(oracle.coef()[term], rel=RELATIVE)
        assert estimate.se == pytest.approx(oracle.se()[term], rel=RELATIVE)


def test_a_term_that_the_factors_hold_gets_no_effect() -> None:
    rows = panel(1)
    fixed = (rows["worker"] % 2).astype(float)
    ours = fit(
        rows["y"],
        np.column_stack([rows["x1"], fixed]),
        ("x1", "fixed"),
        cluster=rows["worker"],
        factors=(rows["worker"],),
    )
    assert ours.estimate("fixed").value == 0.0
    assert ours.estimate("fixed").p is None


def test_a_missing_value_is_an_error_and_not_a_dropped_row() -> None:
    rows = panel(1)
    rows["y"][3] = np.nan
    with pytest.raises(Invalid) as caught:
        fit(rows["y"], rows["x1"], ("x1",), cluster=rows["worker"])
    assert caught.value.code == "rows_missing"


def test_few_clusters_are_refused_in_words() -> None:
    rows = panel(2)
    few = rows["worker"] % 7
    estimate = fit(rows["y"], rows["x1"], ("x1",), cluster=few).estimate("x1")
    assert estimate.p is None
    assert estimate.low is None
    assert estimate.refused is not None
    assert "7 independent units" in estimate.refused


def test_a_small_arm_is_refused() -> None:
    rows = panel(2)
    treated = (rows["worker"] < 3).astype(float)
    estimate = fit(rows["y"], treated, ("treated",), cluster=rows["worker"]).estimate("treated")
    assert estimate.p is None
    assert "smaller arm has 3" in (estimate.refused or "")
