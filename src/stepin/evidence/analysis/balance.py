"""Whether the arms were alike before treatment, judged by the design's own assignments."""

from __future__ import annotations

import numpy as np

from stepin.core.facts import Before, Chats, Workers
from stepin.errors import Refused
from stepin.evidence.analysis.draws import Draws
from stepin.evidence.base.arrays import Floats
from stepin.evidence.data.sample import Sample
from stepin.trial.balance import Balance, balance
from stepin.trial.pool import Pool

COLUMNS: tuple[tuple[Before[float], str], ...] = (
    (Workers.tenure_days, "tenure, days"),
    (Workers.pre_duration_s, "earlier duration, s"),
    (Workers.pre_rating, "earlier rating"),
    (Workers.pre_retrial_7d, "earlier returns in 7 days"),
)


def compared(sample: Sample, draws: Draws) -> Balance:
    """Return the balance of the units of the facts, judged by the design's own assignments.

    Raises
    ------
    Refused
        ``no_covariates`` when nothing is known of the units before.
    """
    names: list[str] = []
    values: dict[str, list[float | None]] = {}
    told = _before(sample)
    for column, label in (*COLUMNS, (Workers.pre_chats, "earlier chats")):
        found = np.full(len(sample.units.ids), np.nan)
        if sample.has(Workers, column):
            found = np.asarray(sample.of_units(column), dtype=np.float64)
        if not np.isfinite(found).any() and column.name in told:
            found = told[column.name]
        if np.isfinite(found).any() and np.nanstd(found) > 0:
            names.append(label)
            values[label] = [float(v) if np.isfinite(v) else None for v in found]
    if not names:
        raise Refused(
            f"Nothing is known of the {sample.plan.unit}s before the trial.",
            hint=f"Days before treatment, or {sample.plan.unit}s' own fields (tenure_days), would "
            "show it.",
            code="no_covariates",
        )
    pool = Pool.of(sample.units.ids, values)
    own = np.where(sample.units.treated, draws.treated_arm, draws.control_arm).astype(np.int8)
    return balance(
        draws.design, pool, names, control=sample.plan.control, arms=own, repetitions=999
    )


def _before(sample: Sample) -> dict[str, Floats]:
    """Return what the chats before treatment tell of each unit, by the column it stands for."""
    means = {
        f"pre_{c.name}": f"t.{c.name}::DOUBLE"
        for c in (Chats.duration_s, Chats.rating, Chats.retrial_7d)
        if sample.has(Chats, c)
    }
    frame = sample.daily(means | {"pre_chats": "1"}, chats="all")
    early, units = frame.where(~frame.after), len(sample.units.ids)

    def total(values: Floats) -> Floats:
        return np.bincount(early.unit, np.nan_to_num(values), units).astype(np.float64)

    found = {}
    for name in means:
        weight = early.values[f"n:{name}"]
        chats = total(weight)
        found[name] = np.where(
            chats > 0, total(early.values[name] * weight) / np.maximum(chats, 1), np.nan
        )
    chats = total(early.values["n:pre_chats"])
    return found | {"pre_chats": chats} if chats.any() else found
