"""Every section of the report, in the order in which they stand. A new one is a line here."""

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
    outlook,
    paths,
    prompts,
    ratings,
    robustness,
    splits,
    timing,
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
    outlook.TOGETHER,
    outlook.POWER,
    outlook.PUBLISHED,
)
