"""Golden transfer against values worked out by hand from the published formula."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepin.judge.evaluation.golden_transfer import chat_golden, floors, timing

FLAGS = st.lists(st.booleans(), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("flagged", "wanted", "expected"),
    [
        ([0, 0, 0], [0, 0, 0], 1.0),
        ([0, 1, 0], [0, 0, 0], 0.0),
        ([0, 0, 0], [0, 1, 0], 0.0),
        ([0, 1, 0], [0, 1, 0], 1.0),
        ([0, 0, 1], [0, 1, 0], math.exp(-0.5)),
        ([1, 1, 0, 0], [0, 1, 0, 1], (math.exp(-0.5) + 1.0) / 2),
    ],
)
def test_one_chat(flagged: list[int], wanted: list[int], expected: float) -> None:
    found = chat_golden([bool(f) for f in flagged], [bool(w) for w in wanted], 1)
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_late_flag_costs_more_when_asymmetry_is_positive() -> None:
    wanted = [False, False, True, False, False]
    late, early = [False] * 3 + [True, False], [False, True] + [False] * 3
    assert chat_golden(late, wanted, 2, 0.5) < chat_golden(early, wanted, 2, 0.5)
    assert chat_golden(late, wanted, 2) == chat_golden(early, wanted, 2)


@given(FLAGS)
def test_flagging_exactly_what_is_wanted_scores_one(flags: list[bool]) -> None:
    assert chat_golden(flags, flags, 1) == pytest.approx(1.0)


@given(st.lists(FLAGS, min_size=1, max_size=5))
def test_never_scores_the_share_of_calm_chats(wanted: list[list[bool]]) -> None:
    never, always = floors(wanted)
    assert never.golden.gt_1 == pytest.approx(sum(not any(w) for w in wanted) / len(wanted))
    assert never.f1 == 0.0
    assert always.f1 >= never.f1


def test_timing_counts_chats() -> None:
    found = timing(
        [[True, False, False], [False, False], [True, False], [False, False, True]],
        [[False, True, False], [False, True], [False, False], [False, True, False]],
    )
    assert (found.n_needing, found.n_calm) == (3, 1)
    assert found.false_alarm_share == 1.0
    assert found.miss_share == pytest.approx(1 / 3)
    assert found.lead_turns == 0.0
    assert found.early_share == 0.5
