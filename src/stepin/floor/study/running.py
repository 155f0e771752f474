"""Runs a scenario on the engine that it asks for."""

from __future__ import annotations

from importlib.util import find_spec

from stepin.errors import Missing
from stepin.floor.engine.inputs import inputs
from stepin.floor.engine.reference import Progress, run_reference
from stepin.floor.engine.trace import Run
from stepin.floor.scenario.scenario import FloorScenario


def simulate(
    of: FloorScenario,
    *,
    seed: int = 1,
    replication: int = 0,
    trace: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Run one replication of a scenario.

    Parameters
    ----------
    trace : whether every moment is kept.
    progress : called with days done and days in all.

    Raises
    ------
    Missing
        ``no_numba``: the scenario asks for the fast engine, which isn't installed.
    """
    given = inputs(of, seed, replication)
    if engine_of(of) == "fast":
        from stepin.floor.engine.fast.run import run_fast

        return run_fast(given, trace=trace, progress=progress)
    return run_reference(given, trace=trace, progress=progress)


def engine_of(of: FloorScenario) -> str:
    """Return the engine that a scenario runs on: `fast` or `reference`.

    Raises
    ------
    Missing
        ``no_numba``.
    """
    there = find_spec("numba") is not None
    if of.engine == "fast" and not there:
        raise Missing(
            "The fast engine needs numba.",
            code="no_numba",
            hint="Install it with `pip install stepin[fast]`, or use the reference engine.",
        )
    return "fast" if there and of.engine != "reference" else "reference"
