"""Policies under common random numbers: the same customers, workers and luck in each world."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy import stats

from stepin.floor.scenario.scenario import FloorScenario
from stepin.floor.study.tasks import Backend, SimulationTask, Told, run_tasks


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome in a world, and how far it lies from that in the first world.

    Attributes
    ----------
    mean, low, high : of the world, with its 95 % interval over the repetitions.
    difference, from_, until : from the first world, paired repetition by repetition.
    """

    outcome: str
    mean: float
    low: float
    high: float
    difference: float
    from_: float
    until: float


class ComparedWorld(msgspec.Struct, frozen=True, kw_only=True):
    """A world by its label, with every outcome."""

    label: str
    outcomes: dict[str, Difference]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Worlds beside each other; the first is the one that the others are compared with."""

    seed: int
    replications: int
    worlds: tuple[ComparedWorld, ...]


def compare_worlds(
    worlds: Sequence[tuple[str, FloorScenario]],
    *,
    seed: int = 1,
    replications: int = 5,
    backend: Backend = "serial",
    jobs: int = 1,
    chunk: int = 1,
    folder: Path | None = None,
    tick: Told | None = None,
) -> Comparison:
    """Run each world the same number of times and compare each with the first.

    Parameters
    ----------
    worlds : labels and scenarios.
    replications : repetitions; each gives every world the same draws.
    backend, jobs, chunk, folder, tick : as `run_tasks`.
    """
    tasks = [
        SimulationTask(scenario=of, seed=seed, replication=n)
        for _, of in worlds
        for n in range(replications)
    ]
    found = run_tasks(tasks, backend=backend, jobs=jobs, chunk=chunk, folder=folder, tick=tick)
    rows = [found[n * replications : (n + 1) * replications] for n in range(len(worlds))]
    return Comparison(
        seed=seed,
        replications=replications,
        worlds=tuple(
            ComparedWorld(label=label, outcomes=_compared(rows[n], rows[0]))
            for n, (label, _) in enumerate(worlds)
        ),
    )


def _compared(
    here: Sequence[dict[str, float]], first: Sequence[dict[str, float]]
) -> dict[str, Difference]:
    names = [name for name in here[0] if all(name in row for row in here)]
    found = {}
    for name in names:
        values = np.array([row[name] for row in here])
        base = np.array([row.get(name, math.nan) for row in first])
        mean, low, high = interval_of(values)
        difference, from_, until = interval_of(values - base)
        found[name] = Difference(
            outcome=name, mean=mean, low=low, high=high, difference=difference, from_=from_,
            until=until,
        )  # fmt: skip
    return found


def interval_of(values: np.ndarray) -> tuple[float, float, float]:
    """Return a mean with its 95 % interval by Student's t; nan bounds for a single value."""
    mean = float(values.mean())
    if values.size < 2:
        return mean, math.nan, math.nan
    half = float(stats.t.ppf(0.975, values.size - 1) * values.std(ddof=1) / math.sqrt(values.size))
    return mean, mean - half, mean + half
