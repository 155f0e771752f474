"""Late joiners and leavers."""

from tests.trial.plans import plan, pool

from stepin.trial.assignment import assign
from stepin.trial.design import design
from stepin.trial.roster import late_joiner, leaving


def test_late_joiners_are_marked_and_keyed() -> None:
    row = late_joiner(plan(), "w9")
    assert row is not None
    assert (row.block, row.late, row.draw_key) == ("late", True, "7/late/w9")
    assert late_joiner(plan('\n[randomization]\nlate_joiners = "exclude"'), "w9") is None


def test_uneven_leaving_is_found() -> None:
    rows = {r.unit: r for r in assign(design(plan(), pool(80)))}
    ai = [u for u, r in rows.items() if r.arm == "ai"]
    uneven = leaving(plan(), rows, set(ai[:15]))[0]
    assert (uneven.left, uneven.units, uneven.control_left, uneven.control_units) == (15, 40, 0, 40)
    assert uneven.p < 1e-4
    even = leaving(plan(), rows, {ai[0], next(u for u, r in rows.items() if r.arm == "people")})[0]
    assert even.p == 1
