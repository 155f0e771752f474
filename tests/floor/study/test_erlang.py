"""Erlang-A against known values and its own limits, and the simulation against both."""

from __future__ import annotations

import numpy as np
import pytest
from tests.floor.worlds import ENGINES, Engine, quiet

from stepin.errors import Invalid
from stepin.floor.engine.inputs import inputs
from stepin.floor.study.erlang import erlang_a, processor_sharing_mean, workers_for

ENGINE = pytest.mark.parametrize("engine", ENGINES.values(), ids=list(ENGINES))


def test_a_value_that_was_simulated_elsewhere() -> None:
    """Twenty workers, 40 an hour each half an hour, patience of an hour: 7.369 % leave."""
    assert erlang_a(20, 40.0, 2.0, 1.0).abandons == pytest.approx(0.07369, abs=5e-6)


def test_one_worker_and_endless_patience_is_the_simplest_queue() -> None:
    found = erlang_a(1, 0.8, 1.0, 0.0)
    assert found.waits == pytest.approx(0.8, abs=1e-6)
    assert found.mean_wait == pytest.approx(0.8 / 0.2, rel=1e-6)
    assert found.occupancy == pytest.approx(0.8)


def test_more_than_can_be_served_needs_somebody_who_leaves() -> None:
    with pytest.raises(Invalid, match="nobody leaves"):
        erlang_a(3, 4.0, 1.0, 0.0)
    assert erlang_a(3, 4.0, 1.0, 0.5).abandons > 0.2


def test_the_fewest_workers() -> None:
    need = workers_for(40.0, 2.0, 1.0, most_abandon=0.05)
    assert erlang_a(need, 40.0, 2.0, 1.0).abandons <= 0.05
    assert erlang_a(need - 1, 40.0, 2.0, 1.0).abandons > 0.05


@ENGINE
@pytest.mark.parametrize("patience", [6.0, 30.0])
def test_an_owner_with_one_turn_a_chat_is_erlang_a(engine: Engine, patience: float) -> None:
    """With random owners each worker is a line of their own."""
    world = quiet(workers=10, days=40, per_day=250.0, turn=4.0, patience=patience)
    c = engine(inputs(world, 11)).chats
    theory = erlang_a(1, 250.0 / 1440.0, 0.25, 1.0 / patience)
    assert (c["reason"] == 1).mean() == pytest.approx(theory.abandons, abs=0.004)
    busy = c["attention"].sum() / (10 * 40 * 1440)
    assert busy == pytest.approx(theory.occupancy, rel=0.02)


@ENGINE
def test_a_line_that_never_leaves_waits_as_long_as_the_formula_says(engine: Engine) -> None:
    """M/M/1: the load over its rest, times the length of a turn."""
    world = quiet(workers=10, days=60, per_day=216.0, turn=4.0)
    c = engine(inputs(world, 12)).chats
    load, service = 0.6, 4.0
    wait = load / (1 - load) * service
    found = (c["closed"] - c["opened"] - c["attention"]).mean()
    assert found == pytest.approx(wait, rel=0.05)


@ENGINE
def test_many_short_turns_without_thinking_share_the_worker(engine: Engine) -> None:
    """A geometric number of tiny turns in a round is processor sharing: M/M/1-PS."""
    world = quiet(workers=8, days=15, per_day=216.0, turn=0.2, success=0.05, think=1e-9)
    c = engine(inputs(world, 13)).chats
    theory = processor_sharing_mean(216.0 / 1440.0, 4.0)
    assert (c["closed"] - c["opened"]).mean() == pytest.approx(theory, rel=0.08)
    long = c["attention"] > 8.0
    slow = (c["closed"] - c["opened"])[long].mean() / c["attention"][long].mean()
    short = (c["closed"] - c["opened"])[~long].mean() / c["attention"][~long].mean()
    assert slow == pytest.approx(short, rel=0.15)


@ENGINE
def test_a_case_managers_chats_have_a_product_form(engine: Engine) -> None:
    """Exponential stages, external thinking: the queue is M/M/1 with a feedback, think apart."""
    world = quiet(workers=10, days=40, per_day=90.0, turn=1.2, success=0.25, think=3.0)
    c = engine(inputs(world, 14)).chats
    visits = 4.0
    load = 90.0 / 1440.0 * visits * 1.2
    think = (visits - 1) * 3.0
    found = (c["closed"] - c["opened"]).mean() - think
    assert found == pytest.approx(visits * 1.2 / (1 - load), rel=0.03)


def test_impossible_rates_are_refused() -> None:
    with pytest.raises(Invalid, match="above zero"):
        erlang_a(0, 1.0, 1.0, 1.0)
    with pytest.raises(Invalid, match="More come"):
        processor_sharing_mean(1.0, 1.0)
    assert np.isfinite(processor_sharing_mean(0.5, 1.0))
