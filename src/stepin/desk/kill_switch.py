"""Kill switches: thrown once, in force everywhere."""

from __future__ import annotations

import asyncio

from stepin.core.action import OPEN
from stepin.core.chat import Chat
from stepin.core.decide.decision import Decision
from stepin.core.decide.queueing import release
from stepin.core.events.action import ActionExpired
from stepin.core.events.floor import SwitchThrown
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import DropWork
from stepin.desk.services import Services
from stepin.errors import Invalid
from stepin.log.protocol import Append, Appended


class Switches:
    """Throws switches and ends what they stop, chat by chat, each with a new epoch."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def throw(self, new: NewEvent) -> Recorded:
        """Append the switch, wait until this process knows it, and end what it stops.

        Raises
        ------
        Invalid
            The switch has another name than `ai`, `arm:NAME` or `tool:NAME`.
        """
        thrown = new.event
        assert isinstance(thrown, SwitchThrown)
        kind, _, name = thrown.switch.partition(":")
        if (kind == "ai") == bool(name) or kind not in ("ai", "arm", "tool"):
            raise Invalid(
                f"There is no switch {thrown.switch!r}.",
                hint="Name ai, arm:NAME or tool:NAME.",
                code="no_switch",
            )
        outcome = await self._services.log.append(Append(stream="desk", events=(new,)))
        assert isinstance(outcome, Appended)
        await self._services.follower.reach(outcome.events[0].position)
        if thrown.stopped:
            await self._end(kind, name)
        return outcome.events[0]

    async def _end(self, kind: str, name: str) -> None:
        ends = [
            self._stop_tool(chat, name) if kind == "tool" else self._stop_ai(chat)
            for chat in list(self._services.floor.chats.values())
        ]
        await asyncio.gather(*ends)

    async def _stop_ai(self, chat: Chat) -> None:
        def decide(now: Chat, now_us: int) -> Decision | None:
            policy = self._services.policies.of(now)
            if not now.ai_holds or policy.ai.enabled:
                return None
            return release(now, "kill_switch", policy, now_us=now_us)

        await self._services.writer.write(chat.chat_id, decide)

    async def _stop_tool(self, chat: Chat, name: str) -> None:
        def decide(now: Chat, now_us: int) -> Decision | None:
            open_ = [a for a in now.actions.values() if a.tool == name and a.state in OPEN]
            if not open_:
                return None
            expired = tuple(
                NewEvent(event=ActionExpired(action_id=a.action_id, reason="kill_switch"))
                for a in open_
            )
            drops = tuple(DropWork(work_id=f"effect:{a.action_id}") for a in open_)
            return Decision(events=expired, work=drops)

        if any(a.tool == name and a.state in OPEN for a in chat.actions.values()):
            await self._services.writer.write(chat.chat_id, decide)
