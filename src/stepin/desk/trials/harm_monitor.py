"""The harm rule as the desk runs it: after every planned day the machine looks, and only it.

Nothing but go or stop leaves this file. A look is durable work of the trial's stream, put by the
lock: one process does it, and a process that dies leaves it to another.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import structlog

from stepin.core.events.floor import TrialStopped
from stepin.core.record import SYSTEM
from stepin.core.work import Claimed, DropWork, PutWork
from stepin.desk.trials.trials import append, read_trial
from stepin.errors import Conflict, Missing, StepinError
from stepin.log.protocol import Log
from stepin.trial.state import Trial, stream

if TYPE_CHECKING:
    from stepin.trial.harm import Verdict
    from stepin.trial.tally import Tally

POOL = "trial_pool"
LOOKED = "trial_look"
_AT_ONCE = 5000
_AGAIN_US = 3_600_000_000

_log = structlog.get_logger("stepin.desk")


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """The last look, as it may be shown: never an outcome, a count or an arm.

    Attributes
    ----------
    said : `go` or `stop`; empty while the machine couldn't look.
    looks : how many planned looks are done.
    at_us : when, by the log's clock.
    trouble : why it couldn't look; empty otherwise.
    """

    said: str
    looks: int
    at_us: int
    trouble: str = ""


def first_look(trial: Trial) -> PutWork:
    """Return the work that a lock puts beside its event: the first look at the trial."""
    from stepin.trial.harm import look_ends_us

    name, ends = trial.plan.name, look_ends_us(trial.plan)
    body = {"timer": "harm"}
    return PutWork(
        work_id=f"harm/{name}", kind="timer", stream=stream(name), due_us=ends[0], body=body
    )


class HarmWatch:
    """Looks at trials; remembers the totals between looks, so that a look reads only what is new.

    Parameters
    ----------
    log : the log of the trial and its chats.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._tallies: dict[str, tuple[Tally, int]] = {}

    async def go_off(self, work: Claimed) -> None:
        """Do the look that is due, and set the next one; drop the work when none is left."""
        name, now_us = work.stream.removeprefix("trial/"), await self._log.now_us()
        trial = await read_trial(self._log, name)
        if not trial.running:
            await self._log.change_work([DropWork(work_id=work.work_id)], by=work)
            return
        try:
            said = await self.look(name)
        except StepinError as error:
            _log.error("harm_not_looked", trial=name, code=error.code, why=error.message)
            looked = Looked(said="", looks=0, at_us=now_us, trouble=error.message)
            await self._log.record_put(LOOKED, name, msgspec.json.encode(looked))
            await self._log.release(work, due_us=now_us + _AGAIN_US)
            return
        later = next((end for end in _ends(trial) if end > now_us), None)
        if said == "stop":
            _log.warning("harm_stopped", trial=name)
        if said == "stop" or later is None:
            await self._log.change_work([DropWork(work_id=work.work_id)], by=work)
        else:
            await self._log.release(work, due_us=later)

    async def look(self, name: str, pool: str | None = None) -> Verdict:
        """Return whether the AI may go on; a stop is written as `TrialStopped`.

        Parameters
        ----------
        pool : the pool's CSV text; by default the one that was assigned.

        Raises
        ------
        Conflict
            ``trial_phase``: the trial isn't running; ``assignment_differs``: the log's arms aren't
            those that the plan draws; ``trial_moved``: it was changed at the same moment.
        Missing
            ``no_pool``: no pool is kept with the trial.
        """
        trial = await read_trial(self._log, name)
        if not trial.running:
            raise Conflict(f"The trial {name} is {trial.phase}, not running.", code="trial_phase")
        if trial.plan.unit == "worker":
            kept = await self._log.record_get(POOL, name) if pool is None else pool.encode()
            if kept is None:
                raise Missing(
                    f"The pool of the trial {name} isn't in the log.",
                    hint="Name the file: `stepin trial watch NAME --pool FILE`.",
                    code="no_pool",
                    trial=name,
                )
            pool = kept.decode()
        now_us = await self._log.now_us()
        tally = await self._tallied(trial)
        looks = tally.due(now_us)
        said: Verdict = await asyncio.to_thread(_judge, trial, tally, looks, pool or "")
        if said == "stop":
            await self._stop(name)
        looked = Looked(said=said, looks=looks, at_us=now_us)
        await self._log.record_put(LOOKED, name, msgspec.json.encode(looked))
        return said

    async def _tallied(self, trial: Trial) -> Tally:
        from stepin.trial.tally import Tally

        name, of_workers = trial.plan.name, trial.plan.unit == "worker"
        units = tuple(u for u, row in trial.rows.items() if not row.late) if of_workers else None
        tally, at = self._tallies.get(name, (Tally(trial.plan, units), 0))
        while events := await self._log.read_all(after_position=at, limit=_AT_ONCE):
            tally.add(events)
            at = events[-1].position
            self._tallies[name] = (tally, at)
        return tally

    async def _stop(self, name: str) -> None:
        await append(self._log, name, [TrialStopped(trial_id=name, reason="harm")], actor=SYSTEM)


async def looked(log: Log, name: str) -> Looked | None:
    """Return the last look at a trial; None before the first."""
    body = await log.record_get(LOOKED, name)
    return None if body is None else msgspec.json.decode(body, type=Looked)


def _ends(trial: Trial) -> tuple[int, ...]:
    from stepin.trial.harm import look_ends_us

    return look_ends_us(trial.plan)


def _judge(trial: Trial, tally: Tally, looks: int, pool: str) -> Verdict:
    from stepin.trial.assignment import verify
    from stepin.trial.design import design
    from stepin.trial.harm import verdict
    from stepin.trial.pool import Pool, read_pool

    if not looks or not tally.units:
        return "go"
    if trial.plan.unit != "worker":
        return verdict(
            trial.plan, design(trial.plan, Pool.of(tally.units, {})), *tally.totals(looks)
        )
    of = design(trial.plan, read_pool(pool, id_column="worker_id"))
    verify(of, {u: row.arm for u, row in trial.rows.items() if not row.late})
    return verdict(trial.plan, of, *tally.totals(looks))
