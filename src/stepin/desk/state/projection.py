"""The one projection of chats in a process: an event is folded once, for everybody in it.

Two readers come to an event: whoever has just written it or has read the chat afresh, and the
follower, which comes to every event in the order of positions. The first of them folds it. What
was folded before the follower has come to it is kept as a step until then, so that whoever follows
the log through the follower (the floor, the feeds, the budget of alerts) gets each chat as it was
right before and after the event.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from stepin.core.chat import Chat, apply, chat_id_of, fold, stream_of
from stepin.core.record import Recorded
from stepin.log.protocol import Log

KEPT_STEPS = 4_096


class LogStep(msgspec.Struct, frozen=True, gc=False):
    """An event of the log, with its chat before and after it.

    Attributes
    ----------
    before, after : None for an event of another stream, and where this process doesn't know the
        chat at that event: it ended long ago, or its first events were never read.
    """

    recorded: Recorded
    before: Chat | None = None
    after: Chat | None = None


class Projection:
    """Folded chats by id. What is kept may be behind the log; `fresh` never is.

    Parameters
    ----------
    keep : how many chats are kept; the one that was not needed for the longest time goes first.
    """

    def __init__(self, log: Log, *, keep: int = 10_000) -> None:
        self._log = log
        self._keep = keep
        self._chats: OrderedDict[str, Chat] = OrderedDict()
        self._ahead: OrderedDict[tuple[str, int], LogStep] = OrderedDict()
        self._followed: int | None = None

    @property
    def ahead(self) -> int:
        """How many events were folded that the follower is still to come to."""
        return len(self._ahead)

    async def get(self, chat_id: str) -> Chat:
        """Return the chat as last seen; reads the log only if it was never seen."""
        known = self._chats.get(chat_id)
        if known is not None:
            self._chats.move_to_end(chat_id)
            return known
        return await self.fresh(chat_id)

    async def fresh(self, chat_id: str) -> Chat:
        """Return the chat after everything that the log holds now.

        A redaction may come while the log is read: what was known before it is not gone on from.
        """
        while True:
            known = self._chats.get(chat_id, Chat(chat_id=chat_id))
            events = await self._log.read(stream_of(chat_id), after_seq=known.seq)
            chat = self._chats.get(chat_id, Chat(chat_id=chat_id))
            if chat.seq >= known.seq:
                break
        for event in events:
            if event.seq > chat.seq:
                chat = self._fold(chat, event)
        return self._store(chat)

    def see(self, events: Sequence[Recorded]) -> None:
        """Fold what was just written; a gap makes the chat be read again."""
        for event in events:
            chat_id = chat_id_of(event.stream)
            if chat_id is None:
                continue
            known = self._chats.get(chat_id)
            if known is None and event.seq == 1:
                known = Chat(chat_id=chat_id)
            if known is None or event.seq <= known.seq:
                continue
            if event.seq == known.seq + 1:
                self._store(self._fold(known, event))
            else:
                del self._chats[known.chat_id]

    def follow(self, position: int | None) -> None:
        """Note how far the follower has come; None if the log isn't followed."""
        self._followed = position
        if position is None:
            self._ahead.clear()

    def step(self, event: Recorded, at: Chat | None) -> LogStep:
        """Return the step of the next event that the follower has come to.

        Parameters
        ----------
        at : the chat where the follower has left it, if it knows it.
        """
        self._come_to(event)
        chat_id = chat_id_of(event.stream)
        if chat_id is None:
            return LogStep(event)
        step = self._ahead.pop((chat_id, event.seq), None)
        if step is not None:
            return step
        known = self._chats.get(chat_id)
        begun = Chat(chat_id=chat_id) if event.seq == 1 else None
        before = next((c for c in (known, at, begun) if c and c.seq == event.seq - 1), None)
        if before is None:
            return LogStep(event)
        after = apply(before, event)
        self._store(after)
        return LogStep(event, before, after)

    async def redaction(self, event: Recorded, at: Chat | None) -> LogStep:
        """Return the step of a redaction: a chat that is known is folded anew, without the text."""
        self._come_to(event)
        chat_id = chat_id_of(event.stream)
        if chat_id is None:
            return LogStep(event)
        known = self._chats.pop(chat_id, at)
        for key in [key for key in self._ahead if key[0] == chat_id]:
            del self._ahead[key]
        if known is None:
            return LogStep(event)
        events = await self._log.read(event.stream)
        before = fold(chat_id, (one for one in events if one.seq < event.seq))
        after = apply(before, event)
        self._store(after)
        return LogStep(event, before, after)

    def _come_to(self, event: Recorded) -> None:
        if self._followed is not None:
            self._followed = event.position

    def _fold(self, chat: Chat, event: Recorded) -> Chat:
        """Return the chat after an event; remember the step if the follower is still to come."""
        then = apply(chat, event)
        if self._followed is not None and event.position > self._followed:
            self._ahead[chat.chat_id, event.seq] = LogStep(event, chat, then)
            if len(self._ahead) > KEPT_STEPS:
                self._ahead.popitem(last=False)
        return then

    def _store(self, chat: Chat) -> Chat:
        """Keep a chat, unless a newer one is kept; return the newer."""
        known = self._chats.get(chat.chat_id)
        if known is not None and known.seq > chat.seq:
            return known
        if chat.seq:
            self._chats[chat.chat_id] = chat
            self._chats.move_to_end(chat.chat_id)
            while len(self._chats) > self._keep:
                self._chats.popitem(last=False)
        return chat
