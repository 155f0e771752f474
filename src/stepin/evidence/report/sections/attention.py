"""Section: how workers divide their attention, and whether one arm's load reaches the other."""

from __future__ import annotations

from stepin.errors import Refused
from stepin.evidence.analysis.attention import AttentionContrast, LoadByArm, load, on_chats
from stepin.evidence.analysis.context import Context
from stepin.evidence.base.finding import Finding
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import interval, level, probability, signed
from stepin.evidence.estimators.row_level.interference import InterferenceDraws
from stepin.evidence.report.document import Block, Callout, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.reading import several
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "attention", "Attention on other chats, and load"
LEAD = (
    "The AI never touches the other chats of a treated worker, so differences there are effects of "
    "being in the arm on how a worker works. Below, signs of whether one arm's load reaches the "
    "other."
)
LEAD_ALONE = (
    "Both arms' chats go to the same workers, so the AI can't change how a worker works on one "
    "arm's other chats alone: differences there are chance, or a sign that more differs than the "
    "plan says."
)
FREED = "mean_concurrency"
"""Falls where the AI holds some of an arm's chats: no sign by itself that the arms touch."""
NO_FOCUS = Callout(
    tone="warn",
    title="No focus data.",
    text="These facts hold no focus times, so attention on other chats can't be told.",
)
TOUCHING = Callout(
    tone="warn",
    title="The arms may touch.",
    text="Chats or hours differ between arms. All workers draw from one queue, so part "
    "of the differences elsewhere may come from load; a switchback or pool-level trial "
    "would tell.",
)


def section(context: Context) -> Section:
    """Return the section on attention and interference.

    Raises
    ------
    Refused
        ``no_attention`` when the data hold neither.
    """
    chats, loads = on_chats(context), load(context)
    findings = [c.finding for c in (*chats, *(loads.measures if loads else ()))]
    if not findings:
        raise Refused("The data hold neither focus times nor worker days.", code="no_attention")
    return Section(
        id=ID,
        title=TITLE,
        lead=LEAD if context.alone is None else LEAD_ALONE,
        blocks=(
            _on_chats(chats, context.cluster) if chats else NO_FOCUS,
            *(_load(loads, context.plan.routing.owner) if loads else ()),
        ),
        findings=tuple(findings),
    )


def _on_chats(found: tuple[AttentionContrast, ...], cluster: str) -> Block:
    return grid(
        "Other chats: what supervising does to attention",
        ("Measure", "Control", "Difference", f"{confidence()} interval", "p", "p, all"),
        [
            (
                *_measured(c),
                probability(c.finding.estimate.p),
                probability(c.finding.family_p),
            )
            for c in found
        ],
        note=f"Randomized; chats weighted alike, the {cluster}'s own mean before held; "
        "\u201cp, all\u201d counts the rows in (Holm). "
        + several([c.finding for c in found], what="measures"),
    )


def _measured(c: AttentionContrast) -> tuple[str, str, str, str]:
    f, e = c.finding, c.finding.estimate
    return (
        f.label[:1].upper() + f.label[1:],
        level(c.control_mean, f.scale),
        signed(e.value, f.scale),
        interval(e.low, e.high, f.scale),
    )


def touching(loads: list[Finding]) -> list[Finding]:
    """Return the measures of load that differ between arms without the AI holding chats."""
    return [f for f in loads if f.clear and f.outcome != FREED]


def _load(found: LoadByArm, rule: str) -> list[Block]:
    here = [c.finding for c in found.measures]
    moved = touching(here)
    blocks = [_by_arm(found, rule)]
    # One axis carries one unit: times signed on stand in the table alone.
    counts = [f for f in here if f.scale == "count"]
    if len(counts) > 1:
        blocks.append(_figure(counts, touch=bool(moved)))
    if moved:
        blocks.append(TOUCHING)
    return blocks


def _by_arm(found: LoadByArm, rule: str) -> Block:
    return grid(
        "Load by arm",
        (
            "Measure",
            "Control",
            "Difference",
            f"{confidence()} interval",
            "Controls, after minus before",
        ),
        [
            (
                *_measured(c),
                "" if c.control_shift is None else signed(c.control_shift, c.finding.scale),
            )
            for c in found.measures
        ],
        note=f"Owners are drawn by the rule \u201c{rule.replace('_', ' ')}\u201d. "
        f"{_owners(found.draws)} Chats that the AI holds are not in human hands: fewer there is "
        "what freeing workers looks like, not a sign that the arms touch.",
    )


def _owners(draws: InterferenceDraws) -> str:
    if draws.expected_share is None:
        return "Of chats with a logged draw, none: the draw of owners can't be checked."
    return (
        f"Of chats with a logged draw, {level(draws.observed_share, 'share')} went to treated "
        f"workers against {level(draws.expected_share, 'share')} by the rule "
        f"(p = {probability(draws.p)})."
    )


def _figure(counts: list[Finding], *, touch: bool) -> Block:
    return picture(
        "load",
        "Load by arm",
        several(counts, what="measures of load")
        + (
            " Where chats or hours differ, the difference between arms is not the "
            "effect of treating everybody."
            if touch
            else " Equal chats and hours are a good sign, not a proof that the arms don't touch."
        ),
        forest([mark(f) for f in counts], "count", "treated minus control"),
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
