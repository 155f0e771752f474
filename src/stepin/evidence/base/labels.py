"""Outcomes in plain words, with the scale on which their differences are written."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from stepin.core.facts import Chats, Column
from stepin.evidence.base.arrays import Floats
from stepin.evidence.base.finding import Better
from stepin.evidence.base.scale import Scale
from stepin.evidence.base.term import Chosen
from stepin.evidence.base.term import OutcomeTerm as Term
from stepin.evidence.base.term import outcome as term_of
from stepin.trial.plan import Outcome, Plan

PATH_NAMES: Final = {
    "technical": "technical",
    "emotional": "emotional",
    "requested": "customer asked",
    "policy": "policy",
    "risk": "risk",
    "human_initiated": "worker stepped in",
    "none": "AI to the end",
}

_KNOWN: Final[dict[str, tuple[str, str, Scale, Better | None]]] = {
    "duration_s": ("time to close a chat", "Time to close", "seconds", "lower"),
    "attention_s": ("worker attention per chat", "Worker attention", "seconds", None),
    "queue_wait_s": ("the wait for a first holder", "Queue wait", "seconds", "lower"),
    "first_response_s": ("the wait for a first answer", "First answer", "seconds", "lower"),
    "rating": ("the rating", "Rating", "points", "higher"),
    "retrial_10m": ("the share coming back within 10 minutes", "Back in 10 min", "share", "lower"),
    "retrial_24h": ("the share coming back within 24 hours", "Back in 24 h", "share", "lower"),
    "retrial_3d": ("the share coming back within 3 days", "Back in 3 days", "share", "lower"),
    "retrial_7d": ("the share coming back within 7 days", "Back in 7 days", "share", "lower"),
    "rounds": ("rounds per chat", "Rounds", "count", None),
    "closing_sentiment": ("the mood at the end", "Closing mood", "count", "higher"),
}


_COVARIATES: Final = {
    "p_technical": "predicted: technical",
    "p_emotional": "predicted: emotional",
    "p_requested": "predicted: asks for a person",
    "opening_sentiment": "opening mood",
    "opening_chars": "length of the opening",
    "customer_tenure_days": "customer's tenure",
    "customer_value": "customer's value",
    "customer_prior_chats": "customer's earlier chats",
    "customer_prior_retrials": "customer's earlier returns",
    "customer_prior_rating": "customer's earlier rating",
    "worker_tenure_days": "worker's tenure",
    "worker_prior_rating": "worker's earlier rating",
    "worker_prior_duration_s": "worker's earlier duration",
    "concurrency": "worker's open chats",
    "queue_length": "length of the queue",
    "hour": "hour of the day",
    "issue_class": "issue",
    "tenure_days": "tenure",
    "pre_duration_s": "earlier duration",
    "pre_rating": "earlier rating",
    "pre_retrial_7d": "earlier returns",
    "pre_chats": "earlier chats",
}


def covariate(name: str) -> str:
    """Return a covariate in plain words: a column, or a column with one of its values."""
    column, _, value = name.partition(" ")
    said = _COVARIATES.get(column, column.replace("_", " "))
    return f"{said} {value}" if value == "unknown" else f"{said}: {value}" if value else said


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome as the report treats it.

    Attributes
    ----------
    column : the column of the chats. log : whether logarithms (of at least one unit) are compared.
    label, title : plain words inside and at the head of a sentence.
    scale : of differences. of : the outcome itself, as the cube defines it.
    minimal : the smallest effect worth knowing, in the unit of the estimate.
    """

    name: str
    column: Column[Any]
    log: bool
    label: str
    title: str
    scale: Scale
    level_scale: Scale
    of: Term
    better: Better | None = None
    minimal: float | None = None
    primary: bool = False
    chats: Chosen = "all"

    @property
    def term(self) -> str:
        """The name of the outcome on the moment cube."""
        return self.of.name

    @property
    def level(self) -> Term:
        """The same outcome as it is, without logarithms."""
        return term_of(self.column, name=self.name)  # type: ignore[arg-type]

    @property
    def sql(self) -> str:
        """The outcome as an SQL expression over `chats`, null where there is none."""
        return self.of.sql

    def values(self, raw: Floats) -> Floats:
        """Return the outcome from the column's values, NaN where there is none."""
        return self.of.values(raw)


def measure(outcome: Outcome) -> Measure:
    """Return how the report treats an outcome of the plan.

    Raises
    ------
    Missing
        ``unknown_column`` when the facts have no such column.
    """
    column = Chats.column(outcome.name)
    label, title, scale, _ = _KNOWN.get(
        outcome.name,
        (
            outcome.name.replace("_", " "),
            outcome.name.replace("_", " ").capitalize(),
            "share" if column.kind.name == "truth" else "count",
            None,
        ),
    )
    log = outcome.scale == "log"
    return Measure(
        name=outcome.name,
        column=column,
        log=log,
        label=label,
        title=title,
        scale="percent" if log else scale,
        level_scale=scale,
        of=term_of(
            column,  # type: ignore[arg-type]
            name=f"log_{outcome.name}" if log else outcome.name,
            scale="log" if log else "plain",
        ),
        better=outcome.better,
        minimal=outcome.minimal_effect,
        primary=outcome.role == "primary",
        chats=outcome.chats,
    )


def measures(plan: Plan) -> tuple[Measure, ...]:
    """Return the outcomes of a plan, one per column and scale, primary ones first."""
    found: dict[tuple[str, bool], Measure] = {}
    for outcome in sorted(plan.outcomes, key=lambda o: o.role != "primary"):
        m = measure(outcome)
        found.setdefault((m.name, m.log), m)
    return tuple(found.values())


SAMPLES: Final[dict[Chosen, str]] = {
    "all": "all chats",
    "eligible": "eligible chats",
    "ineligible": "other chats",
}
