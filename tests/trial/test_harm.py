"""The harm rule: it stops real harm, keeps its error rate over looks, and says no more."""

import datetime as dt
import typing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trial.plans import plan, pool

from stepin.errors import Invalid
from stepin.trial.design import Design, design, replay
from stepin.trial.harm import Verdict, crossed, look_days, paths, spent, verdict
from stepin.trial.screen import Floats

RULE = "\n[harm]\nalpha = 0.05\nrepetitions = 400\nfirst_after_days = 3\nleast_count = 50\n"


def totals(of: Design, looks: int, seed: int, *, excess: float = 0.0) -> tuple[Floats, Floats]:
    """Return running totals of low ratings and abandoned chats with workers of their own level."""
    rng = np.random.default_rng(seed)
    level = rng.beta(4, 8, size=(len(of.units), 2))
    treated = (replay(of, 1).arms[0] == 1)[:, None]
    counts = rng.poisson(4, size=(looks, len(of.units), 2))
    events = rng.binomial(counts, np.clip(level + excess * treated, 0, 1))
    return np.cumsum(events, axis=0).astype(float), np.cumsum(counts, axis=0).astype(float)


def test_looks_are_dated() -> None:
    days = look_days(plan("\n[harm]\nfirst_after_days = 3\nevery_days = 7\n"))
    assert days == (dt.date(2026, 3, 3), dt.date(2026, 3, 10), dt.date(2026, 3, 17))


@given(st.sampled_from(["pocock", "obrien_fleming"]), st.floats(0.001, 0.4))
def test_spending_rises_to_alpha(spending: typing.Any, alpha: float) -> None:
    levels = [spent(spending, alpha, f) for f in np.linspace(0.05, 1, 20)]
    assert levels == sorted(levels)
    assert levels[-1] == pytest.approx(alpha, rel=1e-9)
    assert levels[0] > 0


def test_real_harm_is_stopped_and_no_harm_is_not() -> None:
    rule = plan(RULE)
    of = design(rule, pool(60))
    assert verdict(rule, of, *totals(of, 6, 1, excess=0.25)) == "stop"
    assert verdict(rule, of, *totals(of, 6, 1)) == "go"
    assert verdict(rule, of, *totals(of, 6, 1, excess=-0.25)) == "go"


def test_only_two_words_come_out() -> None:
    assert set(typing.get_args(Verdict)) == {"go", "stop"}
    rule = plan(RULE)
    of = design(rule, pool(60))
    assert type(verdict(rule, of, *totals(of, 2, 3))) is str


def test_a_look_with_too_few_ratings_is_skipped() -> None:
    rule = plan(RULE.replace("least_count = 50", "least_count = 1000000"))
    of = design(rule, pool(60))
    assert verdict(rule, of, *totals(of, 6, 1, excess=0.5)) == "go"


def stopped_in_null(worlds: int, *, unguarded: bool) -> float:
    rule = plan(RULE)
    of = design(rule, pool(40))
    days = look_days(rule)
    levels = [spent("pocock", 0.05, (i + 3) / rule.days) for i in range(len(days))]
    if unguarded:
        levels = [0.05] * len(levels)
    stops = 0
    for seed in range(worlds):
        drawn = replay(of.with_seed(seed), 200).arms
        events, counts = totals(of, len(days), seed + 10_000)
        path = paths(rule.harm, drawn, 0, 2, events, counts)
        if unguarded:
            stops += any(crossed(path[look : look + 1], [0.05])[0] for look in range(len(days)))
        else:
            stops += bool(crossed(path, levels)[0])
    return stops / worlds


def test_the_error_rate_holds_over_all_looks() -> None:
    assert stopped_in_null(400, unguarded=False) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_looking_every_day_at_five_percent_breaks_the_error_rate() -> None:
    assert stopped_in_null(200, unguarded=True) > 0.12


@given(st.integers(0, 2**31), st.integers(20, 120), st.integers(1, 6))
def test_never_more_than_the_level_has_crossed(seed: int, columns: int, looks: int) -> None:
    """Ties included: this is what makes the rule exact."""
    rng = np.random.default_rng(seed)
    path = np.round(rng.normal(size=(looks, columns)), 1)
    levels = np.sort(rng.uniform(0, 0.3, looks)).tolist()
    for upto in range(1, looks + 1):
        assert crossed(path[:upto], levels[:upto]).mean() <= levels[upto - 1] + 1e-9


def test_totals_that_do_not_fit_are_refused() -> None:
    rule = plan(RULE)
    of = design(rule, pool(40))
    events, counts = totals(of, 3, 1)
    for wrong in ((events[:, :30], counts), (events[:0], counts[:0]), (events[..., :1],) * 2):
        with pytest.raises(Invalid) as caught:
            verdict(rule, of, *wrong)
        assert caught.value.code == "harm_shape"
