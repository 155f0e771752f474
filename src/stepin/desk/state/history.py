"""What was: a customer's earlier chats, and search over what was said."""

from __future__ import annotations

import asyncio

import msgspec

from stepin.core.chat import Chat, chat_id_of, fold
from stepin.core.events.chat import Author, MessagePosted
from stepin.log.protocol import Log
from stepin.log.stored import Stored

PAGE = 1_000
ESCAPED = frozenset('"\\')
"""What JSON writes otherwise, so that it can't be looked for in the stored bytes."""

MESSAGE = MessagePosted.__name__


class FoundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message in which all the words were found."""

    chat_id: str
    seq: int
    at_us: int
    author: Author
    text: str


class Searched(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found, newest first.

    `before` is the position that the search came down to, to go on from with another search; None
    if it came to the beginning of the log.
    """

    hits: tuple[FoundMessage, ...]
    before: int | None


class Past:
    """Reads the log itself, so that a redacted text is found nowhere.

    Parameters
    ----------
    window : how many events one search looks through before it hands back what it has.
    """

    def __init__(self, log: Log, *, window: int = 200_000) -> None:
        self._log, self._window = log, window

    async def history(self, customer_id: str, *, limit: int = 20) -> tuple[Chat, ...]:
        """Return a customer's chats, newest first."""
        streams = await self._log.streams(ref=f"customer:{customer_id}")
        chats = []
        for stream in streams[:limit]:
            chat_id = chat_id_of(stream)
            if chat_id is not None:
                chats.append(fold(chat_id, await self._log.read(stream)))
        return tuple(chats)

    async def search(self, text: str, *, limit: int = 20, before: int | None = None) -> Searched:
        """Return the newest messages that hold every word of the text, one for each chat.

        Searching on from `before` until it is None goes through every event of the log once; a
        chat that was found in one search can be found again in the next.

        Parameters
        ----------
        before : look only at events at or below this position; None for all.
        """
        words = text.lower().split()
        top = await self._log.position()
        if before is not None:
            top = min(top, before)
        floor = max(0, top - self._window)
        found: dict[str, FoundMessage] = {}
        while words and top > floor:
            start = max(floor, top - PAGE)
            page = await self._log.stored(after_position=start, limit=top - start)
            for stored in reversed(page):
                hit = _hit(stored, words)
                if hit is not None:
                    found.setdefault(hit.chat_id, hit)
                    if len(found) == limit:
                        return Searched(
                            hits=tuple(found.values()), before=stored.position - 1 or None
                        )
            top = start
            await asyncio.sleep(0)
        return Searched(hits=tuple(found.values()), before=(top if words else 0) or None)


def _hit(stored: Stored, words: list[str]) -> FoundMessage | None:
    chat_id = chat_id_of(stored.stream)
    if chat_id is None or stored.kind != MESSAGE or stored.private is None:
        return None
    raw = stored.private.decode().lower()
    if not all(word in raw for word in words if not ESCAPED & set(word)):
        return None
    event = stored.recorded().event
    if not isinstance(event, MessagePosted):
        return None
    lower = event.text.lower()
    if not all(word in lower for word in words):
        return None
    return FoundMessage(
        chat_id=chat_id,
        seq=stored.seq,
        at_us=stored.at_us,
        author=event.author,
        text=event.text,
    )
