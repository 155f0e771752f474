"""Leased work, done by this process: claim, keep alive, do, let go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from stepin.core.work import Claimed, WorkKind
from stepin.desk.state.fault_site import place_of
from stepin.errors import StepinError
from stepin.log.protocol import Log

_log = structlog.get_logger("stepin.desk")


class Workshop:
    """Does the work of some kinds, at most `at_once` pieces together.

    Parameters
    ----------
    handle : does one piece. It drops the work itself when it is done; if it raises, the work is
        given back and tried again after `retry_s`.
    holder : names this process in the leases.
    lease_s : after which another process may take the work of one that has died.
    look_s : how often to look for work whose owner has died, or that another process has put.
    """

    def __init__(
        self,
        log: Log,
        kinds: Sequence[WorkKind],
        handle: Callable[[Claimed], Awaitable[None]],
        *,
        holder: str,
        at_once: int,
        lease_s: float,
        look_s: float = 0.5,
        retry_s: float = 1.0,
    ) -> None:
        self._log, self._kinds, self._handle, self._holder = log, tuple(kinds), handle, holder
        self._at_once, self._lease_s = at_once, lease_s
        self._look_s, self._retry_s = look_s, retry_s
        self._bell = asyncio.Event()
        self._doing: dict[str, tuple[Claimed, asyncio.Task[None]]] = {}
        self._loops: list[asyncio.Task[None]] = []

    @property
    def busy(self) -> int:
        """How many pieces are being done."""
        return len(self._doing)

    def start(self) -> None:
        """Begin to claim work."""
        self._loops = [
            asyncio.create_task(self._claim_for_ever(), name=f"stepin-claim-{self._kinds[0]}"),
            asyncio.create_task(self._keep_alive(), name=f"stepin-lease-{self._kinds[0]}"),
        ]

    async def stop(self) -> None:
        """Stop claiming, cancel what runs, and give its leases back."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        tasks = [task for _, task in self._doing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def ring(self) -> None:
        """Say that there may be work."""
        self._bell.set()

    def cancel(self, stream: str, *, keep: str | None = None) -> None:
        """Cancel what runs for a stream, except one piece: the fence refuses it anyway."""
        for work, task in self._doing.values():
            if work.stream == stream and work.work_id != keep:
                task.cancel()

    async def _claim_for_ever(self) -> None:
        while True:
            try:
                wait_s = await self._claim()
            except StepinError as error:
                _log.warning("work_unavailable", kinds=self._kinds, code=error.code)
                wait_s = self._look_s
            except Exception as error:  # noqa: BLE001 - the work must go on being looked for
                _log.error("work_unavailable", kinds=self._kinds, **place_of(error))
                wait_s = self._look_s
            if wait_s > 0:
                try:
                    async with asyncio.timeout(wait_s):
                        await self._bell.wait()
                except TimeoutError:
                    pass

    async def _claim(self) -> float:
        free = self._at_once - len(self._doing)
        if free <= 0:
            self._bell.clear()
            return self._look_s
        rung = self._bell.is_set()
        self._bell.clear()
        if not rung:
            due = await self._log.next_due_us(self._kinds)
            if due is None:
                return self._look_s
            wait_s = (due - await self._log.now_us()) / 1e6
            if wait_s > 0:
                return min(self._look_s, wait_s)
        claimed = await self._log.claim(
            self._kinds, holder=self._holder, limit=free, lease_s=self._lease_s
        )
        for work in claimed:
            task = asyncio.create_task(self._do(work), name=work.work_id)
            self._doing[work.work_id] = (work, task)
        return 0.0 if len(claimed) == free else self._look_s if not claimed else 0.001

    async def _do(self, work: Claimed) -> None:
        try:
            await self._handle(work)
        except asyncio.CancelledError:
            await self._give_back(work, 0.0)
            raise
        except StepinError as error:
            _log.warning("work_failed", work=work.work_id, attempt=work.attempt, code=error.code)
            await self._give_back(work, self._retry_s)
        except Exception as error:  # noqa: BLE001 - one piece of work must not end the workshop
            _log.error("work_failed", work=work.work_id, attempt=work.attempt, **place_of(error))
            await self._give_back(work, self._retry_s)
        finally:
            self._doing.pop(work.work_id, None)
            self._bell.set()

    async def _give_back(self, work: Claimed, after_s: float) -> None:
        try:
            due = None if after_s == 0 else await self._log.now_us() + int(after_s * 1e6)
            await self._log.release(work, due_us=due)
        except StepinError:
            return

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            held = [work for work, _ in self._doing.values()]
            if not held:
                continue
            try:
                ours = set(await self._log.heartbeat(held, lease_s=self._lease_s))
            except StepinError as error:
                _log.warning("lease_unavailable", kinds=self._kinds, code=error.code)
                continue
            except Exception as error:  # noqa: BLE001 - leases must go on being kept alive
                _log.error("lease_unavailable", kinds=self._kinds, **place_of(error))
                continue
            for work in held:
                doing = self._doing.get(work.work_id)
                if work.work_id not in ours and doing is not None and doing[0] is work:
                    doing[1].cancel()
