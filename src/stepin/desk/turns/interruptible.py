"""A step of a turn that a newer message may stop, apart from the turn itself being cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Interrupted(Exception):
    """The step was stopped; the turn goes on without it."""


class Interruptible:
    """Waits for one step at a time."""

    def __init__(self) -> None:
        self._step: asyncio.Future[bytes] | None = None

    async def wait(self, compute: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return what the step gives.

        Raises
        ------
        Interrupted
            It was stopped by `interrupt`, and not by the turn's own end.
        """
        self._step = asyncio.ensure_future(compute())
        try:
            return await self._step
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            raise Interrupted from None
        finally:
            self._step = None

    def interrupt(self) -> bool:
        """Stop the step that is waited for; return False if there is none."""
        return self._step is not None and self._step.cancel()
