"""A desk takes each part that it is given, also without settings."""

from __future__ import annotations

import asyncio

from stepin.core.events.supervision import ChatScored
from stepin.judge.chat import Turn
from stepin.judge.models.chat_features import Shape
from tests.desk.brains import Scripted, silent
from tests.desk.conftest import Room


class Counting:
    """A detector that reports how many turns it has seen, of eight."""

    name = "counting"
    version = "counting-1"
    cause = None
    threshold = 1.0

    def start(self) -> int:
        return 0

    def update(self, state: int, turn: Turn, shape: Shape) -> int:
        return state + 1

    def score(self, state: int) -> tuple[float, tuple[str, ...]]:
        return state / 8, ()


async def test_brains_are_wrapped(timed_room: Room) -> None:
    inner, outer = Scripted(silent), Scripted(silent)
    wrapped: list[object] = []

    def wrap(brain: object) -> Scripted:
        wrapped.append(brain)
        return outer

    desk = await timed_room.add(brains={"builtin": inner}, wrap_brain=wrap)
    assert wrapped == [inner]
    assert dict(desk.services.brains) == {"builtin": outer}


async def test_a_team_s_detectors_score_beside_the_rules(timed_room: Room) -> None:
    await timed_room.add(detectors=(Counting(),))
    await timed_room.sign_on("ann")
    chat_id = await timed_room.open("Hello")
    scored: list[ChatScored] = []
    async with asyncio.timeout(10):
        while not scored:
            await asyncio.sleep(0)
            found = [e.event for e in await timed_room.events(chat_id)]
            scored = [event for event in found if isinstance(event, ChatScored)]
    assert scored[0].scores["counting"] == 1 / 8
    assert "requested" in scored[0].scores


async def test_what_is_to_be_closed_is_closed_once_the_desk_has_stopped(timed_room: Room) -> None:
    closed: list[bool] = []

    async def close() -> None:
        closed.append(timed_room.desk.running)

    await timed_room.add(closing=(close,))
    assert closed == []
    await timed_room.stop()
    assert closed == [False]
