"""What an engine is given: everything that doesn't depend on what happens on the floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stepin.floor.model.coefficients import Coefficients, coefficients, emotional_cut
from stepin.floor.model.equations import exponential, normal, other_normal
from stepin.floor.randomness.philox import MASK, block
from stepin.floor.randomness.purposes import TENURE, TRAITS, WORKER_DAY
from stepin.floor.scenario.scenario import FloorScenario
from stepin.floor.trial import TREATED, trial_plan, trial_seed
from stepin.trial.assignment import assign
from stepin.trial.design import design
from stepin.trial.pool import Pool

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]

DAY_MIN: Final = 1440.0
OFF, BACK, AWAY, ON = range(4)
"""What a worker does, in the order in which moments that fall together are handled."""
CLOCK_STEPS: Final = 1024
_TENURE_DAYS: Final = 380.0
_LEAST_SD: Final = 1e-4
"""Days that differ by less are alike: a Gamma law of such a shape is a point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorInputs:
    """The inputs of one replication; times are minutes from the first midnight.

    Attributes
    ----------
    fresh_min : when first contacts arrive, in order.
    staff_min, staff_worker, staff_code : when which worker does what, in order.
    arm : per worker, 1 if treated; specialists, who come last, have -1.
    effort_trait, speed, tenure_days : per worker.
    rating_effect : what a worker on a day adds to ratings.
    clock : the minute of the day below which a share of a day's arrivals comes, by 1024 steps.
    issue_share : the cumulative shares of issue classes.
    cut : per arm, the measured frustration above which the emotional alert fires.
    """

    scenario: FloorScenario
    seed: int
    replication: int
    c: Coefficients
    workers: int
    specialists: int
    days: int
    treated_from_min: float
    fresh_min: Reals
    staff_min: Reals
    staff_worker: Wholes
    staff_code: Wholes
    arm: Wholes
    effort_trait: Reals
    speed: Reals
    tenure_days: Reals
    rating_effect: Reals
    clock: Reals
    issue_share: Reals
    issue_eligible: NDArray[np.bool_]
    issue_difficulty: Reals
    cut: tuple[float, float]

    @property
    def end_min(self) -> float:
        """After this nobody new arrives; chats that are open go on to their end."""
        return self.days * DAY_MIN

    @property
    def names(self) -> list[str]:
        """The workers' ids; their order is the workers' order."""
        return worker_names(self.arm.size)


def worker_names(count: int) -> list[str]:
    """Return ids whose order is that of the numbers."""
    digits = len(str(count - 1))
    return [f"w{n:0{digits}d}" for n in range(count)]


def inputs(of: FloorScenario, seed: int, replication: int = 0) -> FloorInputs:
    """Return the inputs of a replication; the same arguments give the same inputs."""
    size = of.size
    everybody = size.workers + size.specialists
    traits = np.array([_traits(of, seed, replication, w) for w in range(everybody)])
    moments, worker, code = _staffing(of, seed, replication)
    hours = _hours(of)
    shares = np.array([issue.share for issue in of.issues])
    threshold = of.detectors.emotional_threshold
    return FloorInputs(
        scenario=of,
        seed=seed,
        replication=replication,
        c=coefficients(of),
        workers=size.workers,
        specialists=size.specialists,
        days=size.days,
        treated_from_min=(size.burn_in_days + size.before_days) * DAY_MIN,
        fresh_min=_arrivals(of, seed, replication, hours),
        staff_min=moments,
        staff_worker=worker,
        staff_code=code,
        arm=_arms(of, seed, replication),
        effort_trait=traits[:, 0],
        speed=traits[:, 1],
        tenure_days=traits[:, 3],
        rating_effect=_rating_effect(of, seed, replication, traits[:, 2]),
        clock=np.interp(np.linspace(0.0, 1.0, CLOCK_STEPS + 1), hours, np.arange(1441.0)),
        issue_share=np.cumsum(shares) / shares.sum(),
        issue_eligible=np.array([issue.eligible for issue in of.issues]),
        issue_difficulty=np.array([issue.difficulty for issue in of.issues]),
        cut=(
            emotional_cut(threshold, of.arms.control.alerts.emotional),
            emotional_cut(threshold, of.arms.treated.alerts.emotional),
        ),
    )


def _traits(of: FloorScenario, seed: int, replication: int, worker: int) -> tuple[float, ...]:
    u = block(seed, replication, worker, 0, TRAITS)
    tenure = block(seed, replication, worker, 0, TENURE)[0]
    return (
        of.effort.trait_sd * normal(u[0], u[1]),
        float(np.exp(of.work.speed_sd * other_normal(u[0], u[1]))),
        of.rating.worker_sd * normal(u[2], u[3]),
        exponential(_TENURE_DAYS, tenure),
    )


def _arms(of: FloorScenario, seed: int, replication: int) -> Wholes:
    """Return the arms, drawn by the trial's own rule, so that a report can draw them again."""
    size = of.size
    arm = np.full(size.workers + size.specialists, -1, dtype=np.int64)
    arm[: size.workers] = int(size.treated == size.workers)
    if 0 < size.treated < size.workers:
        names = worker_names(arm.size)[: size.workers]
        units = assign(design(trial_plan(of, trial_seed(seed, replication)), Pool.of(names, {})))
        treated = {unit.unit: unit.arm == TREATED for unit in units}
        arm[: size.workers] = [treated[name] for name in names]
    return arm


def _rating_effect(of: FloorScenario, seed: int, replication: int, trait: Reals) -> Reals:
    sd = of.rating.worker_day_sd
    if not sd:
        return np.repeat(trait[:, None], of.size.days + 1, axis=1)
    out = np.empty((trait.size, of.size.days + 1))
    for w in range(trait.size):
        for day in range(of.size.days + 1):
            u = block(seed, replication, w, day, WORKER_DAY)
            out[w, day] = trait[w] + sd * normal(u[0], u[1])
    return out


def _staffing(of: FloorScenario, seed: int, replication: int) -> tuple[Reals, Wholes, Wholes]:
    """Return who comes, goes and has a break, when."""
    found: list[tuple[float, int, int]] = []
    staff = of.staff
    for w in range(of.size.workers + of.size.specialists):
        shift = staff.shifts[w % len(staff.shifts)]
        if of.arrivals.always_open:
            found.append((0.0, ON, w))
            continue
        for day in range(of.size.days):
            if staff.present < 1.0:
                u = block(seed, replication, w, day, WORKER_DAY)
                if u[2] >= staff.present:
                    continue
            start = day * DAY_MIN + 60.0 * shift.starts_h
            end = start + 60.0 * shift.hours
            found += [(start, ON, w), (end, OFF, w)]
            if shift.break_min:
                middle = (start + end - shift.break_min) / 2
                found += [(middle, AWAY, w), (middle + shift.break_min, BACK, w)]
    found.sort()
    moments, code, worker = zip(*found, strict=True)
    return (
        np.array(moments, dtype=np.float64),
        np.array(worker, dtype=np.int64),
        np.array(code, dtype=np.int64),
    )


def _hours(of: FloorScenario) -> Reals:
    """Return the cumulative share of a day's arrivals at each minute, from 0 to 1."""
    weights = np.zeros(1440)
    if of.arrivals.by_hour:
        weights += np.repeat(np.array(of.arrivals.by_hour), 60)
    else:
        for shift in of.staff.shifts:
            start = int(60 * shift.starts_h)
            minutes = np.arange(start, start + max(1, int(60 * shift.hours))) % 1440
            weights[minutes] += 1.0
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    shares: Reals = sums / sums[-1]
    return shares


def _arrivals(of: FloorScenario, seed: int, replication: int, hours: Reals) -> Reals:
    """Return the moments of first contacts: a Poisson process whose days differ."""
    arrivals, size = of.arrivals, of.size
    if arrivals.always_open:
        return np.zeros(0)
    mean = arrivals.per_worker_day * size.workers * of.staff.present
    days = []
    for day in range(size.days):
        key = [seed & MASK, (replication << 32) | (1 << 20) | day]
        rng = np.random.Generator(np.random.Philox(key=key))
        factor = 1.0
        if arrivals.day_sd > _LEAST_SD:
            shape = arrivals.day_sd**-2
            factor = rng.gamma(shape, 1 / shape)
        u = rng.random(rng.poisson(mean * factor))
        days.append(day * DAY_MIN + np.sort(np.interp(u, hours, np.arange(1441.0))))
    return np.concatenate(days)
