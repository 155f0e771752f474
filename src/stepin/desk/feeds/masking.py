"""What a worker reads of colleagues while a trial runs: that there is one, never which one.

Which colleague has the AI is the arm of a trial of workers. A name beside a chat that the AI holds,
or doesn't hold, tells it; so do the workers whom an alert reaches, who are all of one arm, and a
brain's version, where the arms differ in it.
"""

from __future__ import annotations

from typing import Any, overload

import msgspec
from msgspec.structs import replace

from stepin.core.chat import Chat
from stepin.core.command import Role
from stepin.core.holder import Holder, worker
from stepin.desk.feeds.views import ChatCard, WorkerCard
from stepin.desk.feeds.visibility import Entry

COLLEAGUE = "colleague"
"""Stands for every other worker."""


class Viewer(msgspec.Struct, frozen=True, gc=False):
    """Whose console it is."""

    worker_id: str
    role: Role


class Veil(msgspec.Struct, frozen=True, gc=False):
    """Hides every worker but `me`; None hides nobody."""

    me: str | None = None

    def card(self, card: ChatCard) -> ChatCard:
        """Return a chat's card as the viewer reads it."""
        if self.me is None:
            return card
        escalation = card.escalation
        if escalation is not None:
            escalation = replace(
                escalation,
                to=self._called(escalation.to),
                acknowledged_by=self._id(escalation.acknowledged_by),
                taken_by=self._id(escalation.taken_by),
            )
        return replace(
            card,
            holder=self._holder(card.holder),
            owner=self._id(card.owner),
            escalation=escalation,
            actions=tuple(replace(a, proposer=self._actor(a.proposer)) for a in card.actions),
        )

    def entries(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """Return a chat's entries as the viewer reads them."""
        if self.me is None:
            return entries
        return tuple(
            replace(
                entry,
                actor=self._actor(entry.actor),
                data={name: self._value(name, value) for name, value in entry.data.items()},
            )
            for entry in entries
        )

    def name(self, worker_id: str) -> str:
        """Return a worker's id as the viewer reads it."""
        return worker_id if self.me is None else self._id(worker_id)

    def _value(self, name: str, value: Any) -> Any:
        match name:
            case "owner" | "previous" | "worker_id":
                return self._id(value)
            case "from" | "to" if isinstance(value, Holder):
                return self._holder(value)
            case "to":
                return self._called(value)
            case _:
                return value

    @overload
    def _id(self, worker_id: str) -> str: ...
    @overload
    def _id(self, worker_id: str | None) -> str | None: ...
    def _id(self, worker_id: str | None) -> str | None:
        return worker_id if worker_id in (None, self.me) else COLLEAGUE

    def _holder(self, holder: Holder) -> Holder:
        return worker(self._id(holder.id)) if holder.kind == "worker" else Holder(holder.kind)

    def _actor(self, actor: str) -> str:
        kind, _, name = actor.partition(":")
        match kind:
            case "ai":
                return "ai:"
            case "worker":
                return f"worker:{self._id(name)}"
            case _:
                return actor

    def _called(self, to: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(worker_id for worker_id in to if worker_id == self.me)


OPEN = Veil()


def veil(chat: Chat, viewer: Viewer) -> Veil:
    """Return what hides colleagues in a chat: of a trial's chats, from everybody but leads."""
    if viewer.role != "worker" or chat.trial_id is None:
        return OPEN
    return Veil(viewer.worker_id)


def shown_workers(cards: tuple[WorkerCard, ...], viewer: Viewer) -> tuple[WorkerCard, ...]:
    """Return workers' cards as a viewer reads them: loads are for leads."""
    if viewer.role != "worker":
        return cards
    return tuple(replace(card, load=None) for card in cards)
