"""Standings of a desk's trials, computed beside the desk and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from stepin.evidence.analysis.trial_status.before import BeforeTreatment, before
from stepin.evidence.analysis.trial_status.seen import ArmSeen, seen
from stepin.log.mirror import Mirror
from stepin.trial.state import Trial

_log = structlog.get_logger("stepin.evidence")


class Standings:
    """Where trials stand.

    Parameters
    ----------
    mirror : the log's events as files.
    clock_s : monotonic.
    fresh_s : what was seen is counted again when it is older.
    """

    def __init__(
        self, mirror: Mirror, *, clock_s: Callable[[], float], fresh_s: float = 30.0
    ) -> None:
        self._mirror = mirror
        self._clock_s = clock_s
        self._fresh_s = fresh_s
        self._seen: dict[tuple[str, int], tuple[float, tuple[ArmSeen, ...]]] = {}
        self._before: dict[tuple[str, int], BeforeTreatment] = {}
        self._tasks: dict[tuple[str, int], asyncio.Task[None]] = {}

    async def seen(self, trial: Trial) -> tuple[ArmSeen, ...]:
        """Return what was seen of each arm, at most `fresh_s` old."""
        key, now_s = _key(trial), self._clock_s()
        known = self._seen.get(key)
        if known is not None and now_s - known[0] < self._fresh_s:
            return known[1]
        async with self._mirror.reading() as files:
            events = [] if files is None else sorted(files.events.glob("*.parquet"))
            found = await asyncio.to_thread(seen, events, trial)
        self._seen[key] = (now_s, found)
        return found

    def before(self, trial: Trial) -> BeforeTreatment:
        """Return what was known before, or that it is being computed from now on."""
        key = _key(trial)
        if key not in self._before and key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._compute(key, trial))
        return self._before.get(key, BeforeTreatment(state="working"))

    async def settled(self) -> None:
        """Return when nothing is being computed."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Leave off what is being computed."""
        for task in self._tasks.values():
            task.cancel()
        await self.settled()

    async def _compute(self, key: tuple[str, int], trial: Trial) -> None:
        try:
            async with self._mirror.reading() as files:
                assert files is not None, "a trial is an event of the log"
                self._before[key] = await asyncio.to_thread(before, files.events, trial.plan)
        except Exception:  # noqa: BLE001 - a page must learn of it, whatever it was
            _log.exception("standing_failed", trial=trial.plan.name)
            why = "It could not be computed; the desk's own log says why."
            self._before[key] = BeforeTreatment(state="failed", no_balance=why, no_power=why)
        finally:
            self._tasks.pop(key, None)


def _key(trial: Trial) -> tuple[str, int]:
    return (trial.plan.name, len(trial.rows))
