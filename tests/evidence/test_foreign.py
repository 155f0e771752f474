"""Own tables with the faults of real ones: a right figure or a named refusal, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.evidence import _foreign as faults
from benchmarks.evidence.fuzz_tables import GOAL, tried


@pytest.mark.parametrize(
    "chosen",
    [
        (faults.holes, faults.holes_of_one_arm),
        (faults.own_start, faults.holes, faults.strangers),
    ],
    ids=lambda chosen: chosen[-1].__name__,
)
def test_what_the_report_says_of_tables_with_holes_is_what_pyfixest_says(
    chosen: tuple[faults.Fault, ...], tmp_path: Path
) -> None:
    found = tried(3, tmp_path, *chosen)
    assert not found.wrong
    assert not found.refused
    assert found.figures >= 14
    assert found.worst <= GOAL


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (faults.half_stars, "mapping_value"),
        (faults.infinite, "mapping_value"),
        (faults.twice, "mapping_key"),
        (faults.other_ids, "mapping_ids"),
        (faults.other_arms, "arms_differ"),
        (faults.one_arm, "arms_differ"),
        (faults.ramp, "no_starts"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_what_cant_be_told_from_tables_is_refused_by_name(
    fault: faults.Fault, code: str, tmp_path: Path
) -> None:
    found = tried(3, tmp_path, fault)
    assert not found.wrong
    assert found.refused.startswith(f"{code}:")
