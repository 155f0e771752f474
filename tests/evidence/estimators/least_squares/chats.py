"""Random unbalanced panels of chats as rows, as a cube and as a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stepin.core.facts import Chats
from stepin.evidence.estimators.moments import CubeSpec, control, outcome_named
from stepin.evidence.estimators.moments.cells import from_columns

SPEC = CubeSpec(
    outcomes=(outcome_named("log_duration"), outcome_named("rating")),
    controls=control(Chats.worker_tenure_days),
)
X = SPEC.controls[0].name


@dataclass(frozen=True)
class Draw:
    frame: pd.DataFrame
    cube: object
    treated: np.ndarray
    first: int


def draw(seed, *, units=None, days=None, per_cell=3.0):
    """A panel with unequal volume, empty cells, heteroskedastic and clustered errors."""
    rng = np.random.default_rng(seed)
    units = units or int(rng.integers(12, 45))
    days = days or int(rng.integers(4, 14))
    rates = rng.gamma(1.2, per_cell / 1.2, units)
    n = rng.poisson(rates[:, None] * (rng.random((units, days)) < 0.75))
    n[:, -1] += n.sum(axis=1) == 0
    u, d = (np.repeat(i, n.ravel()) for i in np.indices(n.shape).reshape(2, -1))
    treated = rng.permutation(units) < units // 2
    first = days // 2
    size = u.size
    eligible = rng.random(size) < 0.3
    x = rng.normal(size=size) + 0.3 * rng.normal(size=units)[u]
    t = (treated[u] & (d >= first)).astype(float)
    shock = rng.normal(0, 0.3, units)[u] + rng.normal(0, 0.2, days)[d]
    y = 6 + shock + 0.4 * x + 0.2 * eligible - 0.3 * t + rng.standard_t(4, size) * (1 + 0.3 * t)
    y += rng.normal(0, 0.2, (units, days))[u, d]
    rating = np.where(rng.random(size) < 0.4, rng.integers(1, 6, size), np.nan)
    frame = pd.DataFrame(
        {"u": u, "d": d, "e": eligible.astype(float), "x": x, "t": t, "y": y, "rating": rating}
    )
    frame["te"], frame["ti"] = t * eligible, t * ~eligible
    return Draw(frame, as_cube(frame), treated, first)


def as_cube(frame):
    """The cube of a frame's chats, summed in numpy."""
    keys, cell = np.unique(frame[["u", "d", "e"]].to_numpy(int), axis=0, return_inverse=True)
    cell = cell.ravel()
    columns = [np.char.mod("w%05d", keys[:, 0]), 19_000 + keys[:, 1], keys[:, 2]]
    for sample in SPEC.samples:
        rated = "rating" in sample.needs
        there = frame["rating"].notna().to_numpy() if rated else np.ones(len(frame), bool)
        named = {X: "x", "log_duration": "y", "rating": "rating"}
        z = [there.astype(float)]
        z += [np.where(there, frame[named[t]], 0.0) for t in sample.terms]
        for i in range(len(z)):
            for j in range(i, len(z)):
                w = z[0] if i == j == 0 else z[i] * z[j]
                columns.append(np.bincount(cell, w, len(keys)))
    return from_columns(SPEC, columns)


def post_design(p, treated, first):
    """float64[W, D, E, 1], treated after `first`."""
    index = np.array([int(u[1:]) for u in p.units])
    t = treated[index][:, None] & (p.days - 19_000 >= first)
    return np.repeat(t[:, :, None, None].astype(float), p.strata.size, axis=2)
