"""Section: what each path of escalation goes with, two ways, and what carries the whole."""

from __future__ import annotations

import msgspec
import numpy as np

from stepin.core.facts import PATHS, Chats
from stepin.errors import Refused, StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.arrays import Bools
from stepin.evidence.base.estimate import Design, Estimate
from stepin.evidence.base.finding import Finding, counted
from stepin.evidence.base.labels import PATH_NAMES, Measure, covariate
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import AXIS, Scale, interval, level, signed, whole
from stepin.evidence.estimators.row_level.matching import Pairs, match
from stepin.evidence.estimators.row_level.paths import (
    Contribution,
    MatchedPairs,
    contributions,
    matched_difference,
    predicted_difference,
    principal_difference,
)
from stepin.evidence.report.document import Block, Callout, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.figures.love import love
from stepin.evidence.report.figures.spread import parts
from stepin.evidence.report.picture import picture
from stepin.evidence.report.reading import several
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "paths", "Which way the chats went"
LEAD = (
    "Some AI chats were escalated for a technical reason, some for an emotional one, some because "
    "a worker stepped in unasked; others stayed with the AI to the end. Nobody drew these paths at "
    "random, so the comparisons here are adjusted, not randomized."
)
FEWEST = 60


SCORES = {
    "technical": Chats.p_technical,
    "emotional": Chats.p_emotional,
    "requested": Chats.p_requested,
    "none": Chats.p_unaided,
}


def _matches(context: Context, path: np.ndarray, known: Bools) -> dict[str, Pairs]:
    """Return the pairs of each path among the rows whose outcome is known."""
    late = context.late
    x, names = context.x
    found: dict[str, Pairs] = {}
    for name in PATHS:
        focal = late.treated & (path == name) & known
        if focal.sum() < FEWEST:
            continue
        rows = focal | (~late.treated & known)
        place = np.flatnonzero(rows)
        try:
            pairs = match(focal[rows], x[rows], names)
        except Refused:
            continue
        found[name] = msgspec.structs.replace(
            pairs, focal=place[pairs.focal], partner=place[pairs.partner]
        )
    return found


def _finding(
    m: Measure, path: str, e: Estimate, analysis: str, design: Design = "adjusted"
) -> Finding:
    return Finding(
        analysis=analysis,
        outcome=m.name,
        label=m.label,
        sample="AI chats" if design == "adjusted" else "eligible chats likely to go this way",
        term=PATH_NAMES[path],
        against="chats handled by people that looked alike at opening",
        design=design,
        scale=m.scale,
        estimate=e,
        better=m.better,
    )


def _scored(
    context: Context, m: Measure, path: np.ndarray
) -> tuple[dict[str, Finding], dict[str, Finding]]:
    """Return per path the principal-score difference, and the randomized predicted one."""
    late = context.late
    y = m.values(late.number(m.column))
    x, _ = context.x
    principal: dict[str, Finding] = {}
    predicted: dict[str, Finding] = {}
    for name, column in SCORES.items():
        if not context.has(column):
            continue
        score = late.number(column)
        rows = np.isfinite(y) & np.isfinite(score)
        took = late.treated & (path == name)
        if (took & rows).sum() < FEWEST or score[rows].std() == 0:
            continue
        unit, day = late.unit[rows], late.day[rows]
        side = late.treated[rows]
        principal[name] = _finding(
            m,
            name,
            principal_difference(
                y[rows], side, took[rows], score[rows], unit=unit, day=day, controls=x[rows]
            ),
            "paths_principal",
        )
        predicted[name] = _finding(
            m,
            name,
            predicted_difference(y[rows], side, score[rows], unit=unit, day=day),
            "paths_predicted",
            "randomized",
        )
    return principal, predicted


def _contribution_block(m: Measure, found: tuple[Contribution, ...]) -> Block:
    scale: Scale = "log" if m.scale == "percent" else m.scale
    total = sum(c.contribution.value for c in found)
    leading = max(found, key=lambda c: c.contribution.value * (1 if total > 0 else -1))
    summed = signed(total, m.scale)
    if scale != m.scale:
        summed += f" ({signed(total, scale)} in logarithms, which add up)"
    text = (
        f"The paths add up to {summed}. The largest part in that direction, "
        f"{signed(leading.contribution.value, scale)}, comes with "
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
            scale,
            AXIS[scale],
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
    every = np.ones(len(late), dtype=np.bool_)
    matches = _matches(context, path, every)
    if not matches:
        raise Refused("No path has enough chats to compare.", code="no_paths")
    blocks: list[Block] = []
    findings: list[Finding] = []
    shares = {p: float((path[late.treated] == p).mean()) for p in PATHS}
    blocks.append(
        grid(
            "The mix of paths",
            ("Path", "Chats", "Share", "Matched", "No alike chat", "Largest gap left"),
            [
                (
                    PATH_NAMES[p],
                    whole(shares[p] * chats),
                    level(shares[p], "share"),
                    whole(matches[p].focal.size) if p in matches else "too few",
                    whole(matches[p].unmatched) if p in matches else "",
                    f"{_gap(matches[p])[0]:.2f} SD" if p in matches else "",
                )
                for p in PATHS
                if shares[p] > 0
            ],
            note="Shares of the treated arm's eligible chats. The share that an AI closes alone "
            "says nothing about whether customers were helped; read it beside rating and returns. "
            "Matched one to one without replacement, at most 0.2 standard deviations apart on the "
            "logit of the chance of the path (the caliper).",
        )
    )
    for m in context.measures:
        known = np.isfinite(m.values(late.number(m.column)))
        pairs_of = matches if known.mean() > 0.9 else _matches(context, path, known)
        _outcome(context, m, path, pairs_of, shares, blocks, findings)
    largest = max(matches, key=lambda p: matches[p].focal.size)
    pairs = matches[largest]
    gap, worst = _gap(pairs)
    blocks.append(
        picture(
            "love-paths",
            f"How alike the matched chats are ({PATH_NAMES[largest]})",
            f"After matching the largest remaining gap is {gap:.2f} standard "
            f"deviations ({worst}); below 0.10 counts as alike.",
            love(
                [covariate(b.covariate) for b in pairs.balance],
                [b.after for b in pairs.balance],
                [b.before for b in pairs.balance],
            ),
        )
    )
    if any(abs(b.after) > 0.1 for q in matches.values() for b in q.balance):
        blocks.append(
            Callout(
                tone="warn",
                title="Not all pairs are alike.",
                text="At least one path keeps a gap above 0.10 standard deviations after "
                "matching; read its row with more doubt.",
            )
        )
    return Section(id=ID, title=TITLE, lead=LEAD, blocks=tuple(blocks), findings=tuple(findings))


def _gap(pairs: Pairs) -> tuple[float, str]:
    """Return the largest gap that matching left, in standard deviations, and where it is."""
    worst = max(pairs.balance, key=lambda b: abs(b.after))
    return abs(worst.after), covariate(worst.covariate)


def _outcome(
    context: Context,
    m: Measure,
    path: np.ndarray,
    matches: dict[str, Pairs],
    shares: dict[str, float],
    blocks: list[Block],
    findings: list[Finding],
) -> None:
    """Add the blocks and findings of one outcome."""
    late = context.late
    x, _ = context.x
    y = m.values(late.number(m.column))
    matched: dict[str, MatchedPairs] = {}
    for p, pairs in matches.items():
        try:
            matched[p] = matched_difference(y, pairs, x, unit=late.unit, day=late.day)
        except StepinError:
            continue
    if not matched:
        return
    here = counted([_finding(m, p, r.estimate, "paths_matched") for p, r in matched.items()])
    blocks.append(
        picture(
            f"paths-{m.name}",
            f"{m.title} by path, against alike chats handled by people",
            several(here, what="paths"),
            forest([mark(f) for f in here], m.scale, AXIS[m.scale]),
        )
    )
    principal, predicted = _scored(context, m, path)

    def cells(found: Finding | None) -> tuple[str, str]:
        if found is None:
            return "no score", ""
        e = found.estimate
        return signed(e.value, m.scale), interval(e.low, e.high, m.scale)

    blocks.append(
        grid(
            f"{m.title}: two ways of finding the right comparison",
            (
                "Path",
                "Pairs",
                "Matched",
                f"{confidence()} interval",
                "\u0393",
                "By score",
                f"{confidence()} interval",
            ),
            [
                (
                    PATH_NAMES[p],
                    whole(r.pairs),
                    signed(r.estimate.value, m.scale),
                    interval(r.estimate.low, r.estimate.high, m.scale),
                    f"{r.gamma:.2f}",
                    *cells(principal.get(p)),
                )
                for p, r in matched.items()
            ],
            note="Matched: each chat beside one alike at opening. By score: control chats weighted "
            "by the path predicted at opening. \u0393: by how much something unrecorded would have "
            "to change the odds of the path to explain the difference away (1 = nothing needed).",
        )
    )
    if predicted:
        predicted = dict(zip(predicted, counted(list(predicted.values())), strict=True))
        rows = list(predicted.values())
        blocks.append(
            picture(
                f"predicted-{m.name}",
                f"{m.title} by the path predicted at opening (randomized)",
                several(rows, what="predicted paths")
                + " Both arms are scored at opening, so these are effects of the arm; they tell "
                "apart chats that looked likely to go a way, not chats that went it.",
                forest([mark(f) for f in rows], m.scale, AXIS[m.scale]),
            )
        )
    findings += [*here, *principal.values(), *predicted.values()]
    if len(matched) > 1:
        estimates = {p: r.estimate for p, r in matched.items()}
        parts_ = contributions({p: shares[p] for p in matched}, estimates, int(late.treated.sum()))
        blocks.append(_contribution_block(m, parts_))
        findings += [_finding(m, c.path, c.contribution, "path_contribution") for c in parts_]


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
