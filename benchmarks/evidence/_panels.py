"""Random unbalanced panels as chats, and the reference's fit of them at a tight tolerance."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stepin.core.facts import Chats
from stepin.evidence.estimators.least_squares import UnitDayPanel
from stepin.evidence.estimators.moments import Cube, CubeSpec, control, outcome_named
from stepin.evidence.estimators.moments.cells import from_columns

SPEC = CubeSpec(
    outcomes=(outcome_named("log_duration"),), controls=control(Chats.worker_tenure_days)
)
X = SPEC.controls[0].name


@dataclass(frozen=True)
class Drawn:
    """Chats, their cube, who is treated and from which day."""

    frame: pd.DataFrame
    cube: Cube
    treated: np.ndarray
    first: int


def draw(seed: int) -> Drawn:
    """Return a panel of unequal volume with empty cells and clustered, heavy-tailed errors."""
    rng = np.random.default_rng(seed)
    units, days = int(rng.integers(12, 60)), int(rng.integers(4, 25))
    n = rng.poisson(
        rng.gamma(1.0, rng.uniform(1, 8), units)[:, None] * (rng.random((units, days)) < 0.7)
    )
    n[:, rng.integers(0, days)] += 2
    u, d = (np.repeat(i, n.ravel()) for i in np.indices(n.shape).reshape(2, -1))
    treated = rng.permutation(units) < units // 2
    first = days // 2
    e = (rng.random(u.size) < 0.3).astype(float)
    x = rng.normal(size=u.size) + rng.normal(size=units)[u]
    t = (treated[u] & (d >= first)).astype(float)
    y = 6 + rng.normal(0, 0.4, units)[u] + rng.normal(0, 0.2, days)[d] - 0.2 * t + 0.3 * x
    y += rng.standard_t(3, u.size) + rng.normal(0, 0.3, (units, days))[u, d]
    frame = pd.DataFrame({"u": u, "d": d, "e": e, "x": x, "t": t, "te": t * e, "ti": t * (1 - e)})
    frame["y"] = y
    keys, cell = np.unique(frame[["u", "d", "e"]].to_numpy(int), axis=0, return_inverse=True)
    named = {X: x, "log_duration": y - 6.0}
    moments = []
    for sample in SPEC.samples:
        z = [np.ones(u.size), *(named[t] for t in sample.terms)]
        moments += [np.bincount(cell.ravel(), a * b) for i, a in enumerate(z) for b in z[i:]]
    names = np.char.mod("w%05d", keys[:, 0])
    cube = from_columns(SPEC, [names, 19_000 + keys[:, 1], keys[:, 2], *moments])
    return Drawn(frame, cube, treated, first)


def late(p: UnitDayPanel, first: int) -> np.ndarray:
    """Return float64[W, D, E], 1 from `first` on."""
    return np.broadcast_to((p.days - 19_000 >= first)[None, :, None], p.n.shape).astype(float)


def index(units: np.ndarray) -> np.ndarray:
    """Return the numbers of units named by `draw`."""
    return np.array([int(name[1:]) for name in units])


def reference(formula: str, frame: pd.DataFrame, vcov: object, **more: Any) -> Any:
    """Return pyfixest's fit; by default at a tolerance far below the comparison's."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        import pyfixest as pf

        tight = {"fixef_tol": 1e-13, "fixef_maxiter": 1_000_000} | more
        return pf.feols(formula, frame, vcov=vcov, **tight)
