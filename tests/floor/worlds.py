"""Small scenarios for tests, and the engines that run them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from stepin.floor.engine.inputs import FloorInputs
from stepin.floor.engine.reference import run_reference
from stepin.floor.engine.trace import Run
from stepin.floor.scenario.reading import read_scenario
from stepin.floor.scenario.scenario import FloorScenario

Engine = Callable[..., Run]


def fast(given: FloorInputs, **how: Any) -> Run:
    from stepin.floor.engine.fast.run import run_fast

    return run_fast(given, **how)


ENGINES: dict[str, Engine] = {"reference": run_reference}
if find_spec("numba") is not None:
    ENGINES["fast"] = fast

SMALL = """
name = "small"

[size]
workers = 6
treated = 3
after_days = 3

[arrivals]
per_worker_day = 22

[[issues]]
name = "standard"
share = 0.4
eligible = true

[[issues]]
name = "other"
share = 0.6
"""

EVERYTHING = """
extends = "small-team"
name = "everything"

[size]
workers = 6
treated = 3
specialists = 2
burn_in_days = 1
before_days = 1
after_days = 3

[arrivals]
per_worker_day = 30

[staff]
preempt = true
present = 0.8
shifts = [{ starts_h = 8, hours = 6, break_min = 30 }, { starts_h = 11, hours = 5 }]

[work]
hand_back = 0.2
speed_sd = 0.2

[rating]
worker_sd = 0.2
worker_day_sd = 0.1

[effort]
per_ai_turn = 0.1

[arms.control]
assignment = { rule = "uniform", cap = 4 }

[arms.treated]
ai = { enabled = true, supervision = "pooled" }
ladder = { owner_s = 60, pool_s = 90 }
"""
"""Whatever can be switched on."""

QUIET = """
name = "quiet"
[size]
workers = {workers}
treated = 0
after_days = {days}
[staff]
shifts = [{{ starts_h = 0, hours = 24 }}]
[arrivals]
per_worker_day = {per_day}
[[issues]]
name = "any"
share = 1.0
[effort]
base = 40.0
trait_sd = 0.0
per_frustration = 0.0
per_waiting = 0.0
learning = 0.0
[work]
turn_min = {turn}
effort_share = 0.0
stages = 1
switch_min = 0.0
reading_min = 0.0
avoidance_min = 0.0
success = {success}
success_per_effort = 0.0
success_per_difficulty = 0.0
give_up = 0.0
[customers]
leave = -60.0
patience_min = {patience}
think_min = {think}
[returns]
resolved = 0.0
unresolved = 0.0
[arms.control]
assignment = {{ rule = "{rule}", cap = {cap} }}
ai = {{ enabled = false }}
"""
"""A floor without mood: what queueing theory has an answer for."""


def quiet(**values: Any) -> FloorScenario:
    known = {
        "workers": 10, "days": 20, "per_day": 100.0, "turn": 4.0, "success": 1.0, "patience": 0.0,
        "think": 0.8, "rule": "uniform", "cap": 1000,
    }  # fmt: skip
    return read_scenario(QUIET.format(**(known | values)))
