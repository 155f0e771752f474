"""Many runs: the same bytes whichever backend runs them, and however they are cut.

A task depends on nothing but itself. Results come back in the order of the tasks; with a folder
each is kept as soon as it is done, and what is there already isn't run again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import msgspec

from stepin.errors import Missing
from stepin.floor.scenario.scenario import FloorScenario
from stepin.floor.study.outcomes import outcomes
from stepin.floor.study.running import simulate

Backend = Literal["serial", "joblib", "ray"]
Told = Callable[[str], None]


class SimulationTask(msgspec.Struct, frozen=True, kw_only=True):
    """One run: a scenario, a seed and which repetition of it."""

    scenario: FloorScenario
    seed: int
    replication: int

    @property
    def key(self) -> str:
        """A name that depends on everything the result depends on."""
        body = msgspec.json.encode(self, order="deterministic")
        return sha256(body).hexdigest()[:32]


def run_tasks(
    tasks: Sequence[SimulationTask],
    *,
    backend: Backend = "serial",
    jobs: int = 1,
    chunk: int = 1,
    folder: Path | None = None,
    tick: Told | None = None,
) -> list[dict[str, float]]:
    """Return the outcomes of every task, in order.

    Parameters
    ----------
    backend : runs them here (`serial`), in processes of this machine (`joblib`), or on a cluster.
    jobs : how many run at once; chunk : how many tasks a process gets at a time.
    folder : where results are kept, so that a run that was broken off goes on.
    tick : called after each chunk.

    Raises
    ------
    Missing
        ``no_ray``: the cluster's library isn't installed.
    """
    kept = {} if folder is None else _kept(folder, tasks)
    missing = [task for task in tasks if task.key not in kept]
    parts = [missing[n : n + chunk] for n in range(0, len(missing), chunk)]
    for part, found in zip(parts, _results(parts, backend, jobs), strict=True):
        for task, result in zip(part, found, strict=True):
            kept[task.key] = result
            if folder is not None:
                _keep(folder, task, result)
        if tick is not None:
            tick(f"{len(kept):,} of {len(tasks):,} runs")
    return [kept[task.key] for task in tasks]


def run_part(part: Sequence[SimulationTask]) -> list[dict[str, float]]:
    """Return the outcomes of some tasks, run here."""
    return [
        outcomes(simulate(task.scenario, seed=task.seed, replication=task.replication))
        for task in part
    ]


def _results(
    parts: Sequence[Sequence[SimulationTask]], backend: Backend, jobs: int
) -> Iterator[list[dict[str, float]]]:
    if backend == "serial" or not parts:
        yield from map(run_part, parts)
    elif backend == "joblib":
        from joblib import Parallel, delayed

        run = Parallel(n_jobs=jobs, return_as="generator", batch_size=1)
        yield from run(delayed(run_part)(part) for part in parts)
    else:
        yield from _on_ray(parts, jobs)


def _on_ray(
    parts: Sequence[Sequence[SimulationTask]], jobs: int
) -> Iterator[list[dict[str, float]]]:
    try:
        import ray
    except ImportError as error:
        raise Missing(
            "Ray isn't installed.",
            code="no_ray",
            hint="Install it with `pip install stepin[ray]`, or use --backend joblib.",
        ) from error
    begun = not ray.is_initialized()
    if begun:
        here = os.environ.get("RAY_ADDRESS") is None
        ray.init(num_cpus=jobs if here else None, include_dashboard=False, log_to_driver=False)
    try:
        remote = ray.remote(run_part)
        for waiting in [remote.remote(part) for part in parts]:
            yield ray.get(waiting)
    finally:
        if begun:
            ray.shutdown()


def _kept(folder: Path, tasks: Sequence[SimulationTask]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for task in tasks:
        path = folder / f"{task.key}.json"
        if path.is_file():
            found[task.key] = msgspec.json.decode(path.read_bytes(), type=dict[str, float])
    return found


def _keep(folder: Path, task: SimulationTask, result: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{task.key}.json"
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(result, order="deterministic"))
    part.replace(path)
