"""Numbers from the cube against pyfixest on the chats, over random unbalanced panels.

Coefficients, CR1 and two-way errors; t statistics of the wild cluster bootstrap and of permuted
assignments, where the reference fits the very chats that a draw stands for. The differences are
relative; where a two-way variance is negative its value is compared.
"""

from __future__ import annotations

import numpy as np

from benchmarks.evidence._panels import Drawn, X, draw, index, late, reference
from benchmarks.harness import finish, line, options
from stepin.evidence.estimators.least_squares import by_unit, by_unit_and_day, fit, panel
from stepin.evidence.estimators.resampling import focus, signs, studentized, wild

NAMES = ("te", "ti", "e", "x")
GOAL = 1e-9


def apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest relative difference."""
    return float(np.max(np.abs(np.asarray(ours) - theirs) / np.abs(theirs)))


def fits(d: Drawn) -> tuple[float, float, float]:
    """Return the differences of coefficients, CR1 and two-way errors."""
    p = panel(d.cube, "log_duration", controls=[X])
    t = late(p, d.first)[..., None] * d.treated[index(p.units)][:, None, None, None]
    e = np.broadcast_to((p.strata == 1)[:, None], t.shape).astype(float)
    ours = fit(p, np.concatenate([t * e, t * (1 - e), e], axis=3), NAMES[:3])
    out = []
    for vcov, kind in (({"CRV1": "u"}, by_unit), ({"CRV1": "u+d"}, by_unit_and_day)):
        theirs = reference("y ~ te + ti + e + x | u + d", d.frame, vcov)
        order = [list(theirs._coefnames).index(n) for n in NAMES]
        variance = np.diag(theirs._vcov)[order]
        if not out:
            out.append(apart(ours.beta, theirs._beta_hat[order]))
        mine, yours = np.diag(kind(ours).matrix), variance
        if (yours > 0).all():
            mine, yours = np.sqrt(mine), np.sqrt(yours)
        out.append(apart(mine, yours))
    return out[0], out[1], out[2]


def redraws(d: Drawn, count: int, seed: int) -> tuple[float, float]:
    """Return the differences of bootstrap and of permuted t statistics."""
    p = panel(d.cube, "log_duration", controls=[X])
    e = np.broadcast_to((p.strata == 1)[:, None], (*p.n.shape, 1)).astype(float)
    f = focus(p, late(p, d.first), e, ("e",))
    at = index(f.units)
    rng = np.random.default_rng(seed)
    arms = np.stack([rng.permutation(d.treated) for _ in range(count)])
    permuted = studentized(f, arms[:, at])[1]
    weights = signs(at.size, count, seed)
    turned = wild(f, d.treated[at], weights).test().statistics
    null = reference("y ~ e + x | u + d", d.frame, "iid")
    residual = null.resid()
    place = np.zeros(int(d.frame["u"].max()) + 1, dtype=int)
    place[at] = np.arange(at.size)
    theirs = np.empty((2, count))
    for i in range(count):
        sign = weights[i][place[d.frame["u"]]]
        star = d.frame.assign(y=d.frame["y"] - residual + sign * residual)
        arm = (arms[i][d.frame["u"]] & (d.frame["d"] >= d.first)).astype(float)
        for j, frame in enumerate((star, d.frame.assign(t=arm))):
            theirs[j, i] = reference("y ~ t + e + x | u + d", frame, {"CRV1": "u"}).tstat()["t"]
    return apart(turned, theirs[0]), apart(permuted, theirs[1])


def main() -> None:
    """Measure and print every claim."""
    chosen = options(__doc__)
    panels = chosen.pick(200, 20)
    found = np.array([fits(draw(seed)) for seed in range(panels)])
    some, count = chosen.pick(20, 3), chosen.pick(25, 5)
    again = np.array([redraws(draw(seed), count, seed) for seed in range(some)])
    claims = (
        (f"coefficients, {panels} random panels", found[:, 0]),
        (f"CR1 errors, {panels} random panels", found[:, 1]),
        (f"two-way errors, {panels} random panels", found[:, 2]),
        (f"wild bootstrap t, {some} panels x {count} shared draws", again[:, 0]),
        (f"permuted t, {some} panels x {count} assignments", again[:, 1]),
    )
    for claim, apart_by in claims:
        worst = float(apart_by.max())
        print(f"  {claim}: worst {worst:.2g}, median {np.median(apart_by):.2g}")
        line(
            f"relative difference to pyfixest: {claim}",
            ours=worst,
            reference=0.0,
            ratio=worst / GOAL,
            goal="<= 1e-9",
            holds=worst <= GOAL,
        )
    finish()


if __name__ == "__main__":
    main()
