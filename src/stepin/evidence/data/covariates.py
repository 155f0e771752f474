"""The columns that a comparison may hold equal, picked by type: nothing later than allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stepin.core.facts import AtOpening, Chats, Column, at_opening
from stepin.evidence.base.arrays import Floats
from stepin.evidence.data.sample import Sample, SampleRows

MATCHED_ON: tuple[AtOpening[Any], ...] = (
    Chats.opening_chars,
    Chats.opening_sentiment,
    Chats.p_technical,
    Chats.p_emotional,
    Chats.p_requested,
    Chats.customer_tenure_days,
    Chats.customer_value,
    Chats.customer_prior_chats,
    Chats.customer_prior_retrials,
    Chats.customer_prior_rating,
    Chats.worker_tenure_days,
    Chats.worker_prior_rating,
    Chats.worker_prior_duration_s,
    Chats.concurrency,
    Chats.queue_length,
    Chats.hour,
)
KINDS: tuple[AtOpening[Any], ...] = (Chats.issue_class, Chats.language, Chats.channel)
MOST_KINDS = 12


def present(sample: Sample, wanted: Sequence[AtOpening[Any]]) -> tuple[AtOpening[Any], ...]:
    """Return those columns that the data hold."""
    return tuple(c for c in wanted if sample.has(Chats, c))


def matrix(frame: SampleRows, columns: Sequence[AtOpening[Any]]) -> tuple[Floats, tuple[str, ...]]:
    """Return covariates known at opening as (n, k) with their names.

    Numbers with gaps get their mean there and a column that says so; texts become one column a
    frequent value, the most frequent left out. Columns that don't vary are left out.

    Raises
    ------
    Invalid
        ``not_before`` for a column that is known only later.
    """
    parts: list[Floats] = []
    names: list[str] = []
    for column in columns:
        if column.kind.name == "text":
            _kinds(frame, column, parts, names)
            continue
        at_opening(column)
        values = frame.number(column)
        known = np.isfinite(values)
        if not known.any():
            continue
        filled = np.where(known, values, values[known].mean())
        if filled.std() > 0:
            parts.append(filled)
            names.append(column.name)
        if not known.all():
            parts.append((~known).astype(np.float64))
            names.append(f"{column.name} unknown")
    if not parts:
        return np.zeros((len(frame), 0)), ()
    return np.column_stack(parts), tuple(names)


def _kinds(frame: SampleRows, column: Column[Any], parts: list[Floats], names: list[str]) -> None:
    values = np.asarray(frame.text(column))
    kinds, counts = np.unique(values, return_counts=True)
    order = sorted(range(kinds.size), key=lambda i: (-counts[i], kinds[i]))
    for i in order[1 : MOST_KINDS + 1]:
        parts.append((values == kinds[i]).astype(np.float64))
        names.append(f"{column.name} {kinds[i]}")
