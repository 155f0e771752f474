"""The dozen who work in a demo: fast and slow, in shifts that overlap."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from stepin.demo.case import Clerk
from stepin.demo.colleague import Manner, SimulatedColleague
from stepin.errors import StepinError

NAMES = ("Ada", "Bo", "Cleo", "Dov", "Edda", "Fay", "Gus", "Hana", "Ivo", "Jun", "Kit", "Lena")
SLOW = frozenset({2, 5, 8})
LEAD = 11


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff. `tenure_days` is what the trial blocks on."""

    worker_id: str
    name: str
    lead: bool
    slow: bool
    tenure_days: int


STAFF = tuple(
    Member(
        worker_id=f"sim-{name.lower()}",
        name=f"{name} (simulated)",
        lead=place == LEAD,
        slow=place in SLOW,
        tenure_days=60 + 110 * ((place * 7) % 12),
    )
    for place, name in enumerate(NAMES)
)


@dataclass(slots=True)
class Team:
    """All of them at one desk.

    Parameters
    ----------
    password_of : a worker's password.
    at_once, shift_s : how many are at work at once, and how long until the next comes for one.
    """

    url: str
    clerk: Clerk
    password_of: Callable[[str], str]
    random: Random
    members: tuple[Member, ...] = STAFF
    at_once: int = 3
    shift_s: float = 120.0
    haste: float = 1.0
    people: list[SimulatedColleague] = field(default_factory=list, init=False)

    async def run(self) -> None:
        """Let everybody work until cancelled."""
        self.people = [
            SimulatedColleague(
                self.url,
                one.worker_id,
                self.password_of(one.worker_id),
                self.clerk,
                Random(self.random.random()),
                manner_of(one, self.haste),
            )
            for one in self.members
        ]
        self._rota(0)
        async with asyncio.TaskGroup() as group:
            for one in self.people:
                group.create_task(self._keep(one))
            group.create_task(self._shifts())

    async def _keep(self, one: SimulatedColleague) -> None:
        """Let somebody come back when the desk has sent them away, e.g. at its restart."""
        while True:
            try:
                await one.run()
            except* StepinError as errors:
                one.count[str(errors.exceptions[0])] += 1
            await asyncio.sleep(5.0 / self.haste)

    async def _shifts(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(self.shift_s / self.haste)
            turn += 1
            self._rota(turn)

    def _rota(self, turn: int) -> None:
        size = len(self.people)
        here = {(turn + step) % size for step in range(min(self.at_once, size))}
        for place, one in enumerate(self.people):
            one.at_work = place in here or self.members[place].lead


def manner_of(one: Member, haste: float) -> Manner:
    """Return how one of the staff works."""
    react_s = 60.0 if one.slow else 8.0
    return Manner(react_s=react_s, comes_share=0.6 if one.slow else 0.8, haste=haste)
