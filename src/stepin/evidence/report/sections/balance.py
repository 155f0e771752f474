"""Section: whether the arms were alike before treatment."""

from __future__ import annotations

import numpy as np

from stepin.core.facts import Before, Chats, Workers
from stepin.errors import Refused
from stepin.evidence.analysis.context import Context, picture
from stepin.evidence.analysis.draws import Draws
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.estimate import from_se
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.scale import level, probability, whole
from stepin.evidence.data.sample import Sample
from stepin.evidence.report.document import Section, grid
from stepin.evidence.report.figures.love import love
from stepin.trial.balance import Balance, balance
from stepin.trial.pool import Pool

ID, TITLE = "balance", "Were the arms alike before?"
LEAD = (
    "What was known of the workers before the trial, by arm, judged against the assignments that "
    "the design could have drawn instead."
)
COLUMNS: tuple[tuple[Before[float], str], ...] = (
    (Workers.tenure_days, "tenure, days"),
    (Workers.pre_duration_s, "earlier duration, s"),
    (Workers.pre_rating, "earlier rating"),
    (Workers.pre_retrial_7d, "earlier returns in 7 days"),
)


def compared(sample: Sample, draws: Draws) -> Balance:
    """Return the balance of the workers of the facts, judged by the design's own assignments.

    Raises
    ------
    Refused
        ``no_covariates`` when nothing is known of the workers before.
    """
    names: list[str] = []
    values: dict[str, list[float | None]] = {}
    told = _before(sample)
    for column, label in (*COLUMNS, (Workers.pre_chats, "earlier chats")):
        found = np.full(len(sample.units.ids), np.nan)
        if sample.has(Workers, column):
            found = np.asarray(sample.workers(column), dtype=np.float64)
        if not np.isfinite(found).any() and column.name in told:
            found = told[column.name]
        if np.isfinite(found).any() and np.nanstd(found) > 0:
            names.append(label)
            values[label] = [float(v) if np.isfinite(v) else None for v in found]
    if not names:
        raise Refused(
            "Nothing is known of the workers before the trial.",
            hint="Days before treatment, or workers' own fields (tenure_days), would show it.",
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


def section(context: Context) -> Section:
    """Return the section on balance.

    Raises
    ------
    Refused
        ``no_covariates`` when nothing is known of the workers before.
    """
    sample = context.sample
    result = compared(sample, context.draws)
    rows = [r for r in result.rows if r.arm == sample.arm]
    outside = [r for r in rows if abs(r.standardized) > r.band]
    findings = [
        Finding(
            analysis="balance",
            outcome=r.covariate,
            label=r.covariate,
            sample="workers before the trial",
            design="randomized",
            scale="count",
            estimate=from_se(
                r.difference,
                r.standard_error,
                clusters=sum(r.count),
                rows=sum(r.count),
                per_arm=r.count,
            ),
        )
        for r in rows
    ]
    return Section(
        id=ID,
        title=TITLE,
        lead=LEAD,
        blocks=(
            picture(
                "balance",
                "How far apart the arms were before",
                (
                    "No covariate lies outside the band of what the design itself produces"
                    if not outside
                    else f"Outside the design's own 95% band: "
                    f"{'; '.join(r.covariate for r in outside)}"
                )
                + f"; all together, {level(result.joint_p, 'share')} of the assignments that could "
                "have been drawn are as far apart or farther. Shaded: each covariate's own band.",
                love(
                    [r.covariate for r in rows],
                    [r.standardized for r in rows],
                    None,
                    bands=[r.band for r in rows],
                ),
            ),
            grid(
                "Workers before the trial",
                ("Covariate", "Control", "Treated", "Std. difference", "Design's 95%", "p"),
                [
                    (
                        r.covariate,
                        level(r.means[0], "count"),
                        level(r.means[1], "count"),
                        f"{abs(r.standardized):.3f}",
                        f"{r.band:.3f}",
                        probability(r.p if np.isfinite(r.p) else None),
                    )
                    for r in rows
                ],
                note=f"Differences within blocks, HC2 errors. Joint randomization test over "
                f"{whole(result.repetitions)} replayed assignments: p = "
                f"{probability(result.joint_p)}.",
            ),
        ),
        findings=tuple(findings),
    )
