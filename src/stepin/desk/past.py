"""What was: a customer's earlier chats, and search over what was said."""

from __future__ import annotations

import asyncio

import msgspec

from stepin.core.chat import Chat, chat_id_of, fold
from stepin.core.events.chat import MessagePosted
from stepin.core.record import Recorded
from stepin.log.protocol import Log

PAGE = 1_000


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A message in which all the words were found."""

    chat_id: str
    seq: int
    at_us: int
    author: str
    text: str


class Past:
    """Reads the log itself, so that a redacted text is found nowhere.

    Parameters
    ----------
    window : how many of the last events a search looks through.
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

    async def search(self, text: str, *, limit: int = 20) -> tuple[Found, ...]:
        """Return the newest messages that hold every word of the text, one for each chat."""
        words = text.lower().split()
        if not words:
            return ()
        found: dict[str, Found] = {}
        top = await self._log.position()
        floor = max(0, top - self._window)
        while top > floor and len(found) < limit:
            start = max(floor, top - PAGE)
            page = await self._log.read_all(after_position=start, limit=top - start)
            for event in reversed(page):
                hit = _hit(event, words)
                if hit is not None and len(found) < limit:
                    found.setdefault(hit.chat_id, hit)
            top = start
            await asyncio.sleep(0)
        return tuple(found.values())


def _hit(recorded: Recorded, words: list[str]) -> Found | None:
    event, chat_id = recorded.event, chat_id_of(recorded.stream)
    if chat_id is None or not isinstance(event, MessagePosted):
        return None
    lower = event.text.lower()
    if not all(word in lower for word in words):
        return None
    return Found(
        chat_id=chat_id,
        seq=recorded.seq,
        at_us=recorded.at_us,
        author=event.author,
        text=event.text,
    )
