"""The trials of a log: read from their streams, added to under their rules."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepin.core.events import Event
from stepin.core.events.floor import TrialRegistered, TrialStopped, Unblinded
from stepin.core.record import NewEvent, Recorded
from stepin.core.work import PutWork
from stepin.errors import Conflict, Invalid, StepinError
from stepin.log.codec import TRIALS
from stepin.log.protocol import Append, Log, NotAppended
from stepin.trial.blind import is_hidden
from stepin.trial.state import Trial, after, fold, stream


async def read_trial(log: Log, name: str) -> Trial:
    """Return a trial as its stream tells it; `Missing` if there is none."""
    events = await log.read(stream(name))
    return fold(((e.event, e.actor, e.at_us) for e in events), name=name)


class Hidden(msgspec.Struct, frozen=True, kw_only=True):
    """Trials whose outcomes nobody may see by arm or by holder yet, by name and by plan's hash."""

    names: frozenset[str] = frozenset()
    plan_hashes: frozenset[str] = frozenset()


async def trial_names(log: Log) -> list[str]:
    """Return the names of the trials that were registered, the latest first."""
    return [s.removeprefix("trial/") for s in await log.streams(ref=TRIALS)]


async def hidden_trials(log: Log) -> Hidden:
    """Return the trials that are hidden now. One whose plan can't be read is hidden until its stop.

    Reports are about plans, so a trial is also known by the hash of its plan.
    """
    now_us = await log.now_us()
    names, hashes = set(), set()
    for name in await trial_names(log):
        events = await log.read(stream(name))
        if not _is_hidden(events, now_us):
            continue
        names.add(name)
        hashes |= {e.event.plan_hash for e in events if isinstance(e.event, TrialRegistered)}
    return Hidden(names=frozenset(names), plan_hashes=frozenset(hashes - {""}))


def _is_hidden(events: Sequence[Recorded], now_us: int) -> bool:
    try:
        trial = fold((e.event, e.actor, e.at_us) for e in events)
    except (msgspec.DecodeError, StepinError):
        return not any(isinstance(e.event, TrialStopped | Unblinded) for e in events)
    return is_hidden(trial, now_us)


async def unblind(log: Log, name: str, *, by: str, why: str) -> Trial:
    """Let outcomes of a trial be seen from now on; who and why stay in the log.

    Raises
    ------
    Invalid
        ``why``: there is no reason.
    Missing
        ``unknown_trial``: there is no such trial.
    """
    if not why.strip():
        raise Invalid("A reason is needed.", hint="It stays in the log with your name.", code="why")
    await read_trial(log, name)
    looked = Unblinded(trial_id=name, why=why.strip(), scope="console")
    return await append(log, name, [looked], actor=by)


async def append(
    log: Log, name: str, new: Sequence[Event], *, actor: str, work: Sequence[PutWork] = ()
) -> Trial:
    """Append events to a trial's stream, if each may follow; return the trial after them.

    Parameters
    ----------
    work : put in the same transaction.

    Raises
    ------
    Conflict
        As `state.after`, or ``trial_moved`` if somebody else was faster.
    """
    known = await log.read(stream(name))
    head = known[-1].seq if known else 0
    trial = fold(((e.event, e.actor, e.at_us) for e in known), name=name) if known else None
    told = [(e.event, e.actor, e.at_us) for e in known] + [(e, actor, 0) for e in new]
    trial = after(trial, new[0], actor=actor) if len(new) == 1 else fold(told, name=name)
    item = Append(
        stream=stream(name),
        events=tuple(NewEvent(event=e, actor=actor) for e in new),
        expect_seq=head,
        work=tuple(work),
    )
    outcome = await log.append(item)
    if isinstance(outcome, NotAppended):
        raise Conflict(
            f"The trial {name} was changed at the same moment.", code="trial_moved", trial=name
        )
    await log.record_add("trial", name, b"{}")
    return trial
