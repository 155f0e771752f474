"""Running totals for the harm rule, from events: per look, unit and outcome. For the machine alone.

Unit totals go straight into `harm.verdict`; no page, command or export prints them.
"""

from __future__ import annotations

import datetime as dt
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
from stepin.trial.harm import look_days
from stepin.trial.plan import Plan

_DAY_US = 86_400_000_000


class Tally:
    """Counts bad events as they come, by the plan's unit, until the last look that is due.

    A chat counts from the day on which it was opened, if that is a day of treatment; what happened
    to it (a low rating, an abandonment) counts from the day on which it happened.

    Parameters
    ----------
    plan : the registered plan.
    units : the ids of the design, in its order.
    """

    def __init__(self, plan: Plan, units: tuple[str, ...]) -> None:
        self._plan = plan
        self._row = {unit: i for i, unit in enumerate(units)}
        self._days = look_days(plan)
        self._start_us = _midnight_us(plan.dates.treatment_from)
        shape = (len(self._days), len(units), len(plan.harm.outcomes))
        self._events = np.zeros(shape)
        self._counts = np.zeros(shape)
        self._customer: dict[str, str] = {}
        self._owner: dict[str, str] = {}
        self._eligible: dict[str, bool] = {}
        self._opened: dict[str, int] = {}

    def add(self, recorded: Iterable[Recorded]) -> None:
        """Count more events, in order of position."""
        for one in recorded:
            if one.stream.startswith("chat/"):
                self._hear(one.stream[5:], one)

    def totals(self, looks: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return events and counts as `harm.verdict` takes them, for the first `looks` looks."""
        return np.cumsum(self._events[:looks], axis=0), np.cumsum(self._counts[:looks], axis=0)

    def due(self, now_us: int) -> int:
        """Return how many looks' days are over."""
        return sum(_midnight_us(day) + _DAY_US <= now_us for day in self._days)

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
        row = self._row.get(self._unit(chat))
        if (
            row is None
            or look is None
            or outcome not in outcomes
            or self._opened.get(chat, 0) < self._start_us
            or not self._sampled(chat)
        ):
            return
        k = [str(o) for o in outcomes].index(outcome)
        self._counts[look, row, k] += 1
        self._events[look, row, k] += bad

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
        for i, day in enumerate(self._days):
            if at_us < _midnight_us(day) + _DAY_US:
                return i
        return None


def _midnight_us(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) * 1_000_000
