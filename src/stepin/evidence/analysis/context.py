"""What every section of the report is made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from stepin.core.facts import Chats, Column
from stepin.evidence.analysis.draws import Draws, draws
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.labels import Measure, measures
from stepin.evidence.data.covariates import KINDS, MATCHED_ON, matrix, present
from stepin.evidence.data.facts.origin import read_origin
from stepin.evidence.data.sample import Sample, SampleRows
from stepin.evidence.estimators.row_level.alone import Alone
from stepin.evidence.estimators.row_level.contrast import unit_means
from stepin.evidence.estimators.row_level.known import OutcomeCoverage, known
from stepin.trial.plan import Plan
from stepin.trial.reading import canonical, plan_hash

NEEDED: tuple[Column[Any], ...] = (
    Chats.path,
    Chats.takeover_round,
    Chats.rounds,
    Chats.human_rounds,
    Chats.ai_messages,
    Chats.worker_messages,
    Chats.worker_chars,
    Chats.worker_latency_s,
    Chats.information_seeking,
    Chats.solution_provision,
    Chats.empathy,
    Chats.proactivity,
    Chats.attention_s,
    Chats.rating_invited,
    Chats.rating,
    Chats.p_technical,
    Chats.p_emotional,
    Chats.p_requested,
    Chats.p_unaided,
)


class Context:
    """The sample with what several sections share, each computed once.

    Attributes
    ----------
    sample, plan : what is analysed.
    measures : the outcomes of the plan.
    treatment : the treated arm as the subject of a sentence.
    alone : the units, where they aren't workers.
    origin : where the facts come from, if they say so.
    plan_digest : the registered hash of the plan with its policy files, or, without them, the
        SHA-256 of the plan alone.
    """

    def __init__(
        self,
        sample: Sample,
        policies: Mapping[str, bytes] | None = None,
        alone: Alone | None = None,
    ) -> None:
        self.sample, self.alone = sample, alone
        self.plan: Plan = sample.plan
        self.plan_digest = (
            plan_hash(self.plan, policies)
            if policies
            else hashlib.sha256(canonical(self.plan).encode()).hexdigest()
        )
        self.measures: tuple[Measure, ...] = tuple(
            m for m in measures(self.plan) if sample.has(Chats, m.column)
        )
        self.origin = read_origin(sample.folder)
        self.treatment = f"the arm \u201c{sample.arm}\u201d"

    @property
    def clusters(self) -> str:
        """What errors are clustered by, in the plural: workers, customers, or groups of them."""
        if self.alone is None or not self.alone.groups:
            return f"{self.plan.unit}s"
        return f"groups of {self.plan.unit}s"

    @property
    def cluster(self) -> str:
        """What errors are clustered by, in the singular."""
        return self.plan.unit if not self.alone or not self.alone.groups else "group"

    def rng(self, purpose: str) -> np.random.Generator:
        """Return the generator of one purpose: it depends on the plan's seed and the purpose."""
        key = hashlib.sha256(purpose.encode()).digest()
        return np.random.default_rng([self.plan.seed, int.from_bytes(key[:8], "big")])

    @cached_property
    def known(self) -> dict[str, OutcomeCoverage]:
        """How far each outcome is known in the treatment period, by its term."""
        return known(self.sample, {m.term: m.of for m in self.measures})

    @cached_property
    def strata_known(self) -> bool:
        """Whether the facts say of their chats which of them the AI may handle."""
        return self.sample.filled(Chats.eligible)[1] > 0

    @cached_property
    def draws(self) -> Draws:
        """The assignments that the trial could have drawn."""
        return draws(self.sample)

    @cached_property
    def eligible(self) -> SampleRows:
        """Eligible chats of both periods with everything that row-level sections read."""
        wanted: dict[str, Column[Any]] = {}
        for column in (*NEEDED, *(m.column for m in self.measures), *self.covariates):
            if self.sample.has(Chats, column):
                wanted.setdefault(column.name, column)
        return self.sample.frame(Chats, tuple(wanted.values()), chats="eligible")

    @cached_property
    def late(self) -> SampleRows:
        """Eligible chats of the treatment period."""
        return self.eligible.where(self.eligible.after)

    @cached_property
    def covariates(self) -> tuple[Any, ...]:
        """The opening covariates that the data hold."""
        return present(self.sample, (*MATCHED_ON, *KINDS))

    @cached_property
    def x(self) -> tuple[Floats, tuple[str, ...]]:
        """The covariates of `late` with their names."""
        return matrix(self.late, self.covariates)

    def has(self, *columns: Column[Any]) -> bool:
        """Return whether the eligible chats hold a value in each of these columns."""
        values = self.eligible.values
        return all(
            c.name in values
            and (c.kind.name == "text" or bool(np.isfinite(self.eligible.number(c)).any()))
            for c in columns
        )

    def before_mean(self, y: Floats) -> Floats | None:
        """Return each unit's mean before treatment of a value of `eligible` rows."""
        rows = ~self.eligible.after
        if not rows.any():
            return None
        return unit_means(y[rows], self.eligible.unit[rows], len(self.sample.units.ids))
