"""Arms of single units: the same as the bulk draw, by the shares, under each late rule."""

import numpy as np
from tests.trial.plans import plan

from stepin.trial.arm import arm_of, edges, late_arm
from stepin.trial.design import alone, design, replay
from stepin.trial.pool import Pool

UNITS = tuple(f"c{i}" for i in range(2000))


def test_a_customer_alone_gets_what_the_replay_gives() -> None:
    of_customers = plan(**{"seed = 7": 'seed = 7\nunit = "customer"'})
    of = design(of_customers, Pool.of(UNITS, {}))
    bulk = replay(of, 1).arms[0]
    assert [arm_of(of_customers, u) for u in of.units] == [of.arms[a] for a in bulk]
    assert abs(np.mean(bulk) - 0.5) < 0.05


def test_late_joiners_follow_the_plan() -> None:
    drawn = plan()
    bulk = alone(drawn, UNITS)
    arms = replay(bulk, 1).arms[0]
    assert [late_arm(drawn, u) for u in bulk.units] == [bulk.arms[a] for a in arms]
    to_control = plan('\n[randomization]\nlate_joiners = "control"')
    assert {late_arm(to_control, u) for u in UNITS} == {"people"}
    out = plan('\n[randomization]\nlate_joiners = "exclude"')
    assert late_arm(out, "w") is None


def test_edges_cut_the_range_by_the_shares() -> None:
    assert edges([0.5, 0.5]) == (2**63,)
    assert edges([0.25, 0.5, 0.25]) == (2**62, 3 * 2**62)
