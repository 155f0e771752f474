"""What an analysis may ask of a chat: outcomes and controls, each an SQL expression over `chats`.

This is the one definition of an outcome: the cube, the means by day and the rows all take it from
here. A chat without the value has no outcome, in every engine: nothing here hands a null to a
function that may ignore it, as ``GREATEST`` does in some.

The expressions are the common part of DuckDB and PostgreSQL. A control is made from a column that
is fixed before treatment, by type; nothing else can become one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from stepin.core.facts import After, Before, Chats, Column
from stepin.errors import Missing

Scale = Literal["plain", "log"]
Chosen = Literal["all", "eligible", "ineligible"]
"""Which chats a number is taken over."""
LEAST = 1.0
"""A logarithm is taken of at least so many units."""


@dataclass(frozen=True, slots=True)
class Term:
    """A number per chat.

    Attributes
    ----------
    name : in results.
    sql : a double-precision expression over the columns of `chats`.
    columns : the columns it reads.
    needs : those of them without which a chat isn't in its sample.
    """

    name: str
    sql: str
    columns: tuple[Column[object], ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeTerm(Term):
    """A number that treatment may move.

    Attributes
    ----------
    unit : of the effect: ``log``, ``points``, ``share``, ``s`` and so on.
    raised : a condition: the value lies below what the logarithm takes it for; empty if none may.
    """

    unit: str = ""
    raised: str = ""

    def values(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what `sql` gives for these values of the column; NaN stands for none."""
        if not self.raised:
            return raw
        known = np.isfinite(raw)
        out = np.full(raw.shape, np.nan)
        out[known] = np.log(np.maximum(raw[known], LEAST))
        return out


@dataclass(frozen=True, slots=True)
class Control(Term):
    """A number that treatment can't have moved; see `control`."""


def _double(column: Column[object]) -> str:
    whole = f"CAST({column.name} AS INTEGER)" if column.kind.name == "truth" else column.name
    return f"CAST({whole} AS DOUBLE PRECISION)"


def outcome(
    column: After[Any], *, name: str = "", scale: Scale = "plain", unit: str = ""
) -> OutcomeTerm:
    """Return `column` as an outcome; ``log`` takes the log of at least one unit.

    A chat without a value in the column isn't in the outcome's sample, whatever the schema says
    of the column.
    """
    number, raised = _double(column), ""
    sql = number
    if scale == "log":
        raised = f"{number} < {LEAST!r}"
        sql = f"CASE WHEN {raised} THEN 0.0 ELSE LN({number}) END"
    return OutcomeTerm(
        name or column.name, sql, (column,), (column.name,), unit or column.unit, raised
    )


def is_value(column: After[str], value: str, *, name: str = "") -> OutcomeTerm:
    """Return whether `column` has that value, as an outcome of 0 or 1."""
    quoted = value.replace("'", "''")
    same = f"{column.name} = '{quoted}'"
    sql = f"CASE WHEN {same} THEN 1.0 WHEN NOT ({same}) THEN 0.0 END"
    return OutcomeTerm(
        name or f"{column.name}_{value}",
        f"CAST({sql} AS DOUBLE PRECISION)",
        (column,),
        (column.name,),
    )


def control(
    column: Before[float], *, scale: Scale = "plain", gaps: bool | None = None
) -> tuple[Control, ...]:
    """Return `column` as controls: itself, and whether it is missing where it may be.

    A missing value stands as 0 beside its own indicator, so that no chat leaves the sample;
    ``log`` takes ``ln(1 + x)``.

    Parameters
    ----------
    gaps : whether values are missing; by default whether the schema lets them be.
    """
    missing = column.optional if gaps is None else gaps
    number = f"COALESCE({_double(column)}, 0.0)"
    name = column.name
    if scale == "log":
        name, number = f"log_{name}", f"LN(1.0 + GREATEST({number}, 0.0))"
    terms = (Control(name, number, (column,)),)
    if not missing:
        return terms
    absent = f"CASE WHEN {column.name} IS NULL THEN 1.0 ELSE 0.0 END"
    absent = f"CAST({absent} AS DOUBLE PRECISION)"
    return (*terms, Control(f"no_{column.name}", absent, (column,)))


def _answered() -> OutcomeTerm:
    sql = "CAST(CASE WHEN rating IS NULL THEN 0.0 ELSE 1.0 END AS DOUBLE PRECISION)"
    return OutcomeTerm("answered", sql, (Chats.rating,), (), "share")


def counted() -> OutcomeTerm:
    """Return a term that every chat has: what keeps the sample of all chats with none other."""
    return OutcomeTerm("chat", "CAST(1 AS DOUBLE PRECISION)", (Chats.day,), (), "share")


OUTCOMES: Final[tuple[OutcomeTerm, ...]] = (
    outcome(Chats.duration_s, name="log_duration", scale="log", unit="log"),
    outcome(Chats.retrial_7d, unit="share"),
    outcome(Chats.rating, unit="points"),
    outcome(Chats.duration_s, unit="s"),
    outcome(Chats.attention_s, unit="s"),
    outcome(Chats.attention_s, name="log_attention", scale="log", unit="log"),
    outcome(Chats.queue_wait_s, unit="s"),
    outcome(Chats.away_s, unit="s"),
    outcome(Chats.switch_aways),
    outcome(Chats.rounds),
    outcome(Chats.worker_latency_s, name="log_worker_latency", scale="log", unit="log"),
    outcome(Chats.worker_messages),
    outcome(Chats.retrial_10m, unit="share"),
    outcome(Chats.retrial_24h, unit="share"),
    outcome(Chats.retrial_3d, unit="share"),
    is_value(Chats.close_reason, "abandoned", name="abandoned"),
    _answered(),
)
"""Every outcome that a plan may name."""

CONTROLS: Final[tuple[Control, ...]] = (
    *control(Chats.customer_tenure_days, scale="log"),
    *control(Chats.opening_chars, scale="log"),
)
"""The controls of the core report: the mix of customers and of opening messages."""


def outcome_named(name: str) -> OutcomeTerm:
    """Return the outcome of that name.

    Raises
    ------
    Missing
        ``unknown_outcome``: there is none.
    """
    for term in OUTCOMES:
        if term.name == name:
            return term
    raise Missing(
        f"There is no outcome {name!r}.",
        code="unknown_outcome",
        hint="Outcomes: " + ", ".join(t.name for t in OUTCOMES) + ".",
        outcome=name,
    )
