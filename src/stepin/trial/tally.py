"""Running totals for the harm rule, from events: per look, unit and outcome. For the machine alone.

Unit totals go straight into `harm.verdict`; no page, command or export prints them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    EligibilityAssessed,
    OwnerSet,
    RatingGiven,
)
from stepin.core.record import Recorded
from stepin.trial.harm import look_ends_us, midnight_us
from stepin.trial.plan import Plan


class Tally:
    """Counts bad events as they come, by the plan's unit, until the last look that is due.

    A chat counts from the day on which it was opened, if that is a day of treatment; what happened
    to it (a low rating, an abandonment) counts from the day on which it happened.

    Parameters
    ----------
    plan : the registered plan.
    units : the ids of the design; None for units that are drawn alone: those that come are counted.
    """

    def __init__(self, plan: Plan, units: tuple[str, ...] | None) -> None:
        self._plan = plan
        self._fixed = None if units is None else frozenset(units)
        self._ends_us = look_ends_us(plan)
        self._start_us = midnight_us(plan.dates.treatment_from)
        self._totals: dict[str, dict[tuple[int, int], tuple[int, int]]] = {
            unit: {} for unit in units or ()
        }
        self._customer: dict[str, str] = {}
        self._owner: dict[str, str] = {}
        self._eligible: dict[str, bool] = {}
        self._opened: dict[str, int] = {}

    def add(self, recorded: Iterable[Recorded]) -> None:
        """Count more events, in order of position."""
        for one in recorded:
            if one.stream.startswith("chat/"):
                self._hear(one.stream[5:], one)

    @property
    def units(self) -> tuple[str, ...]:
        """The ids of the units, sorted."""
        return tuple(sorted(self._totals))

    def totals(self, looks: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return events and counts as `harm.verdict` takes them, for the first `looks` looks.

        Their units are in the order of `units`.
        """
        shape = (looks, len(self._totals), len(self._plan.harm.outcomes))
        events, counts = np.zeros(shape), np.zeros(shape)
        for row, unit in enumerate(self.units):
            for (look, k), (bad, seen) in self._totals[unit].items():
                if look < looks:
                    events[look, row, k], counts[look, row, k] = bad, seen
        return np.cumsum(events, axis=0), np.cumsum(counts, axis=0)

    def due(self, now_us: int) -> int:
        """Return how many looks' days are over."""
        return sum(end <= now_us for end in self._ends_us)

    def _hear(self, chat: str, one: Recorded) -> None:
        event = one.event
        if isinstance(event, ChatOpened):
            self._customer[chat] = event.customer_id
            self._opened[chat] = one.at_us
        elif isinstance(event, EligibilityAssessed):
            self._eligible.setdefault(chat, event.eligible)
        elif isinstance(event, OwnerSet) and event.owner is not None:
            self._owner.setdefault(chat, event.owner)
        elif isinstance(event, RatingGiven):
            low = event.rating <= self._plan.harm.low_rating_at_most
            self._count(chat, "low_rating", low, one.at_us)
        elif isinstance(event, ChatClosed):
            self._count(chat, "abandoned", event.reason == "abandoned", one.at_us)

    def _count(self, chat: str, outcome: str, bad: bool, at_us: int) -> None:
        outcomes = self._plan.harm.outcomes
        look = self._look(at_us)
        unit = self._unit(chat)
        if (
            not unit
            or (self._fixed is not None and unit not in self._fixed)
            or look is None
            or outcome not in outcomes
            or self._opened.get(chat, 0) < self._start_us
            or not self._sampled(chat)
        ):
            return
        k = [str(o) for o in outcomes].index(outcome)
        own = self._totals.setdefault(unit, {})
        events, counts = own.get((look, k), (0, 0))
        own[look, k] = (events + bad, counts + 1)

    def _unit(self, chat: str) -> str:
        if self._plan.unit == "worker":
            return self._owner.get(chat, "")
        return chat if self._plan.unit == "chat" else self._customer.get(chat, "")

    def _sampled(self, chat: str) -> bool:
        eligible = self._eligible.get(chat, False)
        return {"all": True, "eligible": eligible, "ineligible": not eligible}[
            self._plan.harm.chats
        ]

    def _look(self, at_us: int) -> int | None:
        return next((i for i, end in enumerate(self._ends_us) if at_us < end), None)
