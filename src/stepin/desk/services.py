"""What turns, effects and timers need to do their work: one bundle of small objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from stepin.agent.brain import Brain
from stepin.agent.gate.material import Material
from stepin.core.chat import Chat
from stepin.core.decide.escalating import Reachable
from stepin.desk.commands.writer import ChatWriter
from stepin.desk.state.floor import Floor
from stepin.desk.state.follower import Follower
from stepin.desk.state.policies import Policies
from stepin.desk.state.projection import Projection
from stepin.desk.tools.gateway import ToolRoom
from stepin.log.protocol import Log

DraftListener = Callable[[str, str, int], None]


class TurnMemory:
    """What brains remember between turns: kept per chat, valid only with its turn's outcome."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def get(self, chat_id: str, turn_id: str) -> dict[str, Any]:
        """Return what was remembered before this turn."""
        body = await self._log.record_get("memory", chat_id)
        if body is None:
            return {}
        kept = msgspec.json.decode(body)
        memory: dict[str, Any] = kept["before" if kept["turn"] == turn_id else "memory"]
        return memory

    async def put(self, chat_id: str, turn_id: str, memory: Mapping[str, Any]) -> None:
        """Store what this turn remembers; until the turn has ended the older one counts."""
        before = await self.get(chat_id, turn_id)
        kept = {"turn": turn_id, "memory": dict(memory), "before": before}
        await self._log.record_put("memory", chat_id, msgspec.json.encode(kept))

    async def forget(self, chat_id: str) -> None:
        """Destroy what is remembered of a chat."""
        await self._log.record_delete("memory", chat_id)


@dataclass(slots=True, kw_only=True)
class Services:
    """The objects of one desk process; nothing here has rules of its own."""

    log: Log
    writer: ChatWriter
    projection: Projection
    floor: Floor
    follower: Follower
    policies: Policies
    tools: ToolRoom
    memory: TurnMemory
    brains: Mapping[str, Brain]
    material: Material = field(default_factory=Material)
    drafts: list[DraftListener] = field(default_factory=list)
    withheld: Counter[str] = field(default_factory=Counter)

    def show_draft(self, chat_id: str, text: str, epoch: int) -> None:
        """Show workers what the AI is writing; nothing is logged."""
        for listener in self.drafts:
            listener(chat_id, text, epoch)

    def reachable(self, chat: Chat) -> Reachable:
        """Return who can be alerted about a chat now, inside its owner's arm."""
        here = {w: p for w, p in self.floor.signed_on.items() if not p.away}
        mates = self.policies.mates(chat.first_owner)
        owner = chat.owner if chat.owner in here else None
        holds = chat.holder.kind == "worker" and chat.holder.id in self.floor.signed_on
        return Reachable(
            owner=owner,
            holder=chat.holder.id if holds else None,
            pool=tuple(
                sorted(
                    w
                    for w, p in here.items()
                    if w != chat.owner and p.role == "worker" and (mates is None or w in mates)
                )
            ),
            here=frozenset(self.floor.signed_on),
            leads=tuple(sorted(w for w, p in here.items() if p.role in ("lead", "admin"))),
        )
