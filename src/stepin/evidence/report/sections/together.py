"""Section: what the difference goes together with, as a description."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.mediation import Together, together
from stepin.evidence.base.scale import AXIS, signed
from stepin.evidence.report.document import Block, Callout, Section
from stepin.evidence.report.figures.spread import parts
from stepin.evidence.report.picture import picture
from stepin.evidence.report.spec import SectionSpec, from_context

ID, TITLE = "together", "What the difference goes together with"
CAUTION = Callout(
    tone="warn",
    title="Not a mechanism.",
    text="Holding later steps equal is not an experiment. To learn how an effect "
    "comes about, draw the step itself at random in the next trial.",
)
UNTOLD = (
    " The parts are far larger than the whole and of opposite sign: these steps come together, and "
    "the data can't tell them apart."
)


def section(context: Context) -> Section:
    """Return the section that describes what the difference goes together with.

    Raises
    ------
    Refused
        ``no_steps`` when the data hold no later steps.
    """
    found = together(context)
    return Section(
        id=ID,
        title=TITLE,
        lead="A description in figures, given without intervals on purpose.",
        blocks=(CAUTION, *map(_figure, found)),
        findings=tuple(f for t in found for f in t.findings),
    )


def _figure(t: Together) -> Block:
    return picture(
        f"together-{t.measure.name}",
        f"{t.measure.title}: what the difference goes together with",
        _sentence(t),
        parts(
            [term for term, _ in t.parts],
            [value for _, value in t.parts],
            t.scale,
            AXIS[t.scale],
        ),
    )


def _sentence(t: Together) -> str:
    summed = ". "
    if t.scale == "log":
        summed = f", which add up to {signed(t.whole, t.scale)} as differences of logarithms. "
    return (
        f"The whole difference of {signed(t.whole, t.measure.scale)} splits into the parts "
        f"shown{summed}These steps came after the draw and weren't drawn themselves: this "
        "describes and does not say by which road anything came." + (UNTOLD if t.untold else "")
    )


SPEC = SectionSpec(id=ID, title=TITLE, make=from_context(section))
