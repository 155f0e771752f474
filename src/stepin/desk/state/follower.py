"""One loop per process that follows the log and keeps every picture of it up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from stepin.core.chat import Chat, chat_id_of
from stepin.core.events.chat import TextRedacted
from stepin.core.record import Recorded
from stepin.desk.state.fault_site import place_of
from stepin.desk.state.floor import Floor
from stepin.desk.state.policies import Policies
from stepin.desk.state.projection import LogStep, Projection
from stepin.log.protocol import Log

_log = structlog.get_logger("stepin.desk")
RETRY_S = 1.0
Listener = Callable[[Sequence[LogStep]], None]


class Follower:
    """Applies the log to the projection, the floor and the policies, in the order of positions.

    Whoever else follows the log in this process listens here, and gets each event with its chat
    before and after it.

    A start needs no scan of the log: every open chat and every signed-on worker has a timer, so
    the streams that have one are the streams that matter.
    """

    def __init__(self, log: Log, floor: Floor, projection: Projection, policies: Policies) -> None:
        self._log, self._floor, self._projection = log, floor, projection
        self._policies = policies
        self._listeners: list[Listener] = []
        self._moved = asyncio.Event()
        self._applied = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def position(self) -> int:
        """The last position that was applied."""
        return self._floor.position

    @property
    def running(self) -> bool:
        """Whether the log is being followed."""
        return self._task is not None and not self._task.done()

    def listen(self, listener: Listener) -> None:
        """Call the listener with every batch, after it was applied."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Read what the floor stands on, then follow."""
        position = await self._log.position()
        self._projection.follow(position)
        streams = ["desk", *await self._trials(), *await self._log.work_streams("timer")]
        for stream in dict.fromkeys(streams):
            await self._read(stream)
        for worker_id in [w for w in self._floor.owned if w not in self._floor.signed_on]:
            await self._read(f"worker/{worker_id}")
        self._floor.position = self._applied = position
        self._task = asyncio.create_task(self._follow(), name="stepin-follower")

    async def _read(self, stream: str) -> None:
        chat_id = chat_id_of(stream)
        if chat_id is not None:
            self._floor.put(await self._projection.fresh(chat_id))
            return
        for event in await self._log.read(stream):
            self._floor.apply(LogStep(event))
            self._policies.see(event)

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._projection.follow(None)

    async def reach(self, position: int) -> None:
        """Return when everything up to a position has been applied."""
        while self._floor.position < position:
            await self._moved.wait()

    async def until(self, chat_id: str, is_so: Callable[[Chat], bool]) -> Chat:
        """Return the chat as soon as something holds of it; a closed chat is returned as it is."""
        while True:
            moved = self._moved
            chat = self._floor.chats.get(chat_id)
            if chat is None:
                chat = await self._projection.fresh(chat_id)
                if chat.episode == "closed" or is_so(chat):
                    return chat
            elif is_so(chat):
                return chat
            await moved.wait()

    async def _follow(self) -> None:
        while True:
            try:
                async for batch in self._log.tail(after_position=self._applied):
                    await self._apply(batch)
            except Exception as error:  # noqa: BLE001 - a desk that doesn't follow stands still
                _log.error("follower_interrupted", position=self._applied, **place_of(error))
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _apply(self, batch: Sequence[Recorded]) -> None:
        steps: list[LogStep] = []
        for event in batch:
            step = await self._step(event)
            self._floor.apply(step)
            if chat_id_of(event.stream) is None:
                self._policies.see(event)
                await self._remember_trial(event)
            steps.append(step)
        self._applied = batch[-1].position
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        for listener in self._listeners:
            self._tell(listener, steps)

    def _tell(self, listener: Listener, steps: Sequence[LogStep]) -> None:
        """Let a listener hear of a batch; its error keeps nobody else from hearing of it."""
        try:
            listener(steps)
        except Exception as error:  # noqa: BLE001 - a listener that fails is no gap of the others
            _log.error("listener_failed", position=self._applied, **place_of(error))

    async def _step(self, event: Recorded) -> LogStep:
        """Return an event's step; a redaction reaches what is remembered outside of the log."""
        chat_id = chat_id_of(event.stream)
        at = None if chat_id is None else self._floor.chats.get(chat_id)
        if chat_id is None or not isinstance(event.event, TextRedacted):
            return self._projection.step(event, at)
        await self._log.record_delete("memory", chat_id)
        return await self._projection.redaction(event, at)

    async def _trials(self) -> list[str]:
        return [f"trial/{key}" for key, _ in await self._log.record_list("trial")]

    async def _remember_trial(self, event: Recorded) -> None:
        if event.stream.startswith("trial/") and event.seq == 1:
            await self._log.record_add("trial", event.stream.removeprefix("trial/"), b"{}")
