"""Blocks: every unit in one, equal values together, small cells pooled."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from tests.trial.plans import pool

from stepin.trial.blocks import POOLED, UNKNOWN, blocks
from stepin.trial.plan import BlockBy
from stepin.trial.pool import Pool

NUMBERS = st.lists(st.one_of(st.none(), st.integers(0, 20).map(float)), min_size=1, max_size=60)


@given(NUMBERS, st.integers(2, 6))
def test_bins_rise_with_the_value_and_never_split_a_tie(
    values: list[float | None], bins: int
) -> None:
    units = Pool.of([f"{i:03d}" for i in range(len(values))], {"x": values})
    found = blocks(units, [BlockBy(covariate="x", quantiles=bins)])
    by_value: dict[float, int] = {}
    for value, name in zip(values, found, strict=True):
        if value is None:
            assert name == f"x={UNKNOWN}"
            continue
        number = int(name.removeprefix("x=").split("/")[0])
        assert 1 <= number <= bins
        assert by_value.setdefault(value, number) == number
    ordered = [by_value[v] for v in sorted(by_value)]
    assert ordered == sorted(ordered)


def test_distinct_values_fill_bins_evenly() -> None:
    units = Pool.of([f"{i:03d}" for i in range(40)], {"x": [float(i) for i in range(40)]})
    sizes = Counter(blocks(units, [BlockBy(covariate="x", quantiles=4)]))
    assert set(sizes.values()) == {10}


def test_small_cells_are_pooled() -> None:
    units = pool(60)
    by = [BlockBy(covariate="team"), BlockBy(covariate="tenure_days", quantiles=4)]
    sizes = Counter(blocks(units, by, least=3))
    assert POOLED in sizes
    assert all(size >= 3 for name, size in sizes.items() if name != POOLED)
    assert set(blocks(units, [])) == {"all"}
