"""The units that a trial can draw, with what was known of them before."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from stepin.errors import Invalid

Value = str | float | None


@dataclass(frozen=True, slots=True)
class Pool:
    """Units in the order of their ids, whatever the order they came in.

    Attributes
    ----------
    units : ids, sorted, each once.
    covariates : per covariate one value per unit, in the order of `units`; None where unknown.
    """

    units: tuple[str, ...]
    covariates: Mapping[str, tuple[Value, ...]]

    @classmethod
    def of(cls, units: Sequence[str], covariates: Mapping[str, Sequence[Value]]) -> Self:
        """Return the pool of these units.

        Raises
        ------
        Invalid
            ``pool``: no unit, one unit twice, or a covariate with too few or too many values.
        """
        if not units:
            raise Invalid("The pool holds no units.", code="pool")
        order = sorted(range(len(units)), key=units.__getitem__)
        ids = tuple(units[i] for i in order)
        for left, right in pairwise(ids):
            if left == right:
                raise Invalid(f"The unit {left} stands twice in the pool.", code="pool", unit=left)
        for name, values in covariates.items():
            if len(values) != len(units):
                raise Invalid(
                    f"The covariate {name} has {len(values)} values for {len(units)} units.",
                    code="pool",
                    covariate=name,
                )
        return cls(ids, {n: tuple(v[i] for i in order) for n, v in covariates.items()})

    def covariate(self, name: str) -> tuple[Value, ...]:
        """Return a covariate's values in the order of the units.

        Raises
        ------
        Invalid
            ``pool_covariate``: the pool doesn't know it.
        """
        if name not in self.covariates:
            raise Invalid(
                f"The pool has no covariate {name!r}, only {', '.join(self.covariates) or 'ids'}.",
                code="pool_covariate",
                hint="Add the column to the pool's file, or take it out of the plan.",
                covariate=name,
            )
        return self.covariates[name]

    def numbers(self, name: str) -> tuple[float | None, ...]:
        """Return a covariate as numbers.

        Raises
        ------
        Invalid
            ``pool_covariate``: unknown, or a value isn't a number.
        """
        values = self.covariate(name)
        for unit, value in zip(self.units, values, strict=True):
            if isinstance(value, str):
                raise Invalid(
                    f"The covariate {name} of {unit} is {value!r}, not a number.",
                    code="pool_covariate",
                    covariate=name,
                    unit=unit,
                )
        return tuple(v for v in values if not isinstance(v, str))


def read_pool(text: str, *, id_column: str) -> Pool:
    """Return the pool that a CSV text holds, one row per unit.

    A column of numbers becomes numbers (an empty cell is unknown); any other stays text.

    Raises
    ------
    Invalid
        ``pool``: no such id column, a row of the wrong length, an empty or repeated id.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or id_column not in rows[0]:
        found = ", ".join(rows[0]) if rows else "nothing"
        raise Invalid(
            f"The pool needs a column {id_column!r}; its header holds {found}.", code="pool"
        )
    header, body = rows[0], [row for row in rows[1:] if row]
    for line, row in enumerate(body, start=2):
        if len(row) != len(header) or not row[header.index(id_column)]:
            raise Invalid(
                f"Row {line} of the pool has no id or not {len(header)} cells.",
                code="pool",
                row=line,
            )
    columns = {name: [row[i] for row in body] for i, name in enumerate(header)}
    units = columns.pop(id_column)
    return Pool.of(units, {name: _typed(cells) for name, cells in columns.items()})


def _typed(cells: Sequence[str]) -> list[Value]:
    try:
        numbers = [float(c) if c.strip() else None for c in cells]
    except ValueError:
        return [c or None for c in cells]
    return [None if n is not None and not math.isfinite(n) else n for n in numbers]
