"""The assignments that the trial could have drawn: what randomization inference replays."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.errors import Invalid, StepinError
from stepin.evidence.base.arrays import Bools, codes
from stepin.evidence.data.sample import Sample
from stepin.trial.design import Design, design, replay
from stepin.trial.pool import Pool


class Draws(msgspec.Struct, frozen=True, kw_only=True):
    """The design of the trial over the units of the facts.

    Attributes
    ----------
    design : what draws. control_arm, treated_arm : the arms' numbers in it.
    registered : whether the assignment in the facts is the very one that the plan draws; if
        not, the draws permute the recorded arms inside the recorded blocks.
    """

    design: Design
    control_arm: int
    treated_arm: int
    registered: bool
    recorded: Bools

    def assignments(self, count: int) -> Bools:
        """Return (count, units) alternative assignments, the trial's own left out."""
        if not self.registered:
            return self._permuted(count)
        rows = replay(self.design, count + 1).arms[1:]
        return np.asarray(rows == self.treated_arm)

    def _permuted(self, count: int) -> Bools:
        rng = np.random.default_rng([self.design.seed, count])
        found = np.tile(self.recorded, (count, 1))
        for block in range(len(self.design.block_names)):
            inside = np.flatnonzero(self.design.block == block)
            found[:, inside] = rng.permuted(found[:, inside], axis=1)
        return found


def draws(sample: Sample) -> Draws:
    """Return the design behind the arms of these facts.

    If the plan's own design, replayed on the units of the facts, gives the recorded arms,
    that design is used, with its blocks and its re-randomization. Otherwise (an assignment
    made elsewhere, late joiners) counts are held fixed inside the recorded blocks.
    """
    plan, units = sample.plan, sample.units
    try:
        own = design(plan, Pool.of(units.ids, sample.covariates_of_units()))
        first = replay(own, 1).arms[0]
        names = [own.arms[a] for a in first.tolist()]
        recorded = [sample.arm if t else plan.control for t in units.treated.tolist()]
        if names == recorded and (own.fixed or len(own.arms) == 2):
            return Draws(
                design=own,
                control_arm=own.arms.index(plan.control),
                treated_arm=own.arms.index(sample.arm),
                registered=True,
                recorded=units.treated,
            )
    except StepinError:
        pass
    block = codes(list(units.block))
    share = float(units.treated.mean())
    if not 0 < share < 1:
        raise Invalid("The facts hold one arm only.", code="arms_differ")
    return Draws(
        design=Design(
            seed=plan.seed,
            units=units.ids,
            block=block,
            block_names=tuple(str(b) for b in sorted(set(units.block))),
            arms=(plan.control, sample.arm),
            shares=(1 - share, share),
        ),
        control_arm=0,
        treated_arm=1,
        registered=False,
        recorded=units.treated,
    )
