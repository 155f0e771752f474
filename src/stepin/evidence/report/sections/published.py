"""Section: the results beside published ones."""

from __future__ import annotations

from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.results import Core
from stepin.evidence.base.labels import PATH_NAMES
from stepin.evidence.base.level import confidence
from stepin.evidence.base.scale import RANGE, interval, signed
from stepin.evidence.report.document import Block, Cell, Section, grid
from stepin.evidence.report.published import published, sources
from stepin.evidence.report.spec import SectionSpec

ID, TITLE = "published", "Beside published effects"


def compare(context: Context, core: Core, paths: tuple[tuple[str, str, str, str], ...]) -> Section:
    """Return the section that sets the results beside published ones.

    Parameters
    ----------
    paths : (outcome, path, effect, interval) of this trial's matched comparisons, as text.
    """
    by_path = {(o, p): (e, i) for o, p, e, i in paths}
    blocks: list[Block] = []
    for source in sources():
        rows: list[tuple[str | Cell, ...]] = []
        for effect in source.effects:
            ours = core.find(effect.outcome, effect.chats)
            here = (RANGE, RANGE)
            title, chats = effect.outcome, effect.chats
            if ours is not None:
                f = ours.finding
                here = (
                    signed(f.estimate.value, f.scale),
                    interval(f.estimate.low, f.estimate.high, f.scale),
                )
                title, chats = ours.measure.title, f.sample
            elif effect.chats in PATH_NAMES:
                name = PATH_NAMES[effect.chats]
                here = by_path.get((effect.outcome, name), here)
                found = core.find(effect.outcome, "all")
                title = found.measure.title if found else effect.outcome
                chats = f"path: {name}"
            rows.append((title, chats, *here, published(effect) or RANGE, _stars(effect.stars)))
        blocks.append(
            grid(
                f"{source.title} ({source.where})",
                ("Outcome", "Chats", "Here", f"{confidence()} interval", "Published", "Their p"),
                rows,
                text_columns=2,
                note=f"{source.setting} {source.caution}",
            )
        )
    return Section(
        id=ID,
        title=TITLE,
        lead="What others found, as published. Other workers, customers, systems and definitions: "
        "a difference from them is not an error of either.",
        blocks=tuple(blocks),
    )


def _stars(stars: str) -> str:
    return {"none": "not significant", "unstated": "not stated"}.get(stars, f"below {stars}")


def _path_texts(section: Section) -> tuple[tuple[str, str, str, str], ...]:
    return tuple(
        (
            f.outcome,
            f.term,
            signed(f.estimate.value, f.scale),
            interval(f.estimate.low, f.estimate.high, f.scale),
        )
        for f in section.findings
        if f.analysis == "paths_matched"
    )


SPEC = SectionSpec(
    id=ID,
    title=TITLE,
    make=lambda context, core, made: compare(context, core, _path_texts(made["paths"])),
)
