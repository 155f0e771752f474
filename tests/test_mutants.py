"""The mutants' machinery; `python -m benchmarks.whole.mutants` tries every mutant there is."""

from __future__ import annotations

import pytest
from benchmarks.whole.mutants import ROOT, Mutant, patched, read, run

ALL = read()


def test_a_guard_taken_out_is_caught_and_a_harmless_change_is_not() -> None:
    guard = next(m for m in ALL if m.name == "a commitment without its salt")
    assert run(guard, first=False).caught
    harmless = Mutant(name="-", file=guard.file, old=guard.old, new=guard.old, test=guard.test)
    assert run(harmless, first=False).why == "nothing failed"


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_every_entry_still_fits_the_source(mutant: Mutant) -> None:
    assert patched((ROOT / mutant.file).read_text("utf-8"), mutant)
    path, _, _ = mutant.test.partition("::")
    assert (ROOT / path).exists()
    name = mutant.test.partition("::")[2].partition("[")[0].rpartition("::")[2]
    assert f"def {name}(" in (ROOT / path).read_text("utf-8")
