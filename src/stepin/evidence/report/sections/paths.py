"""Section: what each path of escalation goes with, two ways, and what carries the whole."""

from __future__ import annotations

from stepin.core.facts import PATHS
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.paths import PathMix, PathOutcome, path_mix, path_outcomes
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.labels import PATH_NAMES, Measure, covariate
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import AXIS, Scale, interval, level, signed, whole
from stepin.evidence.estimators.row_level.matching import Pairs
from stepin.evidence.estimators.row_level.paths import Contribution
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
UNLIKE = Callout(
    tone="warn",
    title="Not all pairs are alike.",
    text="At least one path keeps a gap above 0.10 standard deviations after "
    "matching; read its row with more doubt.",
)


def section(context: Context) -> Section:
    """Return the section on paths.

    Raises
    ------
    Refused
        ``no_paths`` when the data hold too few chats with the AI.
    """
    mix = path_mix(context)
    found = path_outcomes(context, mix)
    return Section(
        id=ID,
        title=TITLE,
        lead=LEAD,
        blocks=(
            _mix(mix),
            *(block for o in found for block in _outcome(o)),
            _alike(mix.largest, mix.matches[mix.largest]),
            *(() if mix.alike else (UNLIKE,)),
        ),
        findings=tuple(f for o in found for f in o.findings),
    )


def _mix(mix: PathMix) -> Block:
    return grid(
        "The mix of paths",
        ("Path", "Chats", "Share", "Matched", "No alike chat", "Largest gap left"),
        [
            (
                PATH_NAMES[p],
                whole(mix.shares[p] * mix.chats),
                level(mix.shares[p], "share"),
                *_matched(mix.matches.get(p)),
            )
            for p in PATHS
            if mix.shares[p] > 0
        ],
        note="Shares of the treated arm's eligible chats. The share that an AI closes alone "
        "says nothing about whether customers were helped; read it beside rating and returns. "
        "Matched one to one without replacement, at most 0.2 standard deviations apart on the "
        "logit of the chance of the path (the caliper).",
    )


def _matched(pairs: Pairs | None) -> tuple[str, str, str]:
    if pairs is None:
        return "too few", "", ""
    return whole(pairs.focal.size), whole(pairs.unmatched), f"{_gap(pairs)[0]:.2f} SD"


def _gap(pairs: Pairs) -> tuple[float, str]:
    """Return the largest gap that matching left, in standard deviations, and where it is."""
    worst = max(pairs.balance, key=lambda b: abs(b.after))
    return abs(worst.after), covariate(worst.covariate)


def _alike(path: str, pairs: Pairs) -> Block:
    gap, worst = _gap(pairs)
    return picture(
        "love-paths",
        f"How alike the matched chats are ({PATH_NAMES[path]})",
        f"After matching the largest remaining gap is {gap:.2f} standard "
        f"deviations ({worst}); below 0.10 counts as alike.",
        love(
            [covariate(b.covariate) for b in pairs.balance],
            [b.after for b in pairs.balance],
            [b.before for b in pairs.balance],
        ),
    )


def _outcome(o: PathOutcome) -> list[Block]:
    m = o.measure
    blocks = [
        picture(
            f"paths-{m.name}",
            f"{m.title} by path, against alike chats handled by people",
            several(list(o.matched), what="paths"),
            forest([mark(f) for f in o.matched], m.scale, AXIS[m.scale]),
        ),
        _two_ways(o),
    ]
    if o.predicted:
        blocks.append(_predicted(m, o.predicted))
    if o.parts:
        blocks.append(_contributions(m, o.parts))
    return blocks


def _two_ways(o: PathOutcome) -> Block:
    scale = o.measure.scale
    return grid(
        f"{o.measure.title}: two ways of finding the right comparison",
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
                signed(r.estimate.value, scale),
                interval(r.estimate.low, r.estimate.high, scale),
                f"{r.gamma:.2f}",
                *_by_score(o.principal.get(p), scale),
            )
            for p, r in o.pairs.items()
        ],
        note="Matched: each chat beside one alike at opening. By score: control chats weighted "
        "by the path predicted at opening. \u0393: by how much something unrecorded would have "
        "to change the odds of the path to explain the difference away (1 = nothing needed).",
    )


def _by_score(found: Finding | None, scale: Scale) -> tuple[str, str]:
    if found is None:
        return "no score", ""
    e = found.estimate
    return signed(e.value, scale), interval(e.low, e.high, scale)


def _predicted(m: Measure, found: tuple[Finding, ...]) -> Block:
    return picture(
        f"predicted-{m.name}",
        f"{m.title} by the path predicted at opening (randomized)",
        several(list(found), what="predicted paths")
        + " Both arms are scored at opening, so these are effects of the arm; they tell "
        "apart chats that looked likely to go a way, not chats that went it.",
        forest([mark(f) for f in found], m.scale, AXIS[m.scale]),
    )


def _contributions(m: Measure, found: tuple[Contribution, ...]) -> Block:
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


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
