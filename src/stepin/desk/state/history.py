"""What was: a customer's earlier chats, and search over what was said, done and asked by whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

import msgspec

from stepin.core.chat import Chat, Episode, chat_id_of, fold, stream_of
from stepin.core.events.action import ActionProposed
from stepin.core.events.chat import Author, ChatOpened, MessagePosted
from stepin.log.protocol import Log
from stepin.log.stored import Stored

PAGE = 1_000
ESCAPED = frozenset('"\\')
"""What JSON writes otherwise, so that it can't be looked for in the stored bytes."""
FOLDED_AT_MOST = 400
"""How many chats one search folds before it hands back what it has."""

MESSAGE, OPENED, ACTION = (one.__name__ for one in (MessagePosted, ChatOpened, ActionProposed))


class FoundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A chat, and where in it all the words were found.

    Attributes
    ----------
    where : in a message, in what is known of the customer, in an action's records, or nowhere:
        only the filters were asked for.
    text : the message, empty where the words stand elsewhere.
    episode, labels : where the chat stands now.
    """

    chat_id: str
    seq: int
    at_us: int
    where: Literal["message", "customer", "action", "chat"]
    author: Author
    text: str
    customer_id: str
    customer_name: str | None
    episode: Episode
    issue_class: str | None
    labels: tuple[str, ...]
    opened_us: int


class ChatFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which chats a search is about; what is empty doesn't matter.

    Attributes
    ----------
    customer : the customer's id, or a part of their name.
    since_us, until_us : when the chat was opened, from the first to before the second.
    """

    customer: str = ""
    state: Episode | Literal[""] = ""
    label: str = ""
    since_us: int = 0
    until_us: int = 0

    def fits(self, chat: Chat) -> bool:
        """Return whether a chat is one of those."""
        name = (chat.origin.customer_name or "").lower()
        wanted = self.customer.strip().lower()
        return (
            (not wanted or wanted == chat.customer_id.lower() or wanted in name)
            and (not self.state or self.state == chat.episode)
            and (not self.label or self.label in chat.stage.labels)
            and self.since_us <= chat.opened_us
            and (not self.until_us or chat.opened_us < self.until_us)
        )


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
                chats.append(await self._folded(chat_id))
        return tuple(chats)

    async def _folded(self, chat_id: str) -> Chat:
        return fold(chat_id, await self._log.read(stream_of(chat_id)))

    async def search(
        self,
        text: str,
        *,
        among: ChatFilter | None = None,
        limit: int = 20,
        before: int | None = None,
    ) -> Searched:
        """Return the newest chats with an event that holds every word of the text, each once.

        Words are looked for in messages, in the customer's id and name, and in what actions were
        about. Without words every chat that the filter names is found. Searching on from `before`
        until it is None goes through every event of the log once; a chat that was found in one
        search can be found again in the next.

        Parameters
        ----------
        among : which chats it is about; None for all.
        before : look only at events at or below this position; None for all.
        """
        words = text.lower().split()
        chosen = among or ChatFilter()
        if not words and chosen == ChatFilter():
            return Searched(hits=(), before=None)
        top = await self._log.position()
        if before is not None:
            top = min(top, before)
        floor = max(0, top - self._window)
        found: dict[str, FoundMessage] = {}
        left_out: set[str] = set()
        while top > floor:
            start = max(floor, top - PAGE)
            page = await self._log.stored(after_position=start, limit=top - start)
            for stored in reversed(page):
                chat_id = chat_id_of(stored.stream)
                if chat_id is None or chat_id in found or chat_id in left_out:
                    continue
                hit = _hit(stored, words)
                if hit is None:
                    continue
                chat = await self._folded(chat_id)
                if chosen.fits(chat):
                    found[chat_id] = hit(chat)
                else:
                    left_out.add(chat_id)
                if len(found) == limit or len(found) + len(left_out) >= FOLDED_AT_MOST:
                    return Searched(hits=tuple(found.values()), before=stored.position - 1 or None)
            top = start
            await asyncio.sleep(0)
        return Searched(hits=tuple(found.values()), before=top or None)


Hit = Callable[[Chat], FoundMessage]


def _hit(stored: Stored, words: list[str]) -> Hit | None:
    """Return what makes a hit of an event, None if it doesn't hold every word."""
    if not words:
        return _told(stored, "chat") if stored.kind == OPENED else None
    if stored.kind not in (MESSAGE, OPENED, ACTION):
        return None
    raw = (stored.data + (stored.private or b"")).decode().lower()
    if not all(word in raw for word in words if not ESCAPED & set(word)):
        return None
    event = stored.recorded().event
    if isinstance(event, MessagePosted):
        return _told(stored, "message", event) if _all_in(words, event.text) else None
    if isinstance(event, ChatOpened):
        known = f"{event.customer_id} {event.customer_name or ''}"
        return _told(stored, "customer") if _all_in(words, known) else None
    if isinstance(event, ActionProposed):
        about = " ".join(map(str, (*event.arguments.values(), *event.records.values())))
        return _told(stored, "action") if _all_in(words, about) else None
    return None


def _all_in(words: list[str], text: str) -> bool:
    lower = text.lower()
    return all(word in lower for word in words)


def _told(
    stored: Stored,
    where: Literal["message", "customer", "action", "chat"],
    said: MessagePosted | None = None,
) -> Hit:
    def hit(chat: Chat) -> FoundMessage:
        return FoundMessage(
            chat_id=chat.chat_id,
            seq=stored.seq,
            at_us=stored.at_us,
            where=where,
            author="system" if said is None else said.author,
            text="" if said is None else said.text,
            customer_id=chat.customer_id,
            customer_name=chat.origin.customer_name,
            episode=chat.episode,
            issue_class=chat.issue_class,
            labels=tuple(sorted(chat.stage.labels)),
            opened_us=chat.opened_us,
        )

    return hit
