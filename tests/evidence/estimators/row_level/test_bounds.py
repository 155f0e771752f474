"""Lee's and Manski's bounds against brute force on the ratings themselves, and on planted data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepin.errors import Invalid
from stepin.evidence.estimators.row_level import bounds
from stepin.evidence.estimators.row_level.bounds import lee_bounds, manski_bounds


def counts_of(rng: np.random.Generator, units: int, rate: float, shift: float) -> np.ndarray:
    rows = np.zeros((units, 6))
    for i in range(units):
        chats = rng.integers(40, 80)
        latent = rng.normal(3.6 + shift, 1.2, size=chats).round().clip(1, 5).astype(int)
        rated = rng.random(chats) < rate
        rows[i] = np.bincount(np.where(rated, latent, 0), minlength=6)
    return rows


def trimmed_by_hand(ratings: np.ndarray, keep: float, top: bool) -> float:
    """Mean of a share of sorted ratings, each split into 1,000 parts."""
    parts = np.sort(np.repeat(ratings, 1_000))
    size = round(keep * parts.size)
    return float((parts[-size:] if top else parts[:size]).mean())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 0.5), st.floats(0.1, 0.5))
def test_trimming_in_closed_form_equals_trimming_by_hand(
    seed: int, rate_1: float, rate_0: float
) -> None:
    rng = np.random.default_rng(seed)
    on, off = counts_of(rng, 6, rate_1, -0.4), counts_of(rng, 6, rate_0, 0.0)
    counts = np.vstack([on, off])
    treated = np.arange(12) < 6
    found = lee_bounds(counts, treated, rng, draws=5)
    values = np.arange(1, 6)
    r1 = np.repeat(values, on.sum(axis=0)[1:].astype(int))
    r0 = np.repeat(values, off.sum(axis=0)[1:].astype(int))
    q1, q0 = r1.size / on.sum(), r0.size / off.sum()
    k1, k0 = min(1, q0 / q1), min(1, q1 / q0)
    low = trimmed_by_hand(r1, k1, False) - trimmed_by_hand(r0, k0, True)
    high = trimmed_by_hand(r1, k1, True) - trimmed_by_hand(r0, k0, False)
    assert found.low == pytest.approx(low, abs=2e-2)
    assert found.high == pytest.approx(high, abs=2e-2)
    wide = manski_bounds(counts, treated, rng, draws=5)
    assert wide.low <= found.low <= found.high <= wide.high


def test_equal_response_leaves_a_point() -> None:
    rows = np.tile(np.array([[50.0, 2, 3, 4, 5, 6]]), (20, 1))
    treated = np.arange(20) < 10
    found = lee_bounds(rows, treated, np.random.default_rng(0))
    assert found.low == found.high == 0.0
    assert found.trimmed_arm == "none"


def planted(seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Raters by type: always, only when treated; the always-raters lose 0.5 points."""
    rng = np.random.default_rng(seed)
    units, chats, truth = 60, 60, 0.0
    counts, always_1, always_0 = np.zeros((units, 6)), [], []
    treated = np.arange(units) % 2 == 0
    for i in range(units):
        kind = rng.choice(3, size=chats, p=[0.75, 0.15, 0.10])
        level = rng.normal(3.8, 1.0, size=chats) - 1.0 * (kind == 2)
        value = (level - 0.5 * treated[i]).round().clip(1, 5).astype(int)
        rated = (kind == 1) | ((kind == 2) & treated[i])
        counts[i] = np.bincount(np.where(rated, value, 0), minlength=6)
        (always_1 if treated[i] else always_0).append(value[kind == 1])
    truth = float(np.concatenate(always_1).mean() - np.concatenate(always_0).mean())
    return counts, treated, truth


def test_the_interval_holds_the_effect_on_always_raters() -> None:
    hits = 0
    for seed in range(40):
        counts, treated, _ = planted(seed)
        found = lee_bounds(counts, treated, np.random.default_rng(seed), draws=199)
        assert found.trimmed_arm == "treated"
        assert found.ci_low is not None
        assert found.ci_high is not None
        hits += found.ci_low <= -0.49 <= found.ci_high
    assert hits >= 36


def test_without_trimming_the_bound_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: leave nobody out, and the planted selection passes for an effect."""
    counts, treated, _ = planted(1)
    honest = lee_bounds(counts, treated, np.random.default_rng(1), draws=19)
    whole = bounds._trimmed_mean
    monkeypatch.setattr(
        bounds, "_trimmed_mean", lambda c, keep, top: whole(c, np.ones_like(keep), top=top)
    )
    naive = lee_bounds(counts, treated, np.random.default_rng(1), draws=19)
    assert naive.low == naive.high
    assert honest.low < honest.high


def test_few_units_get_bounds_but_no_interval() -> None:
    rows = np.tile(np.array([[50.0, 2, 3, 4, 5, 6]]), (6, 1))
    found = manski_bounds(rows, np.arange(6) < 3, np.random.default_rng(0), draws=9)
    assert found.ci_low is None
    assert "6 independent units" in (found.refused or "")


def test_an_arm_without_ratings_is_an_error() -> None:
    rows = np.zeros((12, 6))
    rows[:, 0] = 10
    with pytest.raises(Invalid) as caught:
        lee_bounds(rows, np.arange(12) < 6, np.random.default_rng(0))
    assert caught.value.code == "no_ratings"
