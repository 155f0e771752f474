"""The customers of a demo: a new chat every so often, never more open than one person can watch."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from stepin.client import DeskClient
from stepin.demo.person import People, Person
from stepin.demo.visit import Sign, Tempo, Visit, visit
from stepin.errors import StepinError

FIRST = 4
"""So many customers come one after the other at the start: nobody watches an empty floor."""


@dataclass(frozen=True, slots=True)
class CrowdPace:
    """How busy the customers are.

    Attributes
    ----------
    every_s : the mean time between two new chats.
    most_open : chats that are open at once.
    back_s : after how long somebody who comes back does.
    chats : how many chats in all; None for no end.
    """

    every_s: float = 10.0
    most_open: int = 12
    back_s: float = 90.0
    chats: int | None = None


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What outlives a restart: the open chats with the people in them."""

    token: str
    person: dict[str, Any]


@dataclass(slots=True)
class Crowd:
    """Everybody who writes to one desk.

    Parameters
    ----------
    url : the desk.
    people : where customers come from.
    sign : what the host site signs for them.
    memory : a file that lets a restart go on with the same chats, if it is given.
    told : called with every visit that has ended and the desk's refusal, if there was one.

    Attributes
    ----------
    count : visits by how they ended: done, or a refusal's code.
    """

    url: str
    people: People
    sign: Sign
    random: Random
    pace: CrowdPace = field(default_factory=CrowdPace)
    tempo: Tempo = field(default_factory=Tempo)
    memory: Path | None = None
    told: Callable[[Visit, StepinError | None], None] = lambda visit, error: None
    count: Counter[str] = field(default_factory=Counter, init=False)
    _open: dict[int, Visit] = field(default_factory=dict, init=False)
    _back: list[tuple[float, Person]] = field(default_factory=list, init=False)
    _opened: int = field(default=0, init=False)

    async def run(self) -> None:
        """Open chats until there have been enough, and return when the last has ended."""
        async with asyncio.TaskGroup() as group:
            for one in await self._kept():
                self._start(group, one)
            while not self._enough():
                if len(self._open) < self.pace.most_open:
                    person = self._next()
                    if person is not None:
                        self._opened += 1
                        self._start(group, Visit(self.url, person, self._fork(), self.tempo))
                await asyncio.sleep(self._wait_s())

    def _enough(self) -> bool:
        return self.pace.chats is not None and self._opened >= self.pace.chats

    def _wait_s(self) -> float:
        mean = self.pace.every_s / self.tempo.haste
        if self._opened < min(FIRST, self.pace.most_open):
            mean /= 5.0
        return min(self.random.expovariate(1.0 / mean), 3.0 * mean)

    def _fork(self) -> Random:
        return Random(self.random.random())

    def _next(self) -> Person | None:
        busy = frozenset(one.person.customer_id for one in self._open.values())
        for place, (due, person) in enumerate(self._back):
            if due <= time.monotonic() and person.customer_id not in busy:
                del self._back[place]
                return person
        waiting = frozenset(person.customer_id for _, person in self._back)
        return self.people.draw(busy | waiting)

    def _start(self, group: asyncio.TaskGroup, one: Visit) -> None:
        self._open[id(one)] = one
        group.create_task(self._live(one))

    async def _live(self, one: Visit) -> None:
        if not one.token:
            try:
                await one.open(self.sign)
            except StepinError as error:
                self._end(one, error)
                return
            self._remember()
        self._end(one, await visit(one, self.sign))

    def _end(self, one: Visit, error: StepinError | None) -> None:
        del self._open[id(one)]
        self.count["done" if error is None else error.code] += 1
        later = None if error is not None else one.person.again()
        if later is not None:
            self._back.append((time.monotonic() + self.pace.back_s / self.tempo.haste, later))
        self._remember()
        self.told(one, error)

    def _remember(self) -> None:
        if self.memory is None:
            return
        kept = [
            Kept(token=v.token, person=v.person.saved()) for v in self._open.values() if v.token
        ]
        fresh = self.memory.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(kept))
        fresh.replace(self.memory)

    async def _kept(self) -> list[Visit]:
        """Return the visits that were going on at the last stop and whose chats are still open."""
        if self.memory is None or not self.memory.exists():
            return []
        try:
            kept = msgspec.json.decode(self.memory.read_bytes(), type=list[Kept])
        except msgspec.MsgspecError:
            return []
        found = []
        for one in kept:
            person = self.people.restored(one.person)
            chat_id = None if person is None else await self._still_open(one.token)
            if person is not None and chat_id is not None:
                again = Visit(self.url, person, self._fork(), self.tempo, chat_id, one.token)
                again.resumed = True
                found.append(again)
        return found

    async def _still_open(self, token: str) -> str | None:
        from stepin.web.auth.token import ChatClaims, peek

        chat_id = peek(token, ChatClaims).chat
        async with DeskClient(self.url, {"authorization": f"Bearer {token}"}) as desk:
            try:
                seen = await desk.get(f"/api/customer/chats/{chat_id}")
            except StepinError:
                return None
        return None if seen["chat"]["state"] == "ended" else chat_id
