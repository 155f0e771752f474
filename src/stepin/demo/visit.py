"""One visit: a simulated customer opens a chat over HTTP, reads, answers, leaves and rates."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from stepin.client import DeskClient
from stepin.demo.person import Person, Speaker
from stepin.desk.feeds.customer import (
    CustomerSnapshot,
    CustomerUpdate,
    reduce_customer,
)
from stepin.errors import StepinError, Unavailable

Sign = Callable[[Person], str]


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast people are, in seconds; `haste` divides them all.

    Attributes
    ----------
    read_s : the shortest and the longest time before an answer is begun.
    type_s : for each character.
    stay_s : how long somebody who has what they came for waits for a last word.
    """

    read_s: tuple[float, float] = (2.0, 7.0)
    type_s: float = 0.06
    stay_s: float = 20.0
    haste: float = 1.0

    def before(self, text: str, random: Random) -> float:
        """Return how long it takes to read and to write a text."""
        return (random.uniform(*self.read_s) + len(text) * self.type_s) / self.haste


@dataclass(slots=True)
class Visit:
    """A chat as its customer lives it.

    Attributes
    ----------
    chat_id, token : of the chat; empty before it was opened.
    resumed : whether the chat went on before this process.
    """

    url: str
    person: Person
    random: Random
    tempo: Tempo
    chat_id: str = ""
    token: str = ""
    resumed: bool = False
    _now: CustomerSnapshot | None = field(default=None, init=False)
    _read: int = field(default=0, init=False)

    async def open(self, sign: Sign) -> None:
        """Open the chat with the first message."""
        first = self.person.opening()
        async with DeskClient(self.url) as desk:
            body = {
                "text": first[0],
                "language": self.person.language,
                "identity": sign(self.person),
                "command_id": secrets.token_hex(8),
            }
            opened = await desk.post("/api/customer/chats", body)
            self.chat_id, self.token = opened["chat_id"], opened["token"]
            desk.use(authorization=f"Bearer {self.token}")
            for text in first[1:]:
                await self._say(desk, text)

    async def live(self) -> None:
        """Follow the chat to its end, whoever ends it; then rate it, or not."""
        async with DeskClient(self.url, {"authorization": f"Bearer {self.token}"}) as desk:
            news: asyncio.Queue[None] = asyncio.Queue()
            reading = asyncio.create_task(self._follow(desk, news))
            try:
                await self._talk(desk, news, reading)
                await self._rate(desk)
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _follow(self, desk: DeskClient, news: asyncio.Queue[None]) -> None:
        async for frame in desk.follow(f"/api/customer/chats/{self.chat_id}/feed"):
            if frame.event == "snapshot":
                first = self._now is None
                self._now = msgspec.json.decode(frame.data, type=CustomerSnapshot)
                if first:
                    own = (m.seq for m in self._now.messages if m.author == "customer")
                    self._read = max(own, default=0) if self.resumed else 0
            elif frame.event == "" and self._now is not None:
                update = msgspec.json.decode(frame.data, type=CustomerUpdate)
                self._now = reduce_customer(self._now, update)
            else:
                continue
            news.put_nowait(None)

    async def _talk(
        self, desk: DeskClient, news: asyncio.Queue[None], reading: asyncio.Task[None]
    ) -> None:
        while not self._over():
            try:
                async with asyncio.timeout(self._bears_s()):
                    await news.get()
            except TimeoutError:
                if reading.done():
                    await reading
                await self._bored(desk)
                continue
            said, by = self._unread()
            if not said:
                continue
            await asyncio.sleep(self.tempo.before("", self.random))
            said, by = self._unread()
            self._read = self._last()
            for text in self.person.answer(said, by):
                await asyncio.sleep(len(text) * self.tempo.type_s / self.tempo.haste)
                if not self._over():
                    await self._say(desk, text)

    def _bears_s(self) -> float:
        calm = self.tempo.stay_s if self.person.content else self.person.patience_s
        return calm / self.tempo.haste

    async def _bored(self, desk: DeskClient) -> None:
        text = None if self.person.content else self.person.silence()
        if text is None:
            await self._post(desk, "leave", {})
        else:
            await self._say(desk, text)

    async def _say(self, desk: DeskClient, text: str) -> None:
        await self._post(desk, "messages", {"text": text, "command_id": secrets.token_hex(8)})

    async def _post(self, desk: DeskClient, what: str, body: dict[str, Any]) -> None:
        """Send something; that the chat has just been closed is no fault."""
        try:
            await desk.post(f"/api/customer/chats/{self.chat_id}/{what}", body)
        except StepinError as error:
            if error.code != "chat_closed":
                raise
        if what == "leave":
            async with asyncio.timeout(30.0):
                while not self._over():
                    await asyncio.sleep(0.05)

    async def _rate(self, desk: DeskClient) -> None:
        now = self._now
        rating = self.person.rating()
        if rating is not None and now and now.chat.rating_invited and now.chat.rating is None:
            await asyncio.sleep(self.tempo.before("", self.random))
            body: dict[str, Any] = {"rating": rating, "command_id": secrets.token_hex(8)}
            await desk.post(f"/api/customer/chats/{self.chat_id}/rating", body)

    def _over(self) -> bool:
        return self._now is not None and self._now.chat.state == "ended"

    def _last(self) -> int:
        return 0 if self._now is None else self._now.seq

    def _unread(self) -> tuple[str, Speaker]:
        lines = () if self._now is None else self._now.messages
        spoken = [m for m in lines if m.seq > self._read and m.author in ("ai", "worker")]
        by: Speaker = "worker" if spoken and spoken[-1].author == "worker" else "ai"
        return "\n".join(m.text for m in spoken), by


async def visit(one: Visit, sign: Sign) -> StepinError | None:
    """Live a whole visit; return what the desk refused, if that ended it."""
    try:
        if not one.token:
            await one.open(sign)
        await one.live()
    except StepinError as error:
        return error
    except TimeoutError:
        return Unavailable(f"Chat {one.chat_id} did not end.", code="chat_stuck", chat=one.chat_id)
    return None
