"""The one who draws owners: one process at a time, always on a floor that is up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from stepin.core.chat import stream_of
from stepin.core.decide.decision import with_work
from stepin.core.fence import Fence
from stepin.core.work import Claimed, PutWork
from stepin.desk.jobs.placement import PlacementStep, next_step
from stepin.desk.state.fault_site import place_of
from stepin.desk.state.floor import Floor
from stepin.desk.state.follower import Follower
from stepin.desk.state.policies import Policies
from stepin.errors import StepinError
from stepin.log.protocol import Append, Appended, Log, NotAppended

_log = structlog.get_logger("stepin.desk")
ROW = PutWork(work_id="dispatch", kind="dispatch", stream="desk")


class Dispatcher:
    """Places waiting chats, rescues stranded ones, and stops the AI where it was switched off.

    Its row in the work table is leased while it works; every append carries the row's attempt,
    so that a dispatcher that lost its lease in its sleep can't place anybody.
    """

    def __init__(
        self,
        log: Log,
        floor: Floor,
        follower: Follower,
        policies: Policies,
        *,
        holder: str,
        lease_s: float,
        look_s: float = 0.5,
        step: Callable[..., PlacementStep | None] = next_step,
    ) -> None:
        self._log, self._floor, self._follower, self._policies = log, floor, follower, policies
        self._holder, self._lease_s, self._look_s, self._step = holder, lease_s, look_s, step
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to dispatch."""
        await self._log.change_work([ROW])
        self._bell.set()
        self._task = asyncio.create_task(self._run(), name="stepin-dispatcher")

    async def stop(self) -> None:
        """Stop dispatching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ring(self) -> None:
        """Say that the floor has changed."""
        self._bell.set()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._look_s):
                    await self._bell.wait()
            except TimeoutError:
                pass
            self._bell.clear()
            try:
                await self._drain()
            except StepinError as error:
                _log.warning("dispatch_failed", code=error.code)
            except Exception as error:  # noqa: BLE001 - the queue must go on being drained
                _log.error("dispatch_failed", **place_of(error))
                await asyncio.sleep(self._look_s)

    async def _drain(self) -> None:
        if self._next(await self._log.now_us()) is None:
            return
        claimed = await self._log.claim(
            ["dispatch"], holder=self._holder, limit=1, lease_s=self._lease_s
        )
        if not claimed:
            return
        try:
            await self._follower.reach(await self._log.position())
            while await self._place(claimed[0]):
                if not await self._log.heartbeat(claimed, lease_s=self._lease_s):
                    return
        finally:
            await asyncio.shield(self._log.release(claimed[0]))

    async def _place(self, lease: Claimed) -> bool:
        step = self._next(await self._log.now_us())
        if step is None:
            return False
        decision = with_work(step.chat, step.decision)
        outcome = await self._log.append(
            Append(
                stream=stream_of(step.chat.chat_id),
                events=decision.events,
                expect_seq=step.chat.seq,
                fence=Fence(epoch=step.chat.epoch, work_id=lease.work_id, attempt=lease.attempt),
                work=decision.work,
            )
        )
        if isinstance(outcome, Appended):
            await self._follower.reach(outcome.events[-1].position)
            return True
        if isinstance(outcome, NotAppended) and outcome.reason == "attempt":
            return False
        await self._follower.reach(await self._log.position())
        return True

    def _next(self, now_us: int) -> PlacementStep | None:
        return self._step(self._floor, self._policies, now_us=now_us)
