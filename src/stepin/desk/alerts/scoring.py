"""What the machine thinks of a chat after each turn, off the path of the messages."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import msgspec
import structlog

from stepin.core.chat import Chat, chat_id_of
from stepin.core.decide.alerting import alert
from stepin.core.decide.decision import Decision, after
from stepin.core.events.chat import ChatClosed, TextRedacted
from stepin.core.events.supervision import ChatScored
from stepin.core.opinion import Opinion
from stepin.core.policy import Policy
from stepin.core.record import NewEvent, Versions
from stepin.core.work import Claimed, DropWork
from stepin.desk.alerts.budget import Rooms
from stepin.desk.services import Services
from stepin.desk.state.projection import LogStep
from stepin.judge.detectors.opinions import named_scores, opinions
from stepin.judge.detectors.panel import Panel, PanelState
from stepin.judge.transcript import Spoken, Transcript

_log = structlog.get_logger("stepin.desk")

KEPT_CHATS = 4_000
TRIES = 50


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a watch says after one turn.

    Attributes
    ----------
    scores : what is logged, by cause and detector, 0 to 1.
    opinions : one for each cause that the watch speaks for.
    """

    scores: dict[str, float]
    opinions: tuple[Opinion, ...] = ()


class Watch(Protocol):
    """A set of detectors. It is pure in a chat's turns; it knows no arm and never acts."""

    @property
    def version(self) -> str:
        """The name and version that the log records."""
        ...

    async def look(self, chat_id: str, turns: Sequence[Spoken]) -> Judged:
        """Return what the turns up to the last one say. Called in every arm alike."""
        ...

    def forget(self, chat_id: str) -> None:
        """Drop what is kept of a chat: it is closed, or a text was redacted."""
        ...


class PanelWatch:
    """The panel of detectors, folding each chat on from where it was left.

    The arithmetic runs in a thread of its own, one chat at a time, so that messages don't wait.

    Parameters
    ----------
    keep : of how many chats the state is kept in memory; others are folded anew.
    """

    def __init__(self, panel: Panel, *, keep: int = KEPT_CHATS) -> None:
        self.panel, self._keep = panel, keep
        self._states: OrderedDict[str, PanelState] = OrderedDict()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="stepin-judge")
        self.version = panel.version

    async def look(self, chat_id: str, turns: Sequence[Spoken]) -> Judged:
        """Score the last of the turns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._fold, chat_id, turns)

    def _fold(self, chat_id: str, turns: Sequence[Spoken]) -> Judged:
        state = self._states.pop(chat_id, None)
        if state is None or state.n_turns > len(turns):
            state = self.panel.start()
        for spoken in turns[state.n_turns :]:
            state = self.panel.update(state, spoken.turn)
        self._states[chat_id] = state
        if len(self._states) > self._keep:
            self._states.popitem(last=False)
        scores = self.panel.score(state)
        if left_out := self.panel.left_out(scores):
            _log.error("detector_left_out", chat=chat_id, detectors=left_out)
        return Judged(scores=named_scores(scores), opinions=opinions(scores))

    def forget(self, chat_id: str) -> None:
        """Drop the state of a chat."""
        self._thread.submit(self._states.pop, chat_id, None)


class Watchers:
    """Does the work of kind `score`: asks the watches and writes what they say.

    The work was put with the message, in its transaction; a process that dies leaves it to
    another, and what was written under the work's name is not written twice. A look that has twice
    not come to an end is dropped: the chat goes on without that score.
    """

    def __init__(self, services: Services, watches: Sequence[Watch]) -> None:
        self._services, self._watches = services, tuple(watches)
        self._rooms = Rooms()
        self._heard: OrderedDict[str, Transcript] = OrderedDict()

    def see(self, steps: Sequence[LogStep]) -> None:
        """Follow the log: what alerts were used up, and which chats need no memory any more."""
        for step in steps:
            recorded = step.recorded
            self._rooms.see(step)
            if isinstance(recorded.event, (ChatClosed, TextRedacted)):
                chat_id = chat_id_of(recorded.stream) or ""
                self._heard.pop(chat_id, None)
                for watch in self._watches:
                    watch.forget(chat_id)

    async def look(self, work: Claimed) -> None:
        """Score the chat as it was after a turn, raise flags where one is due, drop the work."""
        chat_id = chat_id_of(work.stream) or ""
        turn_seq = int(work.body["turn_seq"])
        if work.poisonous:
            _log.error("score_dropped", chat=chat_id, seq=turn_seq, claims=work.unended)
            await self._services.log.change_work([DropWork(work_id=work.work_id)], by=work)
            return
        turns = await self._turns(work.stream, chat_id, turn_seq) if self._watches else ()
        for n_turns, spoken in enumerate(turns, start=1):
            if spoken.seq != turn_seq and not work.body.get("waited"):
                continue
            for watch in self._watches:
                judged = await watch.look(chat_id, turns[:n_turns])
                await self._write(chat_id, spoken, watch.version, judged)
        await self._services.log.change_work([DropWork(work_id=work.work_id)], by=work)

    async def _turns(self, stream: str, chat_id: str, turn_seq: int) -> tuple[Spoken, ...]:
        heard = self._heard.pop(chat_id, Transcript())
        if heard.seq > turn_seq:
            heard = Transcript()
        more = await self._services.log.read(stream, after_seq=heard.seq)
        heard = heard.read(e for e in more if e.seq <= turn_seq)
        self._heard[chat_id] = heard
        if len(self._heard) > KEPT_CHATS:
            self._heard.popitem(last=False)
        return heard.turns

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
