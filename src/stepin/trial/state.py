"""What a trial's events add up to, and which of its events may come next.

    registered → assigned → locked → stopped
                                └→ unblinded (any number of times, before or after the stop)

Customers and chats are drawn alone, when they come: their trial is locked without assigned units.

Nothing of a trial's outcomes is known here: only who is in which arm, and who looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from stepin.core.events import (
    Event,
)
from stepin.core.events.floor import (
    TrialLocked,
    TrialRegistered,
    TrialStopped,
    Unblinded,
    WorkerAssigned,
)
from stepin.errors import Conflict, Missing
from stepin.trial.assignment import AssignedUnit, assignment_hash
from stepin.trial.plan import Plan
from stepin.trial.reading import canonical, from_canonical

Phase = Literal["registered", "assigned", "locked", "stopped"]
TrialEvent = TrialRegistered | WorkerAssigned | TrialLocked | TrialStopped | Unblinded


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody may see outcomes by arm, and said why."""

    who: str
    why: str
    scope: str
    at_us: int


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A trial as its stream tells it.

    Attributes
    ----------
    rows : per unit its arm; late joiners too.
    assignment_hash : what was locked; empty before.
    stopped : why it ended for new chats; None while it runs.
    """

    plan: Plan
    plan_hash: str
    phase: Phase
    rows: Mapping[str, AssignedUnit] = {}
    assignment_hash: str = ""
    stopped: Literal["harm", "end", "asked"] | None = None
    looks: tuple[Look, ...] = ()

    @property
    def running(self) -> bool:
        """Whether new chats follow the arms."""
        return self.phase == "locked"


def stream(name: str) -> str:
    """Return the name of a trial's stream in the log."""
    return f"trial/{name}"


def register(plan: Plan, plan_hash: str) -> TrialRegistered:
    """Return the event that fixes a plan."""
    return TrialRegistered(trial_id=plan.name, plan=canonical(plan), plan_hash=plan_hash)


def record(plan: Plan, rows: Iterable[AssignedUnit]) -> list[WorkerAssigned]:
    """Return the events that put drawn units into their arms."""
    return [
        WorkerAssigned(
            trial_id=plan.name,
            unit_id=row.unit,
            arm=row.arm,
            block=row.block,
            draw_key=row.draw_key,
            late=row.late,
        )
        for row in rows
    ]


def lock(trial: Trial) -> TrialLocked:
    """Return the event that freezes the assignment."""
    return TrialLocked(
        trial_id=trial.plan.name, assignment_hash=assignment_hash(trial.rows.values())
    )


def after(trial: Trial | None, event: Event, *, actor: str = "", at_us: int = 0) -> Trial:
    """Return the trial after one more event of its stream.

    Raises
    ------
    Conflict
        ``trial_phase``: the event can't come now; ``trial_arm``: an unknown arm, or a unit that is
        already in one; ``trial_lock``: the lock isn't of this assignment.
    """
    if isinstance(event, TrialRegistered):
        if trial is not None:
            raise _too(trial, "registered again")
        return Trial(plan=from_canonical(event.plan), plan_hash=event.plan_hash, phase="registered")
    if trial is None:
        raise Conflict("The trial isn't registered.", code="trial_phase")
    match event:
        case WorkerAssigned():
            return _assigned(trial, event)
        case TrialLocked():
            if trial.phase != "assigned" and (
                trial.phase != "registered" or trial.plan.unit == "worker"
            ):
                raise _too(trial, "locked")
            if event.assignment_hash != assignment_hash(trial.rows.values()):
                raise Conflict(
                    f"The lock of the trial {trial.plan.name} is of another assignment.",
                    code="trial_lock",
                    trial=trial.plan.name,
                )
            return msgspec.structs.replace(
                trial, phase="locked", assignment_hash=event.assignment_hash
            )
        case TrialStopped():
            if trial.phase == "stopped":
                raise _too(trial, "stopped again")
            return msgspec.structs.replace(trial, phase="stopped", stopped=event.reason)
        case Unblinded():
            look = Look(who=actor, why=event.why, scope=event.scope, at_us=at_us)
            return msgspec.structs.replace(trial, looks=(*trial.looks, look))
        case _:
            return trial


def fold(events: Iterable[tuple[Event, str, int]], *, name: str = "") -> Trial:
    """Return the trial behind its stream's (event, actor, at_us), in order.

    Raises
    ------
    Missing
        ``unknown_trial``: the stream is empty.
    Conflict
        As `after`.
    """
    rows: dict[str, AssignedUnit] = {}
    trial: Trial | None = None
    for event, actor, at_us in events:
        if isinstance(event, WorkerAssigned) and trial is not None:
            row = _row(trial, event, rows)
            rows[row.unit] = row
            if trial.phase == "registered":
                trial = msgspec.structs.replace(trial, phase="assigned", rows=rows)
            continue
        trial = after(trial, event, actor=actor, at_us=at_us)
    if trial is None:
        raise Missing(f"There is no trial {name!r}.", code="unknown_trial", trial=name)
    return msgspec.structs.replace(trial, rows=rows)


def _assigned(trial: Trial, event: WorkerAssigned) -> Trial:
    row = _row(trial, event, trial.rows)
    phase = "assigned" if trial.phase == "registered" else trial.phase
    return msgspec.structs.replace(trial, phase=phase, rows={**trial.rows, row.unit: row})


def _row(trial: Trial, event: WorkerAssigned, rows: Mapping[str, AssignedUnit]) -> AssignedUnit:
    if trial.phase == "stopped" or event.late != (trial.phase == "locked"):
        raise _too(trial, f"given the {'late ' if event.late else ''}unit {event.unit_id}")
    if event.unit_id in rows or event.arm not in {a.name for a in trial.plan.arms}:
        raise Conflict(
            f"{event.unit_id} can't be put into {event.arm!r}: "
            + ("it is in an arm already." if event.unit_id in rows else "there is no such arm."),
            code="trial_arm",
            hint="An arm is drawn once and kept; see `stepin trial status`.",
            unit=event.unit_id,
            arm=event.arm,
        )
    return AssignedUnit(
        unit=event.unit_id,
        arm=event.arm,
        block=event.block,
        draw_key=event.draw_key,
        late=event.late,
    )


def _too(trial: Trial, what: str) -> Conflict:
    return Conflict(
        f"The trial {trial.plan.name} is {trial.phase}: it can't be {what}.",
        code="trial_phase",
        hint="See `stepin trial status`.",
        trial=trial.plan.name,
        phase=trial.phase,
    )
