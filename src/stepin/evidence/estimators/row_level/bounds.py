"""What the effect on ratings can be when not everyone answers: Lee's and Manski's bounds.

Ratings take the values 1 to 5, so both need only counts per unit and rating, and trimming
has a closed form: whole values from one end, and a fraction of the value at the border.
"""

from __future__ import annotations

import msgspec
import numpy as np
from scipy import optimize, stats

from stepin.errors import Invalid
from stepin.evidence.base.arrays import Bools, Floats
from stepin.evidence.base.estimate import refusal
from stepin.evidence.base.level import alpha

VALUES = np.arange(1.0, 6.0)
DRAWS = 999


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """An interval that holds the effect, and the interval for its uncertainty.

    Attributes
    ----------
    low, high : the bounds, in rating points.
    ci_low, ci_high : interval for the effect inside the bounds; None when refused.
    trimmed_share : share of the raters that Lee's bounds leave out of one arm, else 0.
    trimmed_arm : ``treated``, ``control`` or ``none``.
    refused : why there is no interval.
    """

    low: float
    high: float
    ci_low: float | None
    ci_high: float | None
    trimmed_share: float
    trimmed_arm: str
    refused: str | None


def _trimmed_mean(counts: Floats, keep: Floats, *, top: bool) -> Floats:
    """Return the mean of the lowest (or, ``top``, highest) share ``keep`` of the raters.

    Parameters
    ----------
    counts : (B, 5) raters at each value. keep : (B,) share kept.
    """
    order = slice(None, None, -1) if top else slice(None)
    ordered, values = counts[:, order], VALUES[order]
    quota = (keep * counts.sum(axis=1))[:, None]
    reached = np.cumsum(ordered, axis=1)
    taken = np.clip(quota - (reached - ordered), 0.0, ordered)
    return np.asarray((taken @ values) / np.maximum(taken.sum(axis=1), 1e-300))


def _lee(treated: Floats, control: Floats) -> tuple[Floats, Floats, Floats]:
    """Return lower bounds, upper bounds and q₁/q₀ - 1 for (B, 6) counts [unrated, 1, …, 5].

    A row in which an arm has no rating has no bounds: its values are NaN.
    """
    share_1, share_0 = _rated_share(treated), _rated_share(control)
    keep_1 = np.minimum(1.0, share_0 / share_1)
    keep_0 = np.minimum(1.0, share_1 / share_0)
    low = _trimmed_mean(treated[:, 1:], keep_1, top=False) - _trimmed_mean(
        control[:, 1:], keep_0, top=True
    )
    high = _trimmed_mean(treated[:, 1:], keep_1, top=True) - _trimmed_mean(
        control[:, 1:], keep_0, top=False
    )
    return low, high, share_1 / share_0 - 1.0


def _rated_share(counts: Floats) -> Floats:
    share = counts[:, 1:].sum(axis=1) / counts.sum(axis=1)
    return np.where(share > 0, share, np.nan)


def _manski(treated: Floats, control: Floats) -> tuple[Floats, Floats]:
    def ends(counts: Floats) -> tuple[Floats, Floats]:
        total = counts.sum(axis=1)
        given = counts[:, 1:] @ VALUES
        return (given + counts[:, 0] * VALUES[0]) / total, (
            given + counts[:, 0] * VALUES[-1]
        ) / total

    (low_1, high_1), (low_0, high_0) = ends(treated), ends(control)
    return low_1 - high_0, high_1 - low_0


def _resampled(counts: Floats, rng: np.random.Generator, draws: int) -> Floats:
    units = counts.shape[0]
    return np.asarray(
        rng.multinomial(units, np.full(units, 1.0 / units), size=draws).astype(np.float64) @ counts
    )


def _reach(width: float, se_low: float, se_high: float) -> float:
    """Return Imbens and Manski's critical value; at 5 % 1.645 for wide bounds, 1.96 for a point."""
    scale = max(se_low, se_high)
    if scale <= 0:
        return 0.0

    def gap(c: float) -> float:
        return float(stats.norm.cdf(c + width / scale) - stats.norm.cdf(-c) - (1 - alpha()))

    least, most = (float(stats.norm.ppf(1 - alpha() / k)) for k in (1.0, 2.0))
    return float(optimize.brentq(gap, min(1.0, least - 0.1), max(3.0, most + 0.1)))


def _check(counts: Floats, treated: Bools) -> None:
    if counts.ndim != 2 or counts.shape[1] != 6 or counts.shape[0] != treated.size:
        raise Invalid(
            "Bounds need one row per unit: unrated chats, then chats rated 1 to 5.",
            code="counts_shape",
        )
    if min(counts[treated][:, 1:].sum(), counts[~treated][:, 1:].sum()) == 0:
        raise Invalid("An arm has no rating at all.", code="no_ratings")


def _bounds(
    point: tuple[float, float],
    drawn: tuple[Floats, Floats],
    *,
    trimmed: float,
    trimmed_arm: str,
    arms: tuple[int, int],
) -> Bounds:
    why = refusal(sum(arms), arms)
    se_low, se_high = (float(np.nanstd(d, ddof=1)) for d in drawn)
    reach = _reach(point[1] - point[0], se_low, se_high)
    return Bounds(
        low=point[0],
        high=point[1],
        ci_low=None if why else point[0] - reach * se_low,
        ci_high=None if why else point[1] + reach * se_high,
        trimmed_share=trimmed,
        trimmed_arm=trimmed_arm,
        refused=why,
    )


def lee_bounds(
    counts: Floats, treated: Bools, rng: np.random.Generator, *, draws: int = DRAWS
) -> Bounds:
    """Return bounds on the effect for customers who would answer in either arm.

    The only assumption beyond randomization is that the arm moves answering one way. The
    arm that answers more is trimmed at one end, then at the other (Lee 2009, proposition
    1a, with ties split). Errors by resampling units within arms, interval by Imbens and
    Manski (2004, eq. 6 and 7).

    Parameters
    ----------
    counts : (units, 6) chats of each unit that were not rated, rated 1, …, rated 5.
    treated : (units,) arm.

    Raises
    ------
    Invalid
        ``counts_shape``; ``no_ratings`` when an arm has none.
    """
    _check(counts, treated)
    on, off = counts[treated], counts[~treated]
    low, high, excess = _lee(on.sum(axis=0, keepdims=True), off.sum(axis=0, keepdims=True))
    drawn = _lee(_resampled(on, rng, draws), _resampled(off, rng, draws))
    gap = float(excess[0])
    return _bounds(
        (float(low[0]), float(high[0])),
        (drawn[0], drawn[1]),
        trimmed=gap / (1 + gap) if gap > 0 else -gap,
        trimmed_arm="treated" if gap > 0 else "control" if gap < 0 else "none",
        arms=(int(treated.sum()), int((~treated).sum())),
    )


def manski_bounds(
    counts: Floats, treated: Bools, rng: np.random.Generator, *, draws: int = DRAWS
) -> Bounds:
    """Return bounds that assume nothing: every missing rating may be a 1 or a 5.

    Source: Manski (1990), "Nonparametric bounds on treatment effects". Parameters and
    errors as in `lee_bounds`.
    """
    _check(counts, treated)
    on, off = counts[treated], counts[~treated]
    low, high = _manski(on.sum(axis=0, keepdims=True), off.sum(axis=0, keepdims=True))
    return _bounds(
        (float(low[0]), float(high[0])),
        _manski(_resampled(on, rng, draws), _resampled(off, rng, draws)),
        trimmed=0.0,
        trimmed_arm="none",
        arms=(int(treated.sum()), int((~treated).sum())),
    )
