"""Section: whether the arms were alike before treatment."""

from __future__ import annotations

import numpy as np

from stepin.evidence.analysis.balance import compared
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.estimate import from_se
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.scale import level, probability, whole
from stepin.evidence.report.document import Section, grid
from stepin.evidence.report.figures.love import love
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "balance", "Were the arms alike before?"
LEAD = (
    "What was known of the workers before the trial, by arm, judged against the assignments that "
    "the design could have drawn instead."
)


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


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
