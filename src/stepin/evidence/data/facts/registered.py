"""The trial that stands in a data set of events: when its arms began, and who has looked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from stepin.core.events import KINDS
from stepin.errors import Missing
from stepin.evidence.data.facts.events import Slice, kinds_of
from stepin.evidence.data.facts.origin import Origin
from stepin.trial.plan import Plan
from stepin.trial.ramp import starts_on
from stepin.trial.reading import from_canonical

_KINDS: Final = (
    "TrialRegistered",
    "WorkerAssigned",
    "TrialLocked",
    "TrialStopped",
    "Unblinded",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What the events say about one trial.

    Attributes
    ----------
    plan : as it was registered; None if its text can't be read as a plan.
    treatment_us : midnight UTC of the first day of treatment, or else the lock; None without one.
    starts_us : per worker of a plan, when the arm's policy came into force; None if the ramp never
        reaches the worker. Empty without a plan.
    plan_text, plan_hash : as the log keeps them; empty without a trial.
    registered_us, locked_us : when it was; None where it wasn't.
    stopped_us : when it ended for new chats; None while it runs.
    unblinded : how many `Unblinded` events there are.
    """

    trial_id: str = ""
    plan: Plan | None = None
    treatment_us: int | None = None
    starts_us: dict[str, int | None] = field(default_factory=dict)
    plan_text: str = ""
    plan_hash: str = ""
    registered_us: int | None = None
    locked_us: int | None = None
    stopped_us: int | None = None
    unblinded: int = 0

    @property
    def origin(self) -> Origin:
        """What the facts of this log say of their source."""
        return Origin(
            source="log",
            trial_id=self.trial_id,
            plan=self.plan_text,
            plan_hash=self.plan_hash,
            registered_us=self.registered_us,
            locked_us=self.locked_us,
            unblinded=self.unblinded,
        )


def registered(parts: Sequence[Slice], trial_id: str | None) -> Registered:
    """Return what is known of a trial, by default of the one registered last.

    Raises
    ------
    Missing
        ``unknown_trial``: the events hold no trial of that id.
    """
    rows = _rows(parts)
    ids = [row[2] for row in rows if row[0] == "TrialRegistered"]
    if trial_id is not None and trial_id not in ids:
        raise Missing(
            f"The events hold no trial {trial_id!r}.", code="unknown_trial", trial=trial_id
        )
    if not ids:
        return Registered()
    chosen = trial_id or ids[-1]
    return _told([row for row in rows if row[2] == chosen], chosen)


def _rows(parts: Sequence[Slice]) -> list[tuple[str, int, str, str]]:
    """Return kind, moment, trial and data of every event of a trial, in order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: list[tuple[int, tuple[str, int, str, str]]] = []
    for file, group, kind in kinds_of(parts):
        if kind is not None and kind not in _KINDS:
            continue
        told = pc.is_in(file.read_row_group(group, ["kind"])["kind"], pa.array(_KINDS))
        if not pc.any(told).as_py():
            continue
        names = ["position", "kind", "at_us", "trial_id", "data"]
        for row in file.read_row_group(group, names).filter(told).to_pylist():
            found.append(
                (row["position"], (row["kind"], row["at_us"], row["trial_id"], row["data"]))
            )
    return [row for _, row in sorted(found)]


def _told(rows: list[tuple[str, int, str, str]], trial_id: str) -> Registered:
    plan: Plan | None = None
    registered_us: int | None = None
    locked_us = stopped_us = None
    text = plan_hash = ""
    units: list[str] = []
    looks = 0
    for kind, at_us, _, data in rows:
        event = msgspec.json.decode(data, type=KINDS[kind])
        if kind == "TrialRegistered":
            text, plan_hash = getattr(event, "plan", ""), getattr(event, "plan_hash", "")
            plan, registered_us = _plan(text), at_us
        elif kind == "WorkerAssigned":
            units.append(getattr(event, "unit_id", ""))
        elif kind == "TrialLocked":
            locked_us = at_us
        elif kind == "TrialStopped":
            stopped_us = at_us
        else:
            looks += 1
    begins: dict[str, int | None] = {}
    if plan is not None and plan.unit == "worker":
        for unit in units:
            day = starts_on(plan, unit)
            begins[unit] = None if day is None else midnight_us(day)
    return Registered(
        trial_id=trial_id,
        plan=plan,
        treatment_us=midnight_us(plan.dates.treatment_from) if plan else locked_us,
        starts_us=begins,
        plan_text=text,
        plan_hash=plan_hash,
        registered_us=registered_us,
        locked_us=locked_us,
        stopped_us=stopped_us,
        unblinded=looks,
    )


def midnight_us(day: dt.date) -> int:
    """Return the beginning of a UTC day in µs."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) * 1_000_000


def _plan(text: str) -> Plan | None:
    try:
        return from_canonical(text)
    except msgspec.DecodeError:
        return None
