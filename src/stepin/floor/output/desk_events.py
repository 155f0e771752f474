"""A run as the desk's own events: the log that a desk would have written.

No text is simulated: a message stands for its length. Nothing here decides anything; every event
tells a moment of the trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from stepin.core.events import Event
from stepin.core.events.floor import TrialLocked, TrialStopped
from stepin.core.exported import row
from stepin.core.record import Recorded, Versions
from stepin.floor.engine.trace import CLOSED, CUSTOMER, OPENED, STAFFED, Run
from stepin.floor.output.chat_events import ChatEvents
from stepin.floor.output.facts import start_us
from stepin.floor.output.staff_events import focus_event, staff_event
from stepin.floor.output.tables import MINUTE_US
from stepin.floor.trial import trial_plan, trial_seed
from stepin.log.flat import DayFiles, schema
from stepin.trial.assignment import assign, assignment_hash
from stepin.trial.design import design
from stepin.trial.plan import Plan
from stepin.trial.pool import Pool
from stepin.trial.reading import plan_hash
from stepin.trial.state import record, register, stream

_FOCUS: Final = 10


def write_desk_events(run: Run, folder: Path) -> int:
    """Write the events of a run as `stepin log export` would; return how many.

    Parameters
    ----------
    run : with its trace.
    folder : where; made if it isn't there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = DayFiles(folder, schema())
    count = 0
    for event in desk_events(run):
        files.add(event.at_us, row(event))
        count += 1
    files.close()
    return count


def desk_events(run: Run) -> Iterator[Recorded]:
    """Yield the events of a run in order of position.

    Parameters
    ----------
    run : with its trace.
    """
    assert run.trace is not None
    written = _Streams()
    start = start_us(run)
    yield from _trial(run, written, start)
    trace, chats = run.trace, ChatEvents(run)
    at_us = np.floor(trace.at_min * MINUTE_US).astype(np.int64) + start
    moments = zip(
        at_us.tolist(), trace.code.tolist(), trace.chat.tolist(), trace.worker.tolist(),
        trace.x.tolist(), strict=True,
    )  # fmt: skip
    following = [*trace.code.tolist()[1:], -1]
    names = run.inputs.names
    for (at, code, chat, worker, x), next_code in zip(moments, following, strict=True):
        if code == STAFFED:
            told = staff_event(run, names[worker], worker, int(x))
            yield written.add(f"worker/{names[worker]}", told, at, f"worker:{names[worker]}")
        elif code == _FOCUS:
            moved = focus_event(names[worker], chats.name(chat), x)
            yield written.add(f"focus/{names[worker]}", moved, at, f"worker:{names[worker]}")
        else:
            place = f"chat/{chats.name(chat)}"
            for event, actor, epoch, cause in chats.told(code, chat, worker, x, next_code):
                yield written.add(
                    place, event, at, actor, epoch=epoch, versions=chats.versions(chat),
                    basis=code in (OPENED, CUSTOMER), cause=cause,
                )  # fmt: skip
                chats.placed(chat, event, written.seq(place))
            if code == CLOSED:
                written.forget(place)
    end = int(run.inputs.end_min * MINUTE_US) + start
    name = trial_plan(run.inputs.scenario, 0).name
    last = max(end, int(at_us[-1]) if at_us.size else end)
    yield written.add(stream(name), TrialStopped(trial_id=name, reason="end"), last, "system")


class _Streams:
    """Numbers events in the whole log and in their streams."""

    def __init__(self) -> None:
        self._position = 0
        self._at: dict[str, tuple[int, int, int]] = {}

    def add(
        self, place: str, event: Event, at_us: int, actor: str, *, epoch: int | None = None,
        versions: Versions | None = None, basis: bool = False, cause: int | None = None,
    ) -> Recorded:  # fmt: skip
        seq, before, read = self._at.get(place, (0, 0, 0))
        now = before if epoch is None else epoch
        self._position += 1
        basis_seq = seq + 1 if basis and type(event).__name__ == "MessagePosted" else read
        self._at[place] = (seq + 1, now, basis_seq)
        return Recorded(
            position=self._position, stream=place, seq=seq + 1, at_us=at_us, epoch=now,
            basis_seq=basis_seq, event=event, actor=actor, cause=cause,
            versions=versions or Versions(),
        )  # fmt: skip

    def seq(self, place: str) -> int:
        return self._at[place][0]

    def forget(self, place: str) -> None:
        self._at.pop(place, None)


def _trial(run: Run, written: _Streams, at_us: int) -> Iterator[Recorded]:
    of = run.inputs.scenario
    if not 0 < of.size.treated < of.size.workers:
        return
    plan: Plan = trial_plan(of, trial_seed(run.inputs.seed, run.inputs.replication))
    policies: dict[str, Any] = {arm.policy: b"" for arm in plan.arms}
    rows = assign(design(plan, Pool.of(run.inputs.names[: of.size.workers], {})))
    place = stream(plan.name)
    yield written.add(place, register(plan, plan_hash(plan, policies)), at_us, "system")
    for event in record(plan, rows):
        yield written.add(place, event, at_us, "system")
    locked = TrialLocked(trial_id=plan.name, assignment_hash=assignment_hash(rows))
    yield written.add(place, locked, at_us, "system")
