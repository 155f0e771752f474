"""Every section of the report, in the order in which they stand. To add one, add a line."""

from __future__ import annotations

from typing import Final

from stepin.evidence.report.sections import (
    attention,
    balance,
    effects,
    effort,
    ledger,
    looks,
    net,
    paths,
    power,
    prompts,
    published,
    ratings,
    robustness,
    splits,
    timing,
    together,
    trust,
)
from stepin.evidence.report.spec import SectionSpec

SECTIONS: Final[tuple[SectionSpec, ...]] = (
    ledger.SPEC,
    trust.DESIGN,
    trust.HEALTH,
    balance.SPEC,
    effects.MAIN,
    net.SPEC,
    effects.DAYS,
    looks.SPEC,
    paths.SPEC,
    effort.SPEC,
    timing.SPEC,
    prompts.SPEC,
    ratings.SPEC,
    attention.SPEC,
    splits.SPEC,
    robustness.SPEC,
    together.SPEC,
    power.SPEC,
    published.SPEC,
)
