"""The floor now: who is signed on, which chats are open, who carries how many."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from stepin.core.assignment import Load
from stepin.core.chat import Chat, chat_id_of
from stepin.core.escalation import gravity
from stepin.core.events.floor import WorkerSignedOff, WorkerSignedOn
from stepin.core.presence import Presence, apply_presence
from stepin.core.record import Recorded
from stepin.desk.state.projection import LogStep


class FloorSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The floor after the event at `position`.

    Attributes
    ----------
    chats : the chats that are not closed, or were left in danger, by id.
    queue : the ids of those that nobody holds, first come first.
    loads : what each worker carries; workers who carry nothing are not in it.
    """

    position: int
    signed_on: Mapping[str, Presence]
    chats: Mapping[str, Chat]
    queue: tuple[str, ...]
    loads: Mapping[str, Load]


class Floor:
    """What stands behind the snapshot. Events that it has seen already change nothing.

    Chats come folded (see `Projection`); what is counted over them is counted here.

    `gone` are the workers who have signed off: what they own has to be given to others. A lead who
    takes a chat over without having signed on isn't among them.
    """

    def __init__(self) -> None:
        self.position = 0
        self.signed_on: dict[str, Presence] = {}
        self.gone: set[str] = set()
        self.chats: dict[str, Chat] = {}
        self.queued: dict[str, Chat] = {}
        self.owned: dict[str, set[str]] = {}
        self.loads: dict[str, Load] = {}
        self._worker_seqs: dict[str, int] = {}

    def apply(self, step: LogStep) -> None:
        """Apply one more event of the log."""
        recorded = step.recorded
        self.position = max(self.position, recorded.position)
        if chat_id_of(recorded.stream) is not None:
            if step.after is not None:
                self.put(step.after)
        elif self._is_new_of_worker(recorded):
            self._worker_seqs[recorded.stream] = recorded.seq
            self.signed_on = apply_presence(self.signed_on, recorded.event)
            if isinstance(recorded.event, WorkerSignedOff):
                self.gone.add(recorded.event.worker_id)
            elif isinstance(recorded.event, WorkerSignedOn):
                self.gone.discard(recorded.event.worker_id)

    def put(self, chat: Chat) -> None:
        """Put a folded chat in the place of what is known of it, if it is newer."""
        known = self.chats.get(chat.chat_id)
        if known is not None and known.seq >= chat.seq:
            return
        if chat.over:
            self._count(known, -1)
            self.chats.pop(chat.chat_id, None)
            self.queued.pop(chat.chat_id, None)
            return
        if known is not None and _weighs_the_same(known, chat):
            self.chats[chat.chat_id] = chat
            if chat.episode == "queued":
                self.queued[chat.chat_id] = chat
            return
        self._count(known, -1)
        self.chats[chat.chat_id] = chat
        self._count(chat, 1)
        if chat.episode == "queued":
            self.queued[chat.chat_id] = chat
        else:
            self.queued.pop(chat.chat_id, None)

    def snapshot(self) -> FloorSnapshot:
        """Return the floor as it stands; the copy doesn't change any more."""
        return FloorSnapshot(
            position=self.position,
            signed_on=dict(self.signed_on),
            chats=dict(self.chats),
            queue=self.queue(),
            loads=dict(self.loads),
        )

    @classmethod
    def of(cls, snapshot: FloorSnapshot) -> Floor:
        """Return a floor that goes on from a snapshot."""
        floor = cls()
        floor.signed_on = dict(snapshot.signed_on)
        for chat in snapshot.chats.values():
            floor.put(chat)
        floor.position = snapshot.position
        return floor

    def queue(self) -> tuple[str, ...]:
        """Return who waits, in order: danger to life, other danger, then first come first."""
        return tuple(sorted(self.queued, key=self._turn_of))

    def _turn_of(self, chat_id: str) -> tuple[int, int, str]:
        chat = self.queued[chat_id]
        grave = gravity("policy", chat.danger) if chat.danger else 1
        return (grave, chat.stage.queued_us, chat_id)

    def _is_new_of_worker(self, recorded: Recorded) -> bool:
        known = self._worker_seqs.get(recorded.stream, 0)
        return recorded.stream.startswith("worker/") and recorded.seq > known

    def _count(self, chat: Chat | None, by: int) -> None:
        if chat is None or chat.episode not in ("active", "wrap_up"):
            return
        if chat.ai_holds:
            self._add(chat.owner, chat.chat_id, supervised=by)
        elif chat.holder.kind == "worker":
            self._add(chat.holder.id, chat.chat_id, held=by)

    def _add(
        self, worker_id: str | None, chat_id: str, *, held: int = 0, supervised: int = 0
    ) -> None:
        if worker_id is None:
            return
        now = self.loads.get(worker_id, Load())
        then = Load(now.held + held, now.supervised + supervised)
        mine = self.owned.setdefault(worker_id, set())
        (mine.add if held + supervised > 0 else mine.discard)(chat_id)
        if then == Load():
            self.loads.pop(worker_id, None)
            self.owned.pop(worker_id, None)
        else:
            self.loads[worker_id] = then


def _weighs_the_same(one: Chat, other: Chat) -> bool:
    return one.episode == other.episode and one.holder == other.holder and one.owner == other.owner
