"""What holds on every floor, whatever its parameters: nothing is lost, and time adds up."""

from __future__ import annotations

import numpy as np
import pytest
from tests.floor.worlds import ENGINES, EVERYTHING, SMALL, Engine, quiet

from stepin.floor.engine.inputs import inputs
from stepin.floor.engine.trace import (
    CLOSED,
    CUSTOMER,
    FOCUS,
    OPENED,
    WORKER_SAID,
    Run,
)
from stepin.floor.scenario.reading import read_scenario, scenario
from stepin.floor.scenario.scenario import FloorScenario

ENGINE = pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))
SINGLE_MIN = 1e-6
"""The fast engine keeps the length of a stretch in single precision: 60 µs."""
WORLDS = {
    "small": read_scenario(SMALL),
    "everything": read_scenario(EVERYTHING),
    "overload": scenario("overload", {"size.workers": "5", "size.treated": "2"}),
    "always": scenario("ratio", {"size.workers": "3", "size.treated": "3", "size.after_days": "1"}),
}
WORLD = pytest.mark.parametrize("world", WORLDS.values(), ids=list(WORLDS))


@ENGINE
@WORLD
def test_every_chat_that_came_is_closed_once_and_after_it_opened(
    engine: Engine, world: FloorScenario
) -> None:
    run: Run = engine(inputs(world, 3), trace=True)
    trace, c = run.trace, run.chats
    assert trace is not None
    opened, closed = (trace.chat[trace.code == code] for code in (OPENED, CLOSED))
    assert sorted(opened.tolist()) == sorted(closed.tolist()) == list(range(run.size))
    assert (c["closed"] >= c["opened"]).all()
    assert (np.diff(trace.at_min) >= 0).all()


@ENGINE
@WORLD
def test_attention_is_what_workers_spent_and_nobody_is_in_two_places(
    engine: Engine, world: FloorScenario
) -> None:
    run: Run = engine(inputs(world, 3), trace=True)
    trace = run.trace
    assert trace is not None
    focus = trace.code == FOCUS
    assert run.chats["attention"].sum() == pytest.approx(run.busy_min.sum())
    assert trace.x[focus].sum() == pytest.approx(run.busy_min.sum())
    for worker in range(run.busy_min.size):
        mine = focus & (trace.worker == worker)
        ends, starts = trace.at_min[mine], trace.at_min[mine] - trace.x[mine]
        assert (starts[1:] >= ends[:-1] - SINGLE_MIN).all()


@ENGINE
@WORLD
def test_a_workers_turn_answers_one_message_of_the_customer(
    engine: Engine, world: FloorScenario
) -> None:
    run: Run = engine(inputs(world, 3), trace=True)
    trace, c = run.trace, run.chats
    assert trace is not None
    said = np.bincount(trace.chat[trace.code == CUSTOMER], minlength=run.size) + 1
    assert (said == c["customer_messages"]).all()
    assert (c["ai_turns"] + c["human_turns"] <= c["customer_messages"]).all()
    answers = np.bincount(trace.chat[trace.code == WORKER_SAID], minlength=run.size)
    assert (answers == c["human_turns"]).all()


@ENGINE
def test_nobody_rests_while_a_message_waits(engine: Engine) -> None:
    """Work conservation: with one worker, the backlog shrinks whenever there is one."""
    run: Run = engine(inputs(quiet(workers=1, days=5, per_day=250.0), 2), trace=True)
    c = run.chats
    order = np.argsort(c["opened"], kind="stable")
    free = 0.0
    for opened, closed, work in zip(
        c["opened"][order], c["closed"][order], c["attention"][order], strict=True
    ):
        free = max(free, opened) + work
        assert closed == pytest.approx(free, abs=1e-6)


@ENGINE
def test_littles_law_by_class(engine: Engine) -> None:
    run: Run = engine(inputs(read_scenario(SMALL), 5), trace=True)
    trace, c = run.trace, run.chats
    assert trace is not None
    for eligible in (True, False):
        kind = run.inputs.issue_eligible[c["issue"]] == eligible
        mine = kind[np.maximum(trace.chat, 0)] & (trace.chat >= 0)
        step = np.where(trace.code == OPENED, 1, np.where(trace.code == CLOSED, -1, 0)) * mine
        until = float(trace.at_min[-1])
        inside = np.cumsum(step)[:-1] @ np.diff(trace.at_min) / until
        rate, stay = kind.sum() / until, (c["closed"] - c["opened"])[kind].mean()
        assert inside == pytest.approx(rate * stay, rel=1e-9)


@ENGINE
def test_the_same_seed_gives_the_same_run_and_another_one_another(engine: Engine) -> None:
    world = read_scenario(EVERYTHING)
    first, again, other = (engine(inputs(world, seed)) for seed in (1, 1, 2))
    assert all(
        np.array_equal(first.chats[name], again.chats[name], equal_nan=True) for name in first.chats
    )
    assert not np.array_equal(first.chats["opened"], other.chats["opened"])
