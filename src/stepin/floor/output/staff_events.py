"""Events of workers: coming, going, breaks, and where their attention was."""

from __future__ import annotations

from stepin.core.events import Event
from stepin.core.events.floor import (
    FocusMoved,
    PresenceChanged,
    WorkerSignedOff,
    WorkerSignedOn,
)
from stepin.floor.engine.inputs import AWAY, OFF, ON
from stepin.floor.engine.trace import Run


def staff_event(run: Run, name: str, worker: int, code: int) -> Event:
    """Return the event of a worker who comes, goes, or has a break."""
    if code == ON:
        cap = run.inputs.scenario.arms.control.assignment.cap
        tenure = float(run.inputs.tenure_days[worker])
        return WorkerSignedOn(
            worker_id=name, capacity=cap, supervised_capacity=cap,
            covariates={"tenure_days": tenure},
        )  # fmt: skip
    if code == OFF:
        return WorkerSignedOff(worker_id=name)
    return PresenceChanged(worker_id=name, presence="away" if code == AWAY else "available")


def focus_event(name: str, chat: str, minutes: float) -> FocusMoved:
    """Return the end of a stretch of attention."""
    lasted = round(minutes * 60_000)
    return FocusMoved(worker_id=name, chat_id=chat, duration_ms=lasted, active_ms=lasted)
