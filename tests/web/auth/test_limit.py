"""Token buckets: never more than the size at once, never more than the rate in the long run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.errors import TooMany
from stepin.web.auth.limit import KEPT, RateLimit


@given(st.lists(st.floats(0.0, 90.0), max_size=200), st.integers(1, 100))
def test_no_stretch_of_time_lets_through_more_than_the_bucket_and_its_refill(
    gaps: list[float], per_minute: int
) -> None:
    now = 0.0
    limit = RateLimit("tries", per_minute, clock_s=lambda: now)
    passed: list[float] = []
    for gap in gaps:
        now += gap
        try:
            limit.take("x")
        except TooMany:
            continue
        passed.append(now)
    for i, start in enumerate(passed):
        for j in range(i, len(passed)):
            allowed = per_minute + (passed[j] - start) * per_minute / 60
            assert j - i + 1 <= allowed + 1e-6


def test_the_refusal_says_when_to_come_back_and_that_is_true() -> None:
    now = 0.0
    limit = RateLimit("tries", 6, clock_s=lambda: now)
    for _ in range(6):
        limit.take("x")
    with pytest.raises(TooMany) as caught:
        limit.take("x")
    assert caught.value.fields["retry_s"] == 10.0
    now = 10.0
    limit.take("x")
    limit.take("somebody else")


def test_names_are_forgotten_in_the_end() -> None:
    limit = RateLimit("tries", 1, clock_s=lambda: 0.0)
    for n in range(KEPT + 10):
        limit.take(str(n))
    assert len(limit._buckets) <= KEPT + 1
