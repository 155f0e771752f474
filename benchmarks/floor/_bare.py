"""The bare floor that every engine can run: no mood, exponential turns, 15 % of chats taken over.

Chats arrive at .42 per minute and worker and get a random owner. A worker's turn lasts .4 min and
ends the chat with probability .25; else the customer thinks for .8 min. Chats that the AI begins
(15 %) escalate after one turn of it (.08 min), and every message of them interrupts other work.
"""

from __future__ import annotations

import ctypes
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from stepin.floor.engine.inputs import FloorInputs, inputs
from stepin.floor.scenario.reading import read_scenario
from stepin.floor.scenario.scenario import FloorScenario

RATE, TURN, THINK, STEP, DONE, SHARE = 0.42, 0.4, 0.8, 0.08, 0.25, 0.15
HERE = Path(__file__).parent
_TOML = """
name = "bare"
[size]
workers = {workers}
treated = {workers}
after_days = {days}
[staff]
preempt = true
shifts = [{{ starts_h = 0, hours = 24 }}]
[arrivals]
per_worker_day = {per_day}
[[issues]]
name = "taken over"
share = {share}
eligible = true
[[issues]]
name = "other"
share = {rest}
[effort]
base = 40.0
trait_sd = 0.0
per_frustration = 0.0
per_waiting = 0.0
learning = 0.0
[work]
turn_min = 0.4
stages = 1
effort_share = 0.0
switch_min = 0.0
reading_min = 0.0
avoidance_min = 0.0
success = 0.25
success_per_effort = 0.0
success_per_difficulty = 0.0
give_up = 0.0
[customers]
leave = -60.0
patience_min = 0.0
think_min = 0.8
[ai]
step_min = 0.08
can = -60.0
can_per_difficulty = 0.0
wrong = 0.0
[detectors]
technical_sensitivity = 1.0
delay_min = 0.0
[returns]
resolved = 0.0
unresolved = 0.0
[arms.control]
assignment = {{ rule = "uniform", cap = 100000 }}
[arms.treated]
assignment = {{ rule = "uniform", cap = 100000 }}
ladder = {{ owner_s = 1e9 }}
"""


def bare(workers: int, chats: int) -> FloorInputs:
    """Return the inputs of the bare floor of about so many chats."""
    days = max(1, round(chats / (RATE * 1440 * workers)))
    return inputs(scenario(workers, days), 1)


def scenario(workers: int, days: int) -> FloorScenario:
    """Return the bare floor."""
    return read_scenario(
        _TOML.format(workers=workers, days=days, per_day=RATE * 1440, share=SHARE, rest=1 - SHARE)
    )


def means(chats: dict[str, Any], given: FloorInputs) -> tuple[float, float]:
    """Return the mean duration of other chats and of those taken over."""
    taken = given.issue_eligible[chats["issue"]]
    length = chats["closed"] - chats["opened"]
    return float(length[~taken].mean()), float(length[taken].mean())


def cpu(work: Any) -> tuple[float, Any]:
    """Return the CPU seconds of some work, and its result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def simpy_floor(workers: int, chats: int, seed: int = 1) -> tuple[float, float]:
    """Run the bare floor in SimPy; return the mean durations of both kinds of chats."""
    import simpy

    rng = random.Random(seed)
    env = simpy.Environment()
    people = [simpy.PreemptiveResource(env, 1) for _ in range(workers)]
    lengths: tuple[list[float], list[float]] = ([], [])

    def turn(worker: Any, priority: int) -> Any:
        left = rng.expovariate(1 / TURN)
        while left > 0:
            with worker.request(priority=priority) as asked:
                yield asked
                begun = env.now
                try:
                    yield env.timeout(left)
                    left = 0.0
                except simpy.Interrupt:
                    left -= env.now - begun

    def chat(worker: Any, taken: bool) -> Any:
        opened = env.now
        if taken:
            yield env.timeout(rng.expovariate(1 / STEP))
        while True:
            yield from turn(worker, 0 if taken else 1)
            if rng.random() < DONE:
                break
            yield env.timeout(rng.expovariate(1 / THINK))
        lengths[taken].append(env.now - opened)

    def source() -> Any:
        for _ in range(chats):
            yield env.timeout(rng.expovariate(RATE * workers))
            env.process(chat(people[int(rng.random() * workers)], rng.random() < SHARE))

    env.process(source())
    env.run()
    return tuple(float(np.mean(x)) for x in lengths)  # type: ignore[return-value]


class CLoop:
    """The same algorithm in C, compiled by the machine's own compiler."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        built = Path(self._folder.name) / "floor.so"
        source = HERE / "_bare.c"
        subprocess.run(
            ["cc", "-O3", "-shared", "-fPIC", "-o", str(built), str(source), "-lm"], check=True
        )
        self._run = ctypes.CDLL(str(built)).run_floor
        self._run.argtypes = [ctypes.c_int64, ctypes.c_int64, ctypes.c_uint64, ctypes.c_void_p]
        self._run.restype = ctypes.c_int64

    def run(self, workers: int, chats: int, seed: int = 1) -> tuple[float, float]:
        """Return the mean durations of both kinds of chats."""
        out = np.zeros(2)
        self._run(workers, chats, seed, out.ctypes.data)
        return float(out[0]), float(out[1])
