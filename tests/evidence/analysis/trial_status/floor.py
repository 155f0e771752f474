"""A floor with a trial of workers, as events and as the state that they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from stepin.core.events import Event
from stepin.core.events.chat import (
    ChatClosed,
    ChatOpened,
    EligibilityAssessed,
    HolderChanged,
    OwnerSet,
    RatingGiven,
    RatingInvited,
)
from stepin.core.events.floor import TrialLocked, WorkerSignedOn
from stepin.core.holder import NOBODY, Holder, ai, worker
from stepin.core.record import Recorded
from stepin.evidence.data.facts.registered import midnight_us
from stepin.trial.assignment import AssignedUnit, assignment_hash
from stepin.trial.plan import Plan
from stepin.trial.state import Trial, record, register
from tests.trial.plans import plan

PLAN = plan()
START_US = midnight_us(PLAN.dates.treatment_from)
MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
Told = tuple[int, str, Event]


def rows(arms: Mapping[str, str], late: Iterable[str] = ()) -> list[AssignedUnit]:
    """Return units with their arms; those in `late` joined after the lock."""
    return [
        AssignedUnit(unit=unit, arm=arm, block="b1", draw_key=f"k{unit}", late=unit in late)
        for unit, arm in arms.items()
    ]


def trial(assigned: Sequence[AssignedUnit], of: Plan = PLAN) -> Trial:
    return Trial(
        plan=of, plan_hash="f" * 64, phase="locked", rows={row.unit: row for row in assigned}
    )


def registered(assigned: Sequence[AssignedUnit], of: Plan = PLAN) -> list[Told]:
    """Return the events of a trial that is registered, drawn and locked a month before."""
    lock = TrialLocked(trial_id=of.name, assignment_hash=assignment_hash(assigned))
    events: list[Event] = [register(of, "f" * 64), *record(of, assigned), lock]
    return [(START_US - 30 * DAY_US, f"trial/{of.name}", event) for event in events]


def chat(
    name: str,
    at_us: int,
    owners: Sequence[str],
    *,
    eligible: Sequence[bool] = (True,),
    holders: Sequence[Holder] = (),
    customer: str = "k1",
    minutes: float = 3,
    rating: int | None = None,
) -> list[Told]:
    """Return a chat with its owners, its assessments and its holders, each in order."""
    events: list[Event] = [ChatOpened(customer_id=customer, asserted=True)]
    events += [
        EligibilityAssessed(
            eligible=e, score=0.5, threshold=0.5, reason="issue_class", classifier_version="rules-1"
        )
        for e in eligible
    ]
    events += [OwnerSet(owner=o, rule="uniform") for o in owners]
    before = NOBODY
    for holder in holders or (worker(owners[0]),):
        events.append(HolderChanged(from_=before, to=holder, reason="assigned"))
        before = holder
    told: list[Told] = [(at_us + i, f"chat/{name}", event) for i, event in enumerate(events)]
    end_us = at_us + int(minutes * MINUTE_US)
    ends: list[Event] = [ChatClosed(reason="resolved", closed_by="worker"), RatingInvited()]
    if rating is not None:
        ends.append(RatingGiven(rating=rating))
    return told + [(end_us + i, f"chat/{name}", event) for i, event in enumerate(ends)]


def log(*told: Iterable[Told]) -> list[Recorded]:
    """Return what was told as a log, in order of time."""
    out: list[Recorded] = []
    seqs: dict[str, int] = {}
    epochs: dict[str, int] = {}
    for at_us, stream, event in sorted((t for part in told for t in part), key=lambda t: t[0]):
        seqs[stream] = seqs.get(stream, 0) + 1
        epochs[stream] = epochs.get(stream, 0) + isinstance(event, HolderChanged | ChatClosed)
        out.append(
            Recorded(
                position=len(out) + 1, stream=stream, seq=seqs[stream], at_us=at_us,
                epoch=epochs[stream], basis_seq=0, event=event,
            )
        )  # fmt: skip
    return out


def weeks(names: Sequence[str], days: Sequence[int], seed: int, each: int = 3) -> list[Told]:
    """Return days of chats, counted from the first day of treatment, by whom they are owned."""
    rng = np.random.default_rng(seed)
    pace = dict(zip(names, rng.normal(0, 0.3, len(names)), strict=True))
    told: list[Told] = [
        (
            START_US + days[0] * DAY_US - MINUTE_US,
            f"worker/{name}",
            WorkerSignedOn(worker_id=name, capacity=3, supervised_capacity=5),
        )
        for name in names
    ]
    for day in days:
        for name in names:
            for number in range(each):
                told += chat(
                    f"{name}-{day}-{number}",
                    START_US + day * DAY_US + int(rng.integers(DAY_US - 60 * MINUTE_US)),
                    [name],
                    customer=f"k{rng.integers(10 * len(names))}",
                    holders=(ai("builtin-1"),) if rng.random() < 0.3 else (),
                    minutes=float(np.exp(1 + pace[name] + rng.normal(0, 0.5))),
                    rating=int(rng.integers(1, 6)) if rng.random() < 0.6 else None,
                )
    return told
