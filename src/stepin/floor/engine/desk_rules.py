"""The desk's own rules, asked by the reference engine: who gets a chat, whom an alert reaches."""

from __future__ import annotations

from collections.abc import Sequence

from stepin.core.assignment import Load, candidates
from stepin.core.decide.escalating import Reachable, next_step
from stepin.core.escalation import gravity
from stepin.core.events.base import Cause, LadderStep
from stepin.core.policy import Policy
from stepin.core.presence import Presence
from stepin.floor.engine.inputs import FloorInputs
from stepin.floor.engine.people import SimulatedWorker

STEPS: tuple[LadderStep, ...] = ("owner", "pool", "lead")


class DeskRules:
    """Calls the policy objects of `stepin.core` about simulated people.

    Parameters
    ----------
    given : the run's inputs.
    workers : everybody; the objects are looked at when a rule is asked.
    """

    def __init__(self, given: FloorInputs, workers: Sequence[SimulatedWorker]) -> None:
        arms = given.scenario.arms
        self.policies: tuple[Policy, Policy] = (arms.control, arms.treated)
        self.assignment = arms.control.assignment
        self._workers = workers
        self._names = given.names
        self._owners = given.workers
        self._number = {name: n for n, name in enumerate(self._names)}
        self._free: list[int] | None = None
        self.causes = [
            {cause: policy.alerts.names(cause) for cause in ("technical", "emotional")}
            for policy in self.policies
        ]

    def changed(self) -> None:
        """Forget who is free: somebody came, went, or reached the cap."""
        self._free = None

    def free(self) -> list[int]:
        """Return who may become a chat's owner, by the desk's rule of assignment."""
        if self._free is None or self.assignment.rule != "uniform":
            signed_on = {
                self._names[w.number]: Presence(
                    worker_id=self._names[w.number],
                    capacity=self.assignment.cap,
                    supervised_capacity=self.assignment.cap,
                    away=w.away,
                )
                for w in self._workers[: self._owners]
                if w.on
            }
            loads = {
                name: Load(
                    held=self._workers[self._number[name]].held,
                    supervised=self._workers[self._number[name]].supervised,
                )
                for name in signed_on
            }
            found = candidates(signed_on, loads, self.assignment)
            self._free = [self._number[name] for name in found]
        return self._free

    def graver(self, left: Cause, right: Cause) -> Cause:
        """Return the cause that outranks the other."""
        return left if gravity(left) <= gravity(right) else right

    def step(self, policy: Policy, owner: SimulatedWorker, after: int) -> tuple[int, int] | None:
        """Return the next step of the ladder and who is asked there; None at its end.

        Of a pool, the one with the fewest messages waiting is asked.

        Parameters
        ----------
        after : the step at which nobody came; -1 at first.
        """
        pooled = policy.ai.supervision == "pooled"
        pool = self._pool(owner, pooled=pooled)
        reachable = Reachable(
            owner=None if owner.away else self._names[owner.number],
            pool=tuple(self._names[w.number] for w in pool),
        )
        first = 1 if pooled and after < 0 else after + 1
        step = next_step(reachable, STEPS[first:])
        if step is None:
            return None
        asked = [self._workers[self._number[name]] for name in reachable.at(step)]
        least = min(asked, key=lambda w: (w.waiting + (w.current is not None), w.number))
        return STEPS.index(step), least.number

    def _pool(self, owner: SimulatedWorker, *, pooled: bool) -> list[SimulatedWorker]:
        if pooled:
            return [w for w in self._workers[self._owners :] if w.on and not w.away]
        return [
            w
            for w in self._workers[: self._owners]
            if w.on and not w.away and w.arm == owner.arm and w is not owner
        ]
