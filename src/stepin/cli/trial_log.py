"""What `stepin trial` does with a log: read a trial's stream, decide, append."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from stepin.core.events import Event
from stepin.core.record import NewEvent
from stepin.errors import Conflict
from stepin.trial.state import Trial, after, fold, stream

if TYPE_CHECKING:
    from stepin.log.protocol import Log

T = TypeVar("T")

_AT_ONCE = 5000


def with_log(url: str | None, config: Path | None, work: Callable[[Log], Awaitable[T]]) -> T:
    """Open the log that the flags or the settings name, do the work, close it."""
    from stepin.log.open import open_log
    from stepin.settings import load

    address = load({"log": url}, env=os.environ, file=config).settings.log

    async def run() -> T:
        log = await open_log(address, create=False)
        try:
            return await work(log)
        finally:
            await log.close()

    return asyncio.run(run())


def who(by: str | None) -> str:
    """Return the actor of a command typed on this machine."""
    if by is not None:
        return by
    with suppress(OSError, KeyError, ImportError):
        return f"user:{getpass.getuser()}"
    return "user:unknown"


async def read_trial(log: Log, name: str) -> Trial:
    """Return a trial as its stream tells it; `Missing` if there is none."""
    events = await log.read(stream(name))
    return fold(((e.event, e.actor, e.at_us) for e in events), name=name)


async def append(log: Log, name: str, new: Sequence[Event], *, actor: str) -> Trial:
    """Append events to a trial's stream, if each may follow; return the trial after them.

    Raises
    ------
    Conflict
        As `state.after`, or ``trial_moved`` if somebody else was faster.
    """
    from stepin.log.protocol import Append, NotAppended

    known = await log.read(stream(name))
    head = known[-1].seq if known else 0
    trial = fold(((e.event, e.actor, e.at_us) for e in known), name=name) if known else None
    told = [(e.event, e.actor, e.at_us) for e in known] + [(e, actor, 0) for e in new]
    trial = after(trial, new[0], actor=actor) if len(new) == 1 else fold(told, name=name)
    item = Append(
        stream=stream(name),
        events=tuple(NewEvent(event=e, actor=actor) for e in new),
        expect_seq=head,
    )
    outcome = await log.append(item)
    if isinstance(outcome, NotAppended):
        raise Conflict(
            f"The trial {name} was changed at the same moment.", code="trial_moved", trial=name
        )
    await log.record_add("trial", name, b"{}")
    return trial


async def tallied(log: Log, trial: Trial, units: tuple[str, ...]) -> tuple[object, int]:
    """Return the harm rule's tally over the whole log and how many looks are due."""
    from stepin.trial.tally import Tally

    tally, at = Tally(trial.plan, units), 0
    while events := await log.read_all(after_position=at, limit=_AT_ONCE):
        tally.add(events)
        at = events[-1].position
    return tally, tally.due(await log.now_us())
