"""Pools: order doesn't matter, types are found, mistakes are named."""

import pytest

from stepin.errors import Invalid
from stepin.trial.pool import Pool, read_pool

CSV = "worker_id,team,tenure_days\nw2,north,12.5\nw1,,\nw3,south,nan\n"


def test_a_csv_becomes_a_pool_in_the_order_of_ids() -> None:
    pool = read_pool(CSV, id_column="worker_id")
    assert pool.units == ("w1", "w2", "w3")
    assert pool.covariate("team") == (None, "north", "south")
    assert pool.numbers("tenure_days") == (None, 12.5, None)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "nothing"),
        ("id\nw1\n", "its header holds id"),
        ("worker_id,team\nw1\n", "Row 2"),
        ("worker_id,team\n,x\n", "Row 2"),
        ("worker_id\nw1\nw1\n", "twice"),
        ("worker_id\n", "no units"),
    ],
)
def test_a_bad_csv_is_refused(text: str, part: str) -> None:
    with pytest.raises(Invalid, match=part):
        read_pool(text, id_column="worker_id")


def test_unknown_and_textual_covariates_are_refused() -> None:
    pool = read_pool(CSV, id_column="worker_id")
    for name in ("mood", "team"):
        with pytest.raises(Invalid) as caught:
            pool.numbers(name)
        assert caught.value.code == "pool_covariate"
    with pytest.raises(Invalid, match="2 values for 1 units"):
        Pool.of(["a"], {"x": [1.0, 2.0]})
