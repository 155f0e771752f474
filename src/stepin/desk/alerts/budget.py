"""How much an owner may still be asked in this hour: a fold of the log, checked by claims.

A budgeted alert and a call by chance each claim a numbered key of the owner's clock hour in the
transaction that raises them. So the caps hold across processes, and after a restart, whatever this
memory holds.
"""

from __future__ import annotations

from collections.abc import Iterable

from stepin.core.chat import Chat
from stepin.core.decide.alerting import Room, margin
from stepin.core.events.supervision import DecisionDrawn
from stepin.core.policy import AlertPolicy
from stepin.desk.state.projection import LogStep

HOUR_US = 3_600_000_000
_KEPT_KEYS = 50_000


class Rooms:
    """Slots that are known to be taken, and how bad each owner's chats were in the last hour."""

    def __init__(self) -> None:
        self._taken: dict[str, None] = {}
        self._peaks: dict[str, dict[str, tuple[int, float]]] = {}

    def see(self, step: LogStep) -> None:
        """Remember how far the scores of an owner's chat went."""
        event, chat, at_us = step.recorded.event, step.after, step.recorded.at_us
        if not isinstance(event, DecisionDrawn) or event.point != "alert" or not event.score:
            return
        if chat is None or chat.owner is None:
            return
        over = margin(event.score, event.threshold or 0.0)
        chats = self._peaks.setdefault(chat.owner, {})
        known = chats.get(chat.chat_id, (0, over))[1]
        chats[chat.chat_id] = (at_us, max(known, over))
        self._prune(chat.owner, at_us)

    def taken(self, keys: Iterable[str]) -> None:
        """Remember slots that the log refused."""
        self._taken.update(dict.fromkeys(keys))
        while len(self._taken) > _KEPT_KEYS:
            self._taken.pop(next(iter(self._taken)))

    def of(self, chat: Chat, policy: AlertPolicy, now_us: int) -> Room:
        """Return the room of a chat's owner now."""
        hour = f"{chat.owner}/{now_us // HOUR_US}"
        rivals: tuple[float, ...] = ()
        if policy.per_hour is not None and chat.owner is not None:
            self._prune(chat.owner, now_us)
            chats = self._peaks.get(chat.owner, {})
            rivals = tuple(over for other, (_, over) in chats.items() if other != chat.chat_id)
        budget: str | None = ""
        if policy.per_hour is not None:
            budget = self._free(f"alerts/{hour}", policy.per_hour)
        return Room(
            budget=budget,
            chance=self._free(f"chance/{hour}", policy.chance_per_hour),
            rivals=rivals,
        )

    def _free(self, name: str, most: int) -> str | None:
        keys = (f"{name}/{number}" for number in range(most))
        return next((key for key in keys if key not in self._taken), None)

    def _prune(self, owner: str, now_us: int) -> None:
        chats = self._peaks.get(owner, {})
        for chat_id in [c for c, (at_us, _) in chats.items() if now_us - at_us > HOUR_US]:
            del chats[chat_id]
