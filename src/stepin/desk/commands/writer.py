"""Deciding on a fresh picture and appending under the condition that it was fresh."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakValueDictionary

import msgspec

from stepin.core.chat import Chat, stream_of
from stepin.core.decide.decision import Decision, with_work
from stepin.core.fence import Fence, RefusalReason
from stepin.core.record import Recorded
from stepin.desk.state.projection import Projection
from stepin.errors import StepinError, Unavailable
from stepin.log.protocol import Append, Appended, Log, NotAppended

TRIES = 50
Decide = Callable[[Chat, int], Decision | None]


class Written(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What an attempt to write led to: events, or none where there was nothing to say.

    `refused` says why the log didn't take it: a fence, a used command id, a claimed key.
    """

    events: tuple[Recorded, ...] = ()
    replayed: bool = False
    refused: RefusalReason | None = None


class ChatWriter:
    """The one way of the desk to write to a chat.

    Inside a process those who write to one chat take turns, first come first served, so that a
    lively chat starves nobody; other processes are met by the condition of the append.
    """

    def __init__(self, log: Log, projection: Projection) -> None:
        self._log, self._projection = log, projection
        self._queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def write(
        self,
        chat_id: str,
        decide: Decide,
        *,
        fence: Fence | None = None,
        command_id: str | None = None,
        digest: bytes = b"",
    ) -> Written:
        """Decide and append; where the chat has moved on, read and decide again.

        `decide` gets the chat and the log's clock; None means that there is nothing to write.
        What it raises comes out as it is. What is remembered of a chat may be behind the log, so a
        refusal or a None on it is not believed before the chat was read afresh.

        Raises
        ------
        Unavailable
            ``contended``: other processes change the chat faster than this can be decided.
        """
        queue = self._queues.get(chat_id)
        if queue is None:
            queue = self._queues[chat_id] = asyncio.Lock()
        async with queue:
            return await self._write(chat_id, decide, fence, command_id, digest)

    async def _write(
        self,
        chat_id: str,
        decide: Decide,
        fence: Fence | None,
        command_id: str | None,
        digest: bytes,
    ) -> Written:
        chat = await self._projection.get(chat_id)
        fresh = False
        for _ in range(TRIES):
            try:
                decision = decide(chat, await self._log.now_us())
            except StepinError:
                if fresh:
                    raise
                decision = None
            if decision is None or not decision.events:
                if fresh:
                    return Written()
                chat, fresh = await self._projection.fresh(chat_id), True
                continue
            decision = with_work(chat, decision)
            outcome = await self._log.append(
                Append(
                    stream=stream_of(chat_id),
                    events=decision.events,
                    expect_seq=chat.seq,
                    fence=fence,
                    command_id=command_id,
                    command_digest=digest,
                    work=decision.work,
                    claims=decision.claims,
                    frees=decision.frees,
                )
            )
            if isinstance(outcome, NotAppended) and outcome.reason == "seq":
                chat, fresh = await self._projection.fresh(chat_id), True
                continue
            return self._written(outcome)
        raise Unavailable(
            f"Chat {chat_id} changes faster than this can be decided.",
            hint="Nothing was done. Look at the chat and try again in a moment.",
            code="contended",
        )

    async def say(
        self,
        chat_id: str,
        decision: Decision,
        *,
        fence: Fence,
        command_id: str | None = None,
        digest: bytes = b"",
    ) -> Written:
        """Append what the AI wants on the fence alone, whatever else has happened meanwhile."""
        outcome = await self._log.append(
            Append(
                stream=stream_of(chat_id),
                events=decision.events,
                fence=fence,
                command_id=command_id,
                command_digest=digest,
                work=decision.work,
            )
        )
        return self._written(outcome)

    def _written(self, outcome: Appended | NotAppended) -> Written:
        if isinstance(outcome, NotAppended):
            return Written(refused=outcome.reason)
        self._projection.see(outcome.events)
        return Written(events=outcome.events, replayed=outcome.replayed)
