"""The randomizer: fixed counts, exact probabilities, replayed rejections, and mutants of each."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, kstest
from tests.trial.plans import BLOCKED, SCREENED, plan, pool

from stepin.errors import Conflict, Refused
from stepin.trial.assignment import assign, assignment_hash, verify
from stepin.trial.design import Design, alone, candidates, design, replay
from stepin.trial.pool import Pool

AI_AT_30 = 'policy = "ai.toml"\nshare = 0.3'


def three_arms() -> Design:
    brief = '[[arms]]\nname = "brief"\npolicy = "brief.toml"\nshare = 0.2\n'
    text = {"[dates]": brief + "[dates]", 'policy = "ai.toml"\nshare = 0.5': AI_AT_30}
    return design(plan(BLOCKED, **text), pool(61))


def counts_off(of: Design, rows: int = 300) -> int:
    """Return how many (row, block, arm) counts differ from n · share by one or more."""
    arms = replay(of, rows).arms
    off = 0
    for b in range(len(of.block_names)):
        inside = arms[:, of.block == b]
        for a, share in enumerate(of.shares):
            counts = (inside == a).sum(axis=1)
            off += int((np.abs(counts - inside.shape[1] * share) >= 1 - 1e-9).sum())
    return off


def test_counts_are_fixed_inside_blocks_and_over_all() -> None:
    of = design(plan(BLOCKED), pool(60))
    assert counts_off(of) == 0
    assert set(replay(of, 300).arms.sum(axis=1).tolist()) == {30}


def test_drawing_each_alone_breaks_the_fixed_counts() -> None:
    assert counts_off(replace(design(plan(BLOCKED), pool(60)), fixed=False)) > 0


@pytest.mark.parametrize("of", [design(plan(BLOCKED), pool(61)), three_arms()])
def test_every_unit_has_exactly_the_share_as_its_probability(of: Design) -> None:
    arms = replay(of, 8000).arms
    for a, share in enumerate(of.shares):
        error = ((arms == a).mean(axis=0) - share) / np.sqrt(share * (1 - share) / len(arms))
        assert np.abs(error).max() < 4.5


def test_units_of_one_block_are_drawn_like_shuffled_cards() -> None:
    arms = replay(design(plan(), pool(6)), 6000).arms
    seen = Counter(map(tuple, arms.tolist()))
    assert len(seen) == 20
    expected = 6000 / 20
    assert chi2.sf(sum((n - expected) ** 2 / expected for n in seen.values()), 19) > 1e-4


@given(st.permutations(range(20)), st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_neither_the_order_of_the_pool_nor_the_batch_changes_a_draw(
    order: list[int], rows: int
) -> None:
    ids = [f"w{i}" for i in order]
    shuffled = design(plan(), Pool.of(ids, {}))
    sorted_ = design(plan(), Pool.of(sorted(ids), {}))
    assert np.array_equal(replay(shuffled, rows).arms, replay(sorted_, 40).arms[:rows])


def test_a_unit_keeps_its_draws_when_others_join_the_pool() -> None:
    small, large = (design(plan(), pool(n)) for n in (40, 41))
    one = replay(replace(small, fixed=False), 500).arms
    two = replay(replace(large, fixed=False), 500).arms
    assert np.array_equal(one, two[:, :40])


def test_the_screen_keeps_its_promise_and_replays_its_rejections() -> None:
    of = design(plan(BLOCKED + SCREENED), pool(120))
    assert of.screen is not None
    found = replay(of, 400)
    assert (of.screen.distances(found.arms, 2) <= of.screen.limit).all()
    drawn = np.concatenate([b for b, _ in zip(candidates(of, 9000), range(1), strict=False)])
    accepted = np.flatnonzero(of.screen.accepts(drawn, 2))
    assert np.array_equal(found.candidates, accepted[:400])
    assert np.array_equal(found.arms, drawn[accepted[:400]])
    assert 0.07 < len(accepted) / len(drawn) < 0.14


def test_without_the_screen_most_draws_break_its_promise() -> None:
    of = design(plan(BLOCKED + SCREENED), pool(120))
    assert of.screen is not None
    unscreened = replay(replace(of, screen=None), 400).arms
    assert (of.screen.distances(unscreened, 2) > of.screen.limit).mean() > 0.8


def test_the_distance_is_chi_square_as_morgan_and_rubin_say() -> None:
    of = design(plan(SCREENED), pool(400))
    assert of.screen is not None
    distances = of.screen.distances(replay(replace(of, screen=None), 3000).arms, 2)
    assert kstest(distances, chi2(2).cdf).pvalue > 1e-3


def test_a_threshold_bounds_every_standardized_difference() -> None:
    rule = '[randomization.rerandomize]\nrule = "threshold"\ncovariates = ["rating"]\n'
    units = pool(80)
    of = design(plan(rule + "largest_difference = 0.05"), units)
    x = np.array(units.numbers("rating"))
    for arms in replay(of, 50).arms:
        assert abs(x[arms == 1].mean() - x[arms == 0].mean()) <= 0.05 * x.std(ddof=1) + 1e-12


def test_a_rule_that_nothing_passes_is_refused() -> None:
    rule = '[randomization.rerandomize]\nrule = "threshold"\ncovariates = ["rating"]\n'
    with pytest.raises(Refused) as caught:
        replay(design(plan(rule + "largest_difference = 1e-9"), pool(20)), 1)
    assert caught.value.code == "rerandomization_too_strict"


def test_the_assignment_is_row_zero_and_survives_verification() -> None:
    of = design(plan(BLOCKED + SCREENED), pool(60))
    rows = assign(of)
    first = replay(of, 3).arms[0]
    assert [r.arm for r in rows] == [of.arms[a] for a in first]
    verify(of, {r.unit: r.arm for r in rows})
    assert assignment_hash(rows) == assignment_hash(reversed(rows))


def test_one_moved_unit_is_found() -> None:
    of = design(plan(), pool(20))
    recorded = {r.unit: r.arm for r in assign(of)}
    moved = {**recorded, "w0003": "people" if recorded["w0003"] == "ai" else "ai"}
    for wrong in (moved, {**recorded, "w9": "ai"}, {k: recorded[k] for k in list(recorded)[1:]}):
        with pytest.raises(Conflict) as caught:
            verify(of, wrong)
        assert caught.value.fields["count"] == 1


def test_units_drawn_alone_follow_the_shares() -> None:
    of = alone(plan(), tuple(f"c{i}" for i in range(500)))
    share = replay(of, 400).arms.mean()
    assert abs(share - 0.5) < 0.005
