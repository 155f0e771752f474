"""Both engines tell the same moments in the same order, on any floor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.floor.worlds import ENGINES, EVERYTHING, SMALL

from stepin.floor.engine.inputs import inputs
from stepin.floor.engine.reference import run_reference
from stepin.floor.scenario.reading import read_scenario, scenario
from stepin.floor.scenario.scenario import FloorScenario

pytestmark = pytest.mark.skipif("fast" not in ENGINES, reason="numba isn't installed")
MICROSECOND_MIN = 1e-6 / 60


def same(world: FloorScenario, seed: int, replication: int = 0) -> None:
    of = inputs(world, seed, replication)
    plain, quick = run_reference(of, trace=True), ENGINES["fast"](of, trace=True)
    left, right = plain.trace, quick.trace
    assert left is not None
    assert right is not None
    assert plain.events == quick.events
    for name in ("code", "chat", "worker"):
        assert np.array_equal(getattr(left, name), getattr(right, name)), name
    assert np.allclose(left.at_min, right.at_min, rtol=0, atol=MICROSECOND_MIN)
    for name, values in plain.chats.items():
        assert np.allclose(values, quick.chats[name], rtol=1e-9, atol=1e-9, equal_nan=True), name
    assert np.allclose(plain.busy_min, quick.busy_min)


@pytest.mark.parametrize("world", [SMALL, EVERYTHING])
@pytest.mark.parametrize("seed", [1, 2, 2**40 + 3])
def test_shared_scenarios(world: str, seed: int) -> None:
    same(read_scenario(world), seed, replication=seed % 3)


@pytest.mark.parametrize("name", ["null", "no-helplessness", "overload", "pooled"])
def test_scenarios_that_ship_made_small(name: str) -> None:
    some = {"size.workers": "8", "size.treated": "4", "size.burn_in_days": "1"}
    days = {"size.before_days": "1", "size.after_days": "2", "size.specialists": "2"}
    same(scenario(name, some | days), 9)


def test_chats_that_are_always_open() -> None:
    some = {"size.workers": "3", "size.treated": "3", "size.after_days": "1"}
    same(scenario("ratio", some | {"arrivals.always_open": "5"}), 3)


def test_least_loaded_owners() -> None:
    same(read_scenario(EVERYTHING, changes={
        "arms.control.assignment.rule": '"least_loaded"', "arms.control.assignment.cap": "3",
    }), 5)  # fmt: skip


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "arrivals.per_worker_day": st.floats(1, 70),
        "arrivals.day_sd": st.floats(0, 0.5),
        "staff.present": st.floats(0.5, 1),
        "staff.preempt": st.sampled_from(["true", "false"]),
        "size.treated": st.integers(0, 6),
        "size.specialists": st.integers(1, 3),
        "effort.per_frustration": st.floats(0, 1),
        "effort.per_ai_turn": st.floats(0, 0.2),
        "work.turn_min": st.floats(0.2, 4),
        "work.avoidance_min": st.sampled_from([0.0, 0.5, 3.0]),
        "work.hand_back": st.floats(0, 0.6),
        "customers.patience_min": st.sampled_from([0.0, 2.0, 30.0]),
        "ai.approval": st.floats(0, 1),
        "ai.can": st.floats(-3, 3),
        "ai.success": st.floats(0, 1),
        "detectors.emotional_threshold": st.floats(0, 4),
        "detectors.look": st.floats(0, 1),
        "detectors.look_min": st.floats(0, 0.5),
        "returns.unresolved": st.floats(0, 0.9),
        "arms.control.assignment.cap": st.integers(1, 12),
        "arms.treated.ai.supervision": st.sampled_from(['"owned"', '"pooled"']),
        "arms.treated.ladder.owner_s": st.floats(5, 900),
        "arms.treated.ladder.pool_s": st.floats(5, 900),
        "arms.treated.alerts.emotional": st.floats(0.05, 0.95),
        "arms.treated.alerts.causes": st.sampled_from(['["technical"]', '["emotional"]', "[]"]),
    },
)


def test_days_that_hardly_differ() -> None:
    same(read_scenario(SMALL, changes={"arrivals.day_sd": "1e-200"}), 1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES, st.integers(0, 2**64 - 1))
def test_random_floors(changes: dict[str, object], seed: int) -> None:
    texts = {key: str(value) for key, value in changes.items()}
    same(read_scenario(EVERYTHING, changes=texts), seed)
