"""What was known before treatment began: whether the arms were alike, and what the trial can see.

Facts are built from the events before the first day of treatment alone, so nothing of an outcome of
the trial can come out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from threadpoolctl import threadpool_limits

from stepin.errors import StepinError
from stepin.evidence.analysis.balance import compared
from stepin.evidence.analysis.draws import draws
from stepin.evidence.analysis.power.study import study
from stepin.evidence.base.scale import Scale
from stepin.evidence.data.facts.build import build_facts
from stepin.evidence.data.facts.registered import midnight_us
from stepin.evidence.data.sample import Sample
from stepin.trial.plan import Plan

State = Literal["working", "ready", "failed"]
T = TypeVar("T")
_REPETITIONS = 200


class BalanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One covariate, one arm against the control.

    Attributes
    ----------
    standardized, band : the difference in standard deviations, and what 95 % of the design's own
        assignments stay within. None where it can't be computed.
    """

    covariate: str
    arm: str
    control_mean: float | None
    arm_mean: float | None
    standardized: float | None
    band: float | None
    p: float | None


class PowerPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the trial's own design would see after some days of treatment.

    Attributes
    ----------
    minimum : the smallest effect seen in 80 % of trials, as readers see it; empty if refused.
    minimum_value : the same as a number, in the outcome's own unit.
    """

    days: int
    workers: int
    minimum: str
    minimum_value: float | None
    power: float | None
    refused: str = ""


class Power(msgspec.Struct, frozen=True, kw_only=True):
    """The power curve of the plan's first outcome.

    Attributes
    ----------
    worth : the smallest effect worth knowing, in words; worth_value : as a number.
    """

    outcome: str
    chats: str
    scale: Scale
    worth: str
    worth_value: float | None
    points: tuple[PowerPoint, ...]


class BeforeTreatment(msgspec.Struct, frozen=True, kw_only=True):
    """What was known before.

    Attributes
    ----------
    state : `working` while it is being computed.
    joint_p : how many of the assignments that could have been drawn are as far apart, or farther.
    no_balance, no_power : why there is none; empty if there is.
    """

    state: State
    balance: tuple[BalanceRow, ...] = ()
    joint_p: float | None = None
    no_balance: str = ""
    power: Power | None = None
    no_power: str = ""


def before(events: Path, plan: Plan) -> BeforeTreatment:
    """Return what the events before treatment say of a trial, or why they don't."""
    with tempfile.TemporaryDirectory(prefix="stepin-before-") as scratch:
        facts = Path(scratch) / "facts"
        start_us = midnight_us(plan.dates.treatment_from)
        _, why = _tried(
            lambda: build_facts(
                events,
                facts,
                trial_id=plan.name,
                before_us=start_us,
            )
        )
        if why:
            return BeforeTreatment(state="failed", no_balance=why, no_power=why)
        with threadpool_limits(limits=1):
            balanced, no_balance = _tried(lambda: _balance(facts, plan))
            power, no_power = _tried(lambda: _power(facts, plan))
    rows, joint_p = balanced or ((), None)
    return BeforeTreatment(
        state="ready",
        balance=rows,
        joint_p=joint_p,
        no_balance=no_balance,
        power=power,
        no_power=no_power,
    )


def _tried(make: Callable[[], T]) -> tuple[T | None, str]:
    try:
        return make(), ""
    except StepinError as error:
        return None, f"{error.message} {error.hint}"


def _balance(facts: Path, plan: Plan) -> tuple[tuple[BalanceRow, ...], float]:
    sample = Sample(facts, plan)
    try:
        result = compared(sample, draws(sample))
    finally:
        sample.close()
    rows = tuple(
        BalanceRow(
            covariate=r.covariate,
            arm=r.arm,
            control_mean=_known(r.means[0]),
            arm_mean=_known(r.means[1]),
            standardized=_known(r.standardized),
            band=_known(r.band),
            p=_known(r.p),
        )
        for r in result.rows
    )
    return rows, result.joint_p


def _power(facts: Path, plan: Plan) -> Power:
    found = study(facts, plan, repetitions=_REPETITIONS)
    return Power(
        outcome=found.label,
        chats=found.sample,
        scale=found.scale,
        worth=found.worth if found.minimal is not None else "",
        worth_value=found.minimal,
        points=tuple(
            PowerPoint(
                days=p.days,
                workers=p.units,
                minimum="" if p.minimum is None else found.shown(p.minimum),
                minimum_value=p.minimum,
                power=p.power,
                refused=p.refused or "",
            )
            for p in found.points
            if p.kind == "unit"
        ),
    )


def _known(value: float) -> float | None:
    return value if value == value else None
