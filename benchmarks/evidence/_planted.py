"""Planted trials straight into a cube, for simulations that need thousands of them."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stepin.evidence.data.synthetic import CORE_COLUMNS, SyntheticStaff, World, hire, plant, talk
from stepin.evidence.estimators.effects import Arms
from stepin.evidence.estimators.moments import Cube, CubeSpec, build, outcome_named
from stepin.evidence.estimators.moments.cells import from_columns

OUTCOMES = ("log_duration", "retrial_7d", "rating")
SPEC = CubeSpec(
    outcomes=tuple(map(outcome_named, OUTCOMES)),
    controls=(),
    origins={"log_duration": 6.2, "rating": 3.5},
)
REPORT = CubeSpec(
    outcomes=tuple(
        map(outcome_named, (*OUTCOMES, "answered", "abandoned", "queue_wait_s", "duration_s"))
    )
)
BIG = World(workers=2_000, treated=1_000, chats=10_000_000, pre_days=20, post_days=40)


def cube_of(world: World, seed: int) -> tuple[Cube, Arms]:
    """Return the cube and the arms of a planted trial without writing a chat."""
    staff = hire(world, seed)
    blocks: list[list[np.ndarray]] = []
    cells = world.workers * 2
    for day in range(world.days):
        c = talk(world, staff, day, seed)
        cell = c.worker * 2 + c.eligible
        there = np.ones(cell.size)
        given = (c.invited & c.answered).astype(float)
        logs = np.log(np.maximum(c.duration_s, 1.0)) - 6.2
        again = (c.retrial_draw < c.retrial_p).astype(float)
        rating = np.where(given > 0, c.rating - 3.5, 0.0)
        columns = []
        # The sample of all chats, then one per outcome, as `SPEC.samples` has them.
        for weight, z in ((there, []), (there, [logs]), (there, [again]), (given, [rating])):
            for values in (weight, *z, *(a * b for i, a in enumerate(z) for b in z[i:])):
                columns.append(np.bincount(cell, values, cells))
        kept = np.flatnonzero(columns[0])
        keys = [kept // 2, np.full(kept.size, 19_000 + day), kept % 2]
        blocks.append([*keys, *(column[kept] for column in columns)])
    joined = [np.concatenate(parts) for parts in zip(*blocks, strict=True)]
    joined[0] = np.char.mod("w%05d", joined[0])
    return from_columns(SPEC, joined), arms_of(world, staff)


def arms_of(world: World, staff: SyntheticStaff) -> Arms:
    """Return the arms of workers named as `cube_of` names them."""
    names = np.char.mod("w%05d", np.arange(world.workers))
    return Arms.at(names, staff.treated, 19_000 + world.pre_days)


def planted(world: World, seed: int = 1) -> Path:
    """Return the folder of a planted trial, written once and kept between runs."""
    import tempfile

    base = Path(os.environ.get("STEPIN_BENCH_DATA", tempfile.gettempdir())) / "stepin-planted"
    folder = base / f"{world.workers}-{world.chats}-{world.days}-{seed}"
    if not (folder / "workers.parquet").is_file():
        print(f"  planting {world.chats:,} chats", flush=True)
        plant(world, folder, seed, tables=(), chat_columns=CORE_COLUMNS)
    return folder


def cube_and_arms(world: World, spec: CubeSpec = REPORT, seed: int = 1) -> tuple[Cube, Arms]:
    """Return the cube of a written trial, and its arms."""
    cube = build(planted(world, seed), spec)
    names = np.array([f"w{i}" for i in range(world.workers)])
    start = int(np.datetime64(world.first_day, "D").astype(int)) + world.pre_days
    return cube, Arms.at(names, hire(world, seed).treated, start)


def cpu(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of this process that `work` takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def peak_mb() -> float:
    """Return the largest resident size of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
