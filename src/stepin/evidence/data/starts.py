"""From which day each unit's arm was in force: what the facts say, and nothing that they don't.

The plan's ramp says when units *should* begin. When they did stands in ``workers.treated_from``,
and that decides wherever it is there. Control units need a first day too, to be compared from it
on: their own if they held a place in the ramp, or that of all treated units if these began
together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from stepin.errors import Invalid
from stepin.evidence.base.arrays import Bools
from stepin.trial.plan import Plan
from stepin.trial.ramp import starts_on

NEVER = dt.date.max


class Starts(msgspec.Struct, frozen=True, kw_only=True):
    """The first day of every unit.

    Attributes
    ----------
    days : one day per unit; `NEVER` for those that the arm never reached.
    recorded : whether the facts say so; otherwise all begin with the plan's treatment.
    moved : units that began on another day than the plan gives them; None where the plan gives
        none to the units of these facts.
    during : units that began in the course of a day: the whole of it counts as theirs.
    """

    days: tuple[dt.date, ...]
    recorded: bool
    moved: int | None
    during: int = 0


def starts(
    plan: Plan,
    ids: Sequence[str],
    treated: Bools,
    recorded: Sequence[dt.date | None],
    *,
    grouped: bool = False,
) -> Starts:
    """Return the first days of the units of a comparison.

    Parameters
    ----------
    recorded : one day per unit from the facts, None where they say nothing.
    grouped : whether the ids are of groups of units, of which the plan knows nothing.

    Raises
    ------
    Invalid
        ``no_starts``: the plan has a ramp and the facts don't say who began when, or they say it of
        some units only; ``staggered``: treated units began on different days and control units hold
        no day, so that nothing says from when on to compare them.
    """
    who = f"{plan.unit}s"
    if not any(day is not None for day in recorded):
        if plan.ramp:
            raise Invalid(
                f"The plan has a ramp, and the facts don't say on which day the {who} began.",
                code="no_starts",
                hint="Map workers.treated_from, in both arms: a unit's place in the ramp holds in "
                "the control arm too. No day is made up.",
            )
        return Starts(days=(plan.dates.treatment_from,) * len(ids), recorded=False, moved=0)
    arm = [d for d, t in zip(recorded, treated.tolist(), strict=True) if t]
    control = [d for d, t in zip(recorded, treated.tolist(), strict=True) if not t]
    days = _days(plan, who, arm, control, recorded)
    moved = None
    if not plan.ramp:
        moved = sum(day != plan.dates.treatment_from for day in days)
    elif not grouped:
        moved = sum(
            day != (starts_on(plan, unit) or NEVER) for unit, day in zip(ids, days, strict=True)
        )
    return Starts(days=days, recorded=True, moved=moved)


def _days(
    plan: Plan,
    who: str,
    arm: Sequence[dt.date | None],
    control: Sequence[dt.date | None],
    recorded: Sequence[dt.date | None],
) -> tuple[dt.date, ...]:
    known = {d for d in arm if d is not None}
    unknown = sum(d is None for d in arm)
    if not known:
        raise Invalid(
            f"workers.treated_from is filled in the control arm alone: none of the {len(arm)} "
            f"treated {who} has a first day.",
            code="no_starts",
            hint="Map the day on which the arm began for each of the treated units.",
        )
    if any(d is not None for d in control):
        bare = unknown + sum(d is None for d in control)
        if bare and not (plan.ramp and plan.ramp[-1].share < 1):
            raise Invalid(
                f"{bare} of {len(recorded)} {who} have no treated_from, the others have one.",
                code="no_starts",
                hint="Fill it for all, or for the treated alone if all of these began together. "
                "Only in a ramp that ends below 1 may it be empty: the arm never reached such "
                "units.",
            )
        return tuple(NEVER if d is None else d for d in recorded)
    if unknown:
        raise Invalid(
            f"{unknown} of {len(arm)} treated {who} have no treated_from, the others have one.",
            code="no_starts",
            hint="Fill it for all of the treated.",
        )
    if len(known) > 1:
        raise Invalid(
            f"The treated {who} began on {len(known)} different days ({min(known)} to "
            f"{max(known)}) and the control units hold no day of their own.",
            code="staggered",
            hint="Staggered starts are compared wave by wave, and a wave needs control units of "
            "its own: give each of these the day on which it would have begun. Without such days "
            "no randomized comparison is left.",
        )
    (day,) = known
    return (day,) * len(recorded)
