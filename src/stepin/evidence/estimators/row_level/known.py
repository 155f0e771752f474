"""How many chats have an outcome at all, by arm, and whether the arm moves that.

A chat without the value leaves the outcome's sample. That does no harm where it is chance, and it
can turn a result round where one arm loses other chats than the other: so it is counted and tested.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from stepin.core.facts import Chats
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.estimate import Estimate
from stepin.evidence.base.term import Chosen
from stepin.evidence.data.sample import Sample
from stepin.evidence.data.storage import source
from stepin.evidence.estimators.moments import OutcomeTerm
from stepin.evidence.estimators.row_level.contrast import arm_difference

STRATA: dict[Chosen, tuple[int, ...]] = {"all": (0, 1, 2), "ineligible": (0,), "eligible": (1,)}


class OutcomeCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """Chats of the treatment period by unit and stratum: others, eligible, and not told.

    Attributes
    ----------
    chats, known, raised : (units, 3) chats, those with the outcome, and those whose value lies
        below what its logarithm takes it for.
    treated : (units,) arm.
    """

    chats: Floats
    known: Floats
    raised: Floats
    treated: np.ndarray

    def by_arm(self, counts: Floats, chosen: Chosen) -> tuple[float, float]:
        """Return a count in the control and in the treated arm."""
        inside = counts[:, STRATA[chosen]].sum(axis=1)
        return float(inside[~self.treated].sum()), float(inside[self.treated].sum())

    def missing(self, chosen: Chosen) -> tuple[float, float]:
        """Return how many chats have no outcome, in the control and in the treated arm."""
        return self.by_arm(self.chats - self.known, chosen)

    def flattened(self, chosen: Chosen) -> float:
        """Return the share of values that the logarithm takes for one unit."""
        known = sum(self.by_arm(self.known, chosen))
        return sum(self.by_arm(self.raised, chosen)) / known if known else 0.0

    def difference(self, chosen: Chosen) -> Estimate | None:
        """Return the arm's effect on having no outcome; None where no unit has a chat."""
        chats = self.chats[:, STRATA[chosen]].sum(axis=1)
        lost = chats - self.known[:, STRATA[chosen]].sum(axis=1)
        kept = np.flatnonzero(chats > 0)
        if kept.size < 3 or self.treated[kept].all() or not self.treated[kept].any():
            return None
        return arm_difference(
            lost[kept] / chats[kept],
            self.treated[kept],
            unit=kept,
            day=np.zeros(kept.size, dtype=np.int64),
            weights=chats[kept],
        ).estimate("treated")


def known(sample: Sample, outcomes: Mapping[str, OutcomeTerm]) -> dict[str, OutcomeCoverage]:
    """Return, by name, how far each outcome is known in the treatment period."""
    if not outcomes:
        return {}
    parts = [
        part
        for o in outcomes.values()
        for part in (f"count({o.sql})", f"count(*) FILTER ({o.raised or 'false'})")
    ]
    stratum = "2"
    if sample.has(Chats, Chats.eligible):
        stratum = "CASE WHEN t.eligible THEN 1 WHEN NOT t.eligible THEN 0 ELSE 2 END"
    rows = sample.db.execute(
        f"SELECT u.unit, {stratum}, count(*), {', '.join(parts)} "  # noqa: S608
        f"FROM {source(sample.folder, Chats)} t JOIN unit u ON u.worker_id = t.first_owner_id "
        "WHERE t.day >= u.begins AND t.day >= ? AND t.day <= ? GROUP BY 1, 2",
        [sample.plan.dates.pre_from, sample.plan.dates.treatment_until],
    ).fetchall()
    counts = np.zeros((1 + len(parts), len(sample.units.ids), 3))
    for unit, place, *found in rows:
        counts[:, unit, place] = found
    return {
        name: OutcomeCoverage(
            chats=counts[0],
            known=counts[1 + 2 * i],
            raised=counts[2 + 2 * i],
            treated=sample.units.treated,
        )
        for i, name in enumerate(outcomes)
    }
