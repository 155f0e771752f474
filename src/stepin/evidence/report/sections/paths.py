"""Section: what each path of escalation goes with, two ways, and what carries the whole."""

from __future__ import annotations

import numpy as np

from stepin.core.facts import PATHS, Chats
from stepin.errors import Refused, StepinError
from stepin.evidence.report.context import Context, picture
from stepin.evidence.report.document import Block, Callout, Cell, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.figures.love import love
from stepin.evidence.report.figures.spread import parts
from stepin.evidence.report.finding import Finding
from stepin.evidence.report.labels import PATH_NAMES, Measure
from stepin.evidence.report.reading import several
from stepin.evidence.report.scale import AXIS, interval, level, signed, whole
from stepin.evidence.rows.arrays import Bools
from stepin.evidence.rows.estimate import Estimate
from stepin.evidence.rows.matching import Pairs, match
from stepin.evidence.rows.paths import (
    Contribution,
    contributions,
    matched_difference,
    predicted_difference,
)

ID, TITLE = "paths", "Which way the chats went"
LEAD = (
    "Some AI chats were escalated for a technical reason, some for an emotional one, some because "
    "a worker stepped in unasked; others stayed with the AI to the end. Nobody drew these paths at "
    "random, so the comparisons here are adjusted, not randomized."
)
FEWEST = 60


def _matches(context: Context, path: np.ndarray) -> dict[str, tuple[Pairs, Bools]]:
    late = context.late
    x, names = context.x
    found: dict[str, tuple[Pairs, Bools]] = {}
    for name in PATHS:
        focal = late.treated & (path == name)
        if focal.sum() < FEWEST:
            continue
        rows = focal | ~late.treated
        place = np.flatnonzero(rows)
        try:
            pairs = match(focal[rows], x[rows], names)
        except Refused:
            continue
        found[name] = (
            Pairs(
                focal=place[pairs.focal],
                partner=place[pairs.partner],
                unmatched=pairs.unmatched,
                caliper=pairs.caliper,
                balance=pairs.balance,
            ),
            focal,
        )
    return found


def _finding(context: Context, m: Measure, path: str, e: Estimate, analysis: str) -> Finding:
    return Finding(
        analysis=analysis,
        outcome=m.name,
        label=m.label,
        sample="AI chats",
        term=PATH_NAMES[path],
        design="adjusted",
        scale=m.scale,
        estimate=e,
        better=m.better,
    )


def _predicted(context: Context, m: Measure) -> list[Finding]:
    late = context.late
    y = m.values(late.number(m.column))
    scores = {
        "technical": Chats.p_technical,
        "emotional": Chats.p_emotional,
        "requested": Chats.p_requested,
        "none": Chats.p_unaided,
    }
    found = []
    for path, column in scores.items():
        if not context.has(column):
            continue
        score = late.number(column)
        rows = np.isfinite(y) & np.isfinite(score)
        if not rows.any() or score[rows].sum() < FEWEST or score[rows].std() == 0:
            continue
        e = predicted_difference(
            y[rows], late.treated[rows], score[rows], unit=late.unit[rows], day=late.day[rows]
        )
        found.append(_finding(context, m, path, e, "paths_predicted"))
    return found


def _contribution_block(context: Context, m: Measure, found: tuple[Contribution, ...]) -> Block:
    total = sum(c.contribution.value for c in found)
    leading = max(found, key=lambda c: c.contribution.value * (1 if total > 0 else -1))
    text = (
        f"The paths add up to {signed(total, m.scale)}. The largest part in that direction, "
        f"{signed(leading.contribution.value, m.scale)}, comes with "
        f"\u201c{PATH_NAMES[leading.path]}\u201d, which is {level(leading.share, 'share')} of AI "
        "chats. Shares times adjusted differences: a sum, not an experiment."
    )
    return picture(
        f"contribution-{m.name}",
        f"{m.title}: what each path adds to the whole",
        text,
        parts(
            [PATH_NAMES[c.path] for c in found],
            [c.contribution.value for c in found],
            m.scale,
            f"contribution to the difference in {m.label}",
        ),
    )


def section(context: Context) -> Section:
    """Return the section on paths.

    Raises
    ------
    Refused
        ``no_paths`` when the data hold too few chats with the AI.
    """
    late = context.late
    if not context.has(Chats.path):
        raise Refused("The chats have no path.", code="no_paths")
    path = np.asarray(late.text(Chats.path))
    chats = int(late.treated.sum())
    matches = _matches(context, path)
    if not matches:
        raise Refused("No path has enough chats to compare.", code="no_paths")
    blocks: list[Block] = []
    findings: list[Finding] = []
    shares = {p: float((path[late.treated] == p).mean()) for p in PATHS}
    blocks.append(
        grid(
            "The mix of paths",
            ("Path", "Chats", "Share", "Matched", "No alike chat"),
            [
                (
                    PATH_NAMES[p],
                    whole(shares[p] * chats),
                    level(shares[p], "share"),
                    whole(matches[p][0].focal.size) if p in matches else "too few",
                    whole(matches[p][0].unmatched) if p in matches else "",
                )
                for p in PATHS
                if shares[p] > 0
            ],
            note="Shares of the treated arm's eligible chats. The share that an AI closes alone "
            "says nothing about whether customers were helped; read it beside rating and returns.",
        )
    )
    x, _ = context.x
    for m in context.measures:
        y = m.values(late.number(m.column))
        matched: dict[str, Estimate] = {}
        rows: list[tuple[str | Cell, ...]] = []
        here: list[Finding] = []
        for p, (pairs, _) in matches.items():
            try:
                result = matched_difference(y, pairs, x, unit=late.unit, day=late.day)
            except StepinError:
                continue
            matched[p] = result.estimate
            f = _finding(context, m, p, result.estimate, "paths_matched")
            here.append(f)
            e = result.estimate
            rows.append(
                (
                    PATH_NAMES[p],
                    whole(result.pairs),
                    signed(e.value, m.scale),
                    interval(e.low, e.high, m.scale),
                    f"{result.gamma:.2f}",
                )
            )
        if not here:
            continue
        blocks.append(
            picture(
                f"paths-{m.name}",
                f"{m.title} by path, against alike chats handled by people",
                several(here, what="paths"),
                forest([mark(f) for f in here], m.scale, AXIS[m.scale]),
            )
        )
        predicted = _predicted(context, m)
        by_name = {f.term: f for f in predicted}
        blocks.append(
            grid(
                f"{m.title}: matched pairs, and weights by the path predicted at opening",
                ("Path", "Pairs", "Matched", "95% interval", "\u0393", "Predicted", "95% interval"),
                [
                    (
                        *r,
                        signed(by_name[r[0]].estimate.value, m.scale) if r[0] in by_name else "",
                        interval(by_name[r[0]].estimate.low, by_name[r[0]].estimate.high, m.scale)
                        if r[0] in by_name
                        else "no score",
                    )
                    for r in ((str(r[0]), *r[1:]) for r in rows)
                ],
                note="\u0393: by how much something unrecorded would have to change the odds of "
                "the path to explain the difference away (1 = nothing needed).",
            )
        )
        findings += here + predicted
        if len(matched) > 1:
            whole_ = contributions({p: shares[p] for p in matched}, matched, chats)
            blocks.append(_contribution_block(context, m, whole_))
            findings += [
                _finding(context, m, c.path, c.contribution, "path_contribution") for c in whole_
            ]
    largest = max(matches, key=lambda p: matches[p][0].focal.size)
    pairs = matches[largest][0]
    worst = max(pairs.balance, key=lambda b: abs(b.after))
    blocks.append(
        picture(
            "love-paths",
            f"How alike the matched chats are ({PATH_NAMES[largest]})",
            f"After matching the largest remaining gap is {abs(worst.after):.2f} standard "
            f"deviations ({worst.covariate.replace('_', ' ')}); below 0.10 counts as alike.",
            love(
                [b.covariate.replace("_", " ") for b in pairs.balance],
                [b.after for b in pairs.balance],
                [b.before for b in pairs.balance],
            ),
        )
    )
    if any(abs(b.after) > 0.1 for q, _ in matches.values() for b in q.balance):
        blocks.append(
            Callout(
                tone="warn",
                title="Not all pairs are alike.",
                text="At least one path keeps a gap above 0.10 standard deviations after "
                "matching; read its row with more doubt.",
            )
        )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))
