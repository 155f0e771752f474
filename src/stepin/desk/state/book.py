"""The chats that this process has looked at, folded and kept fresh."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from stepin.core.chat import Chat, apply, chat_id_of, stream_of
from stepin.core.record import Recorded
from stepin.log.protocol import Log


class ChatBook:
    """Folded chats by id. What is kept may be behind the log; `fresh` never is."""

    def __init__(self, log: Log, *, keep: int = 10_000) -> None:
        self._log = log
        self._keep = keep
        self._chats: OrderedDict[str, Chat] = OrderedDict()

    async def get(self, chat_id: str) -> Chat:
        """Return the chat as last seen; reads the log only if it was never seen."""
        known = self._chats.get(chat_id)
        if known is not None:
            self._chats.move_to_end(chat_id)
            return known
        return await self.fresh(chat_id)

    async def fresh(self, chat_id: str) -> Chat:
        """Return the chat after everything that the log holds now."""
        known = self._chats.get(chat_id, Chat(chat_id=chat_id))
        for event in await self._log.read(stream_of(chat_id), after_seq=known.seq):
            known = apply(known, event)
        return self._store(known)

    def drop(self, chat_id: str) -> None:
        """Forget what is kept of a chat."""
        self._chats.pop(chat_id, None)

    def see(self, events: Sequence[Recorded]) -> None:
        """Apply events to the chats that are kept; a gap makes the chat be read again."""
        for event in events:
            chat_id = chat_id_of(event.stream)
            known = None if chat_id is None else self._chats.get(chat_id)
            if known is None or event.seq <= known.seq:
                continue
            if event.seq == known.seq + 1:
                self._chats[known.chat_id] = apply(known, event)
            else:
                del self._chats[known.chat_id]

    def _store(self, chat: Chat) -> Chat:
        newer = self._chats.get(chat.chat_id)
        if newer is None or newer.seq < chat.seq:
            if chat.seq:
                self._chats[chat.chat_id] = chat
            newer = chat
        while len(self._chats) > self._keep:
            self._chats.popitem(last=False)
        return newer
