"""Keyed draws: the same in bulk and alone, uniform, and different for different names."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from stepin.trial.draw import draw, key, streams, uniform


@given(st.integers(0, 2**63), st.text(max_size=8), st.text(max_size=8), st.integers(0, 50))
def test_a_stream_gives_what_single_draws_give(
    seed: int, purpose: str, unit: str, index: int
) -> None:
    bulk = streams(seed, purpose, [unit])[0].random_raw(51)
    assert draw(key(seed, purpose, unit), index) == int(bulk[index])


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), unique=True, max_size=20))
def test_no_two_names_share_a_key(names: list[tuple[str, str]]) -> None:
    assert len({key(1, *name) for name in names}) == len(names)


def test_draws_over_units_and_over_indices_are_uniform_and_unrelated() -> None:
    over_units = np.array([uniform(key(3, "p", str(i))) for i in range(4000)])
    over_indices = np.array([uniform(key(3, "p", "u"), i) for i in range(4000)])
    assert kstest(over_units, "uniform").pvalue > 1e-4
    assert kstest(over_indices, "uniform").pvalue > 1e-4
    assert abs(np.corrcoef(over_units[:-1], over_units[1:])[0, 1]) < 0.08


def test_philox_gives_the_published_answers() -> None:
    """Random123's known answers for philox4x64-10: key 0 and counter 0, which is index -4."""
    answers = (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B)
    assert tuple(draw((0, 0), index) for index in range(-4, 0)) == answers


def test_a_key_is_fixed_for_ever() -> None:
    assert key(7, "fixed", "w1") == (15725074254027464260, 18121508332722300411)
