"""Section: whether the effect differs between groups that the plan named in advance."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.splits import SplitTest, split_tests, tested
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import AXIS, interval, probability, signed, stated
from stepin.evidence.report.document import Block, Section, grid
from stepin.evidence.report.figures.forest import forest, mark
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "splits", "For whom"
LEAD = (
    "The randomized effect inside groups that the plan named before the trial began, with one "
    "test a split that all its groups share one effect, adjusted for the number of tests."
)


def section(context: Context) -> Section:
    """Return the section on groups, on eligible chats.

    Every split of the first outcome is drawn; of the others only those whose groups differ.

    Raises
    ------
    Refused
        ``no_splits`` when the plan names none.
    """
    found = split_tests(context)
    first = tested(context)[0]
    return Section(
        id=ID,
        title=TITLE,
        lead=LEAD,
        blocks=(
            *(_figure(s) for s in found if s.measure is first or s.different),
            _table(found, context.cluster),
        ),
        findings=tuple(f for s in found for f in (*s.effects, s.gap)),
    )


def _sentence(s: SplitTest) -> str:
    if s.family_p is None:
        return "Whether the groups differ can't be tested: too few units in one of them."
    if s.different:
        return f"The effect differs between the groups (adjusted {stated(s.family_p)})."
    return (
        "No clear difference between the groups: they may all share one effect "
        f"(adjusted {stated(s.family_p)})."
    )


def _figure(s: SplitTest) -> Block:
    m = s.measure
    return picture(
        f"split-{s.column}-{m.name}",
        f"{m.title} by {s.split}",
        _sentence(s),
        forest(
            [mark(f, group) for f, group in zip(s.effects, s.groups, strict=True)],
            m.scale,
            AXIS[m.scale],
        ),
    )


def _table(found: tuple[SplitTest, ...], cluster: str) -> Block:
    return grid(
        "Tests of the splits",
        (
            "Split",
            "Outcome",
            "Groups",
            "Last \u2212 first",
            f"{confidence()} interval",
            "p",
            "p, all",
        ),
        [_row(s) for s in found],
        text_columns=2,
        note="p: joint test that all groups of a split share one effect (Hotelling's T\u00b2); "
        "\u201cp, all\u201d counts the rows of this table in (Holm). Numbers are split into "
        "thirds, and only for them is the last group minus the first of interest. Errors "
        f"clustered by {cluster}.",
    )


def _row(s: SplitTest) -> tuple[str, ...]:
    e, scale = s.gap.estimate, s.measure.scale
    ends = (signed(e.value, scale), interval(e.low, e.high, scale))
    return (
        s.split,
        s.measure.title,
        str(len(s.groups)),
        *(ends if s.ordered else ("", "")),
        probability(s.p),
        probability(s.family_p),
    )


SPEC = SectionSpec(id=ID, title=TITLE, lead=LEAD, make=from_context(section))
