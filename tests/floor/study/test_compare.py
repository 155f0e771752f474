"""Comparisons: a policy against itself differs by nothing, and luck is shared between worlds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.floor.worlds import SMALL

from stepin.errors import Missing
from stepin.floor.engine.inputs import inputs
from stepin.floor.scenario.reading import read_scenario, scenario
from stepin.floor.study.compare import compare_worlds
from stepin.floor.study.running import simulate
from stepin.floor.study.tasks import Backend, SimulationTask, run_tasks

WORLD = read_scenario(SMALL, changes={"engine": '"reference"'})
LOWER = read_scenario(
    SMALL, changes={"engine": '"reference"', "detectors.emotional_threshold": "1.5"}
)


def test_a_policy_against_itself_differs_by_exactly_nothing() -> None:
    found = compare_worlds([("a", WORLD), ("b", WORLD)], replications=3)
    assert all(d.difference == d.from_ == d.until == 0 for d in found.worlds[1].outcomes.values())


def test_arms_of_the_null_differ_in_label_alone() -> None:
    """Swapping every label of the null changes nothing at all."""
    some = {"size.workers": "6", "size.burn_in_days": "0", "size.before_days": "1",
            "size.after_days": "2", "engine": '"reference"'}  # fmt: skip
    one, other = (
        simulate(scenario("null", some | {"size.treated": treated}), seed=5)
        for treated in ("2", "4")
    )
    for name, values in one.chats.items():
        if name != "arm":
            assert np.array_equal(values, other.chats[name], equal_nan=True), name


def test_shared_luck_makes_differences_certain() -> None:
    """The variance of a difference falls against independent draws, by far."""
    shared = compare_worlds([("a", WORLD), ("b", LOWER)], replications=6)
    here = shared.worlds[1].outcomes["other.rating"]
    apart = compare_worlds([("a", WORLD), ("b", WORLD)], seed=77, replications=6)
    alone = apart.worlds[0].outcomes["other.rating"]
    assert (here.until - here.from_) < (alone.high - alone.low)


def test_the_first_chats_are_the_same_people_in_both_worlds() -> None:
    one, other = simulate(WORLD, seed=3), simulate(LOWER, seed=3)
    first = [run.chats["generation"] == 0 for run in (one, other)]
    for name in ("opened", "difficulty", "irritability", "opening_mood", "issue"):
        left, right = (
            run.chats[name][which][np.argsort(run.chats["base"][which])]
            for run, which in zip((one, other), first, strict=True)
        )
        assert np.array_equal(left, right), name


@pytest.mark.parametrize(("backend", "jobs", "chunk"), [("serial", 1, 3), ("joblib", 2, 2)])
def test_every_backend_and_cut_gives_the_same_bytes(
    backend: Backend, jobs: int, chunk: int
) -> None:
    tasks = [SimulationTask(scenario=WORLD, seed=1, replication=n) for n in range(5)]
    assert run_tasks(tasks, backend=backend, jobs=jobs, chunk=chunk) == run_tasks(tasks)


def test_a_study_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    tasks = [SimulationTask(scenario=WORLD, seed=1, replication=n) for n in range(3)]
    told: list[str] = []
    run_tasks(tasks[:2], folder=tmp_path)
    again = run_tasks(tasks, folder=tmp_path, tick=told.append)
    assert told == ["3 of 3 runs"]
    assert again == run_tasks(tasks)


def test_a_cluster_needs_its_library() -> None:
    try:
        import ray  # noqa: F401
    except ImportError:
        with pytest.raises(Missing, match="Ray isn't installed"):
            run_tasks([SimulationTask(scenario=WORLD, seed=1, replication=0)], backend="ray")


def test_p_values_of_equal_arms_are_uniform() -> None:
    """Fifty nulls: worker means by arm, Welch's t; Kolmogorov and Smirnov see nothing."""
    from scipy import stats

    some = {"size.workers": "16", "size.treated": "8", "size.burn_in_days": "0",
            "size.before_days": "0", "size.after_days": "1", "work.avoidance_min": "0",
            "engine": '"reference"'}  # fmt: skip
    null = scenario("null", some)
    p = []
    for n in range(50):
        c = simulate(null, seed=21, replication=n).chats
        arm = inputs(null, 21, n).arm
        count = np.maximum(np.bincount(c["owner"], minlength=16), 1)
        mean = np.bincount(c["owner"], c["closed"] - c["opened"], 16) / count
        p.append(stats.ttest_ind(mean[arm == 1], mean[arm == 0], equal_var=False).pvalue)
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert (np.array(p) < 0.05).mean() < 0.16
