"""Own tables with the faults of real ones: a right figure or a named refusal, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.evidence.fuzz_tables import GOAL, tried


@pytest.mark.parametrize("seed", [2, 18, 117])
def test_what_the_report_says_of_tables_with_holes_is_what_pyfixest_says(
    seed: int, tmp_path: Path
) -> None:
    """Holes in one arm with a control that has some, empty texts in hours, starts of both arms."""
    found = tried(seed, tmp_path)
    assert not found.wrong
    assert not found.refused
    assert found.figures >= 14
    assert found.worst <= GOAL


@pytest.mark.parametrize(
    ("seed", "code"),
    [(8, "mapping_value"), (9, "arms_differ"), (19, "staggered"), (28, "mapping_value"),
     (30, "no_starts")],
)  # fmt: skip
def test_what_cant_be_told_from_tables_is_refused_by_name(
    seed: int, code: str, tmp_path: Path
) -> None:
    found = tried(seed, tmp_path)
    assert not found.wrong
    assert found.refused.startswith(f"{code}:")
