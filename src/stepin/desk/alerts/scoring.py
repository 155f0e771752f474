"""What the machine thinks of a chat after each turn, off the path of the messages.

The log itself is the queue: whatever asks for a look stands in it, so a message puts no work
besides. One process at a time holds the cursor, which says up to which position everything has been
looked at; it follows the log from there. If it dies, another goes on from the last position that
was kept, and a turn that has its score already isn't written twice.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence

import msgspec
import structlog

from stepin.core.chat import Chat, chat_id_of
from stepin.core.decide.alerting import alert
from stepin.core.decide.decision import Decision, after
from stepin.core.events.chat import ChatClosed, TextRedacted
from stepin.core.events.supervision import ChatScored
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Recorded, Versions
from stepin.core.work import Claimed, DropWork, PutWork
from stepin.desk.alerts.budget import Rooms
from stepin.desk.alerts.detection import KEPT_CHATS, AskedTurn, Judged, Watch
from stepin.desk.alerts.due_turns import ChatHeard, due_turns
from stepin.desk.services import Services
from stepin.desk.state.fault_site import place_of
from stepin.desk.state.projection import LogStep
from stepin.errors import Unavailable
from stepin.judge.transcript import Spoken

_log = structlog.get_logger("stepin.desk")

CURSOR = PutWork(work_id="scores", kind="score", stream="desk")
"""The lease on the cursor: a piece of work that never ends."""

TABLE, KEY = "cursor", "scores"
TRIES = 50
AT_ONCE = 64
READ_AT_ONCE = 1_000
WAITING_AT_MOST = 20_000
KEEP_S = 1.0
CAREFUL_LOOKS = 256


class Watchers:
    """Follows the log with the detectors, and writes what they say.

    A process that didn't come to an end twice while it held the cursor may have died of a turn. So
    the next one is careful for a while: it keeps the position of each event before it looks, and
    whatever kills it is passed over by the one after it.

    Parameters
    ----------
    watches : the sets of detectors.
    keep_s : how often the position is kept; after a crash at most so much is looked at again.
    """

    def __init__(
        self, services: Services, watches: Sequence[Watch], *, keep_s: float = KEEP_S
    ) -> None:
        self._services, self._watches = services, tuple(watches)
        self._keep_s = keep_s
        self._rooms = Rooms()
        self._heard: OrderedDict[str, ChatHeard] = OrderedDict()
        self._came: deque[Recorded] = deque()
        self._holds = self._gap = False
        self._bell, self._moved = asyncio.Event(), asyncio.Event()
        self._position = self._kept = 0
        self._careful = 0

    @property
    def position(self) -> int:
        """Up to where this process has looked at everything, 0 if it never held the cursor."""
        return self._position

    async def reach(self, position: int) -> None:
        """Return when this process, which holds the cursor, has looked at all up to a position."""
        while self._position < position and self._watches:
            moved = self._moved
            await moved.wait()

    async def begin(self) -> None:
        """Put the cursor at the log's end, if there is none yet."""
        if self._watches:
            body = str(await self._services.log.position()).encode()
            await self._services.log.record_add(TABLE, KEY, body)
            await self._services.log.change_work([CURSOR])

    def see(self, steps: Sequence[LogStep]) -> None:
        """Hear of what was appended; what was redacted is forgotten at once."""
        for step in steps:
            self._rooms.see(step)
            if isinstance(step.recorded.event, TextRedacted):
                self._forget(chat_id_of(step.recorded.stream) or "")
        if not self._holds:
            return
        if len(self._came) + len(steps) > WAITING_AT_MOST:
            self._came.clear()
            self._gap = True
        else:
            self._came.extend(step.recorded for step in steps)
        self._bell.set()

    def _forget(self, chat_id: str) -> None:
        self._heard.pop(chat_id, None)
        for watch in self._watches:
            watch.forget(chat_id)

    async def follow(self, work: Claimed) -> None:
        """Look at what comes as long as the cursor is ours."""
        if work.work_id != CURSOR.work_id:
            await self._services.log.change_work([DropWork(work_id=work.work_id)], by=work)
            return
        self._careful = CAREFUL_LOOKS if work.unended > 1 else 0
        self._heard.clear()
        self._came.clear()
        self._holds = self._gap = True
        self._position = self._kept = int(await self._services.log.record_get(TABLE, KEY) or b"0")
        loop = asyncio.get_running_loop()
        due_s = loop.time() + self._keep_s
        try:
            while True:
                await self._catch_up()
                if self._position > self._kept and loop.time() >= due_s:
                    await self._keep(self._position)
                    due_s = loop.time() + self._keep_s
                if not self._came and not self._gap:
                    self._bell.clear()
                    await self._bell.wait()
        finally:
            self._holds = False
            if self._position > self._kept:
                await self._keep(self._position)

    async def _keep(self, position: int) -> None:
        await self._services.log.record_put(TABLE, KEY, str(position).encode())
        self._kept = position

    async def _catch_up(self) -> None:
        """Look at all that has come: what could not wait is read from the log again."""
        while self._gap:
            self._gap = False
            to = self._services.follower.position
            while self._position < to:
                events = await self._services.log.read_all(
                    after_position=self._position, limit=READ_AT_ONCE
                )
                await self._look_at(events)
        while self._came:
            events = [self._came.popleft() for _ in range(min(len(self._came), READ_AT_ONCE))]
            await self._look_at([e for e in events if e.position > self._position])

    async def _look_at(self, events: Sequence[Recorded]) -> None:
        """Look at the turns that events ask for, some at once, and move the cursor past them."""
        asked: list[AskedTurn] = []
        over: list[str] = []
        for event in events:
            asked += await self._asked(event)
            if isinstance(event.event, ChatClosed):
                over.append(chat_id_of(event.stream) or "")
            if self._careful and asked:
                await self._keep(event.position)
                self._careful -= 1
            if len(asked) >= (1 if self._careful else AT_ONCE):
                await self._judge(asked)
                asked = []
                self._move(event.position)
        await self._judge(asked)
        for chat_id in over:
            self._forget(chat_id)
        if events:
            self._move(events[-1].position)

    def _move(self, position: int) -> None:
        self._position = position
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _asked(self, recorded: Recorded) -> list[AskedTurn]:
        chat_id = chat_id_of(recorded.stream)
        if chat_id is None:
            return []
        before = self._heard.pop(chat_id, None)
        if before is None:
            before = ChatHeard()
            if recorded.seq > 1:
                earlier = await self._services.log.read(recorded.stream, limit=recorded.seq - 1)
                before = before.read(e for e in earlier if e.seq < recorded.seq)
        now = self._heard[chat_id] = before.read((recorded,))
        if len(self._heard) > KEPT_CHATS:
            self._heard.popitem(last=False)
        return [AskedTurn(chat_id, turns) for turns in due_turns(before, now, recorded)]

    async def _judge(self, asked: Sequence[AskedTurn]) -> None:
        """Ask every watch, and write what they say; what is written together is one commit."""
        if not asked:
            return
        for watch in self._watches:
            told = await watch.look(asked)
            ends = await asyncio.gather(
                *(
                    self._write(one.chat_id, one.turns[-1], watch.version, judged)
                    for one, judged in zip(asked, told, strict=True)
                    if judged is not None
                ),
                return_exceptions=True,
            )
            for one, end in zip(asked, ends, strict=False):
                if isinstance(end, Unavailable | asyncio.CancelledError):
                    raise end
                if isinstance(end, BaseException):
                    _log.error("score_dropped", chat=one.chat_id, **place_of(end))

    async def _write(self, chat_id: str, spoken: Spoken, version: str, judged: Judged) -> None:
        """Write the scores with what follows from them; a slot that is taken is not asked twice."""
        for _ in range(TRIES):
            tried: list[str] = []

            def decide(chat: Chat, now_us: int, tried: list[str] = tried) -> Decision:
                decision = self._decide(chat, now_us, judged, version, spoken)
                tried[:] = decision.claims
                return decision

            written = await self._services.writer.write(
                chat_id, decide, command_id=f"score/{version}/{spoken.seq}"
            )
            self._rooms.taken(tried)
            if written.refused != "claim":
                return

    def _decide(
        self, chat: Chat, now_us: int, judged: Judged, version: str, spoken: Spoken
    ) -> Decision:
        """Return the scores, and at a decision point (the customer's turn) what follows."""
        turn_seq, author = spoken.seq, spoken.turn.role
        policy: Policy = self._services.policies.of(chat)
        versions = Versions(policy=policy.version, detector=version)
        assert author != "system"
        scored = ChatScored(
            detector=version,
            turn_seq=turn_seq,
            scores=judged.scores,
            shadow=not chat.ai_holds if author == "customer" else author == "worker",
            author=author,
        )
        events = (NewEvent(event=scored, versions=versions),)
        if author != "customer":
            return Decision(events=events)
        alerted = alert(
            after(chat, events, now_us=now_us),
            judged.opinions,
            policy,
            self._services.reachable(chat),
            self._rooms.of(chat, policy.alerts, now_us),
            turn_seq=turn_seq,
            key=f"alert:{chat.chat_id}:{turn_seq}:{version}",
            now_us=now_us,
        )
        return msgspec.structs.replace(alerted, events=(*events, *alerted.events))
