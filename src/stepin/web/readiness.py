"""Whether the log can be written: asked only where the last write doesn't say."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

from stepin.errors import StepinError, Unavailable
from stepin.log.protocol import Log

TABLE = "probe"
PROBE_BYTES = 16_384
"""More than fits into what a full disk has left by chance."""
QUIET_S = 10.0
AGAIN_S = 1.0
PATIENCE_S = 5.0


class Readiness:
    """Knows whether writes succeed, from the last one or from a small one of its own.

    Parameters
    ----------
    log : the log.
    clock_s : a monotonic clock, the one of `Log.writes`.
    """

    def __init__(self, log: Log, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._log, self._clock_s = log, clock_s
        self._probed_s = float("-inf")

    async def must_be_writable(self) -> None:
        """Raise unless the log was written lately, or can be now.

        A log that fails is tried again at most once a second, however often somebody asks.

        Raises
        ------
        Unavailable
            ``not_ready``: the last write failed, and so did the one that was tried now.
        """
        writes, now_s = self._log.writes, self._clock_s()
        known = writes.failing or now_s - writes.at_s > QUIET_S
        if known and now_s - self._probed_s >= AGAIN_S:
            self._probed_s = now_s
            await self._probe()
        if writes.failing:
            raise _unwritable(writes.failing)

    async def _probe(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._log.record_put(TABLE, "ready", secrets.token_bytes(PROBE_BYTES))
        except (StepinError, TimeoutError) as error:
            code = error.code if isinstance(error, StepinError) else "log_unavailable"
            self._log.writes.failed(code)


def _unwritable(code: str) -> Unavailable:
    return Unavailable(
        "The log can't be written.",
        hint="Look at the database and the disk under it; `stepin doctor` tells how much is free. "
        "This answers 200 again as soon as a write succeeds.",
        code="not_ready",
        why=code,
    )
