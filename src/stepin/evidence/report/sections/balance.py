"""Section: whether the arms were alike before treatment."""

from __future__ import annotations

import numpy as np

from stepin.evidence.analysis.balance import compared
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.estimate import from_se
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.scale import level, probability, whole
from stepin.evidence.report.document import Block, Section, grid
from stepin.evidence.report.figures.love import love
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_context, worded
from stepin.trial.balance import Balance, Row

ID, TITLE = "balance", "Were the arms alike before?"
LEAD = (
    "What was known of the {units} before the trial, by arm, judged against the assignments that "
    "the design could have drawn instead."
)


def section(context: Context) -> Section:
    """Return the section on balance.

    Raises
    ------
    Refused
        ``no_covariates`` when nothing is known of the units before.
    """
    found = compared(context.sample, context.draws)
    rows = [r for r in found.rows if r.arm == context.sample.arm]
    return Section(
        id=ID,
        title=TITLE,
        lead=worded(LEAD, context),
        blocks=(_figure(found, rows), _table(found, rows, context.clusters)),
        findings=tuple(_finding(r, context.clusters) for r in rows),
    )


def _finding(r: Row, clusters: str) -> Finding:
    return Finding(
        analysis="balance",
        outcome=r.covariate,
        label=r.covariate,
        sample=f"{clusters} before the trial",
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


def _figure(found: Balance, rows: list[Row]) -> Block:
    outside = "; ".join(r.covariate for r in rows if abs(r.standardized) > r.band)
    return picture(
        "balance",
        "How far apart the arms were before",
        (
            f"Outside the design's own 95% band: {outside}"
            if outside
            else "No covariate lies outside the band of what the design itself produces"
        )
        + f"; all together, {level(found.joint_p, 'share')} of the assignments that could "
        "have been drawn are as far apart or farther. Shaded: each covariate's own band.",
        love(
            [r.covariate for r in rows],
            [r.standardized for r in rows],
            None,
            bands=[r.band for r in rows],
        ),
    )


def _table(found: Balance, rows: list[Row], clusters: str) -> Block:
    return grid(
        f"{clusters.capitalize()} before the trial",
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
        f"{whole(found.repetitions)} replayed assignments: p = "
        f"{probability(found.joint_p)}.",
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
