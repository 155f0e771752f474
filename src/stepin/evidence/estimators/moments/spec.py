"""What a moment cube holds, and the one SQL statement that counts and sums it.

Per cell of (unit, day, stratum) and per sample the cube keeps n, the sums and the sums of products
of its terms. That is all that least squares with unit and day effects needs, with errors clustered
by unit or by day, for any term that varies from chat to chat. The statement has nothing that
DuckDB and PostgreSQL don't share. It never reads the arm.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stepin.core.facts import Chats, Column
from stepin.errors import Invalid
from stepin.evidence.base.term import CONTROLS, Control, OutcomeTerm, Term

ALL = "all"
"""The sample of all chats; other samples are named by the columns that they need."""


@dataclass(frozen=True, slots=True)
class SampleSpec:
    """Outcomes that exist for the same chats.

    Attributes
    ----------
    name : ``all``, or the needed columns joined by ``+``.
    needs : columns that must have a value.
    terms : names of the terms, controls first; term 0 is the constant and has no name.
    """

    name: str
    needs: tuple[str, ...]
    terms: tuple[str, ...]

    @property
    def width(self) -> int:
        """Numbers a cell: the packed upper triangle of products of (1, terms)."""
        v = len(self.terms) + 1
        return v * (v + 1) // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeSpec:
    """What a cube holds.

    Attributes
    ----------
    outcomes, controls : the terms.
    origins : subtracted from a term before squaring, by name; a mean guards the digits.
    unit : the column of `chats` that is randomized and clustered on.
    stratum : a predicate; 1 where it holds. A chat of which it can't be told is refused.
    """

    outcomes: tuple[OutcomeTerm, ...]
    controls: tuple[Control, ...] = CONTROLS
    origins: Mapping[str, float] = field(default_factory=dict)
    unit: str = Chats.first_owner_id.name
    stratum: str = Chats.eligible.name

    def __post_init__(self) -> None:
        names = [t.name for t in self.terms]
        if len(set(names)) < len(names) or not self.outcomes:
            raise Invalid("A cube needs outcomes, and terms with names of their own.", code="cube")

    @property
    def terms(self) -> tuple[Term, ...]:
        """Controls and outcomes."""
        return (*self.controls, *self.outcomes)

    @property
    def columns(self) -> tuple[Column[object], ...]:
        """The columns of `chats` that building reads."""
        own: list[Column[object]] = [Chats.column(self.unit), Chats.day]
        if self.stratum == Chats.eligible.name:
            own.append(Chats.eligible)
        every = [*own, *(c for t in self.terms for c in t.columns)]
        return tuple(dict.fromkeys(every))

    @property
    def samples(self) -> tuple[SampleSpec, ...]:
        """The samples in order of their first outcome; the one of all chats is always there."""
        by_needs: dict[tuple[str, ...], list[str]] = {(): []}
        for term in self.outcomes:
            by_needs.setdefault(tuple(sorted(term.needs)), []).append(term.name)
        controls = [c.name for c in self.controls]
        return tuple(
            SampleSpec("+".join(needs) or ALL, needs, (*controls, *names))
            for needs, names in by_needs.items()
        )

    def sample_of(self, outcome: str) -> SampleSpec:
        """Return the sample that holds `outcome`.

        Raises
        ------
        Invalid
            ``not_in_cube``: none does.
        """
        if any(t.name == outcome for t in self.outcomes):
            for sample in self.samples:
                if outcome in sample.terms:
                    return sample
        raise Invalid(f"The cube holds no outcome {outcome!r}.", code="not_in_cube")

    @property
    def digest(self) -> str:
        """A hash of everything that the numbers depend on."""
        canonical = {
            "terms": [[t.name, t.sql] for t in self.terms],
            "samples": [[s.name, *s.terms] for s in self.samples],
            "origins": {t.name: self.origins.get(t.name, 0.0).hex() for t in self.terms},
            "by": [self.unit, Chats.day.name, self.stratum],
        }
        text = json.dumps(canonical, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def sql(self, relation: str) -> str:
        """Return the statement that builds the cube's cells from `relation`.

        The columns are unit, day (days since 1970), stratum (0 or 1; -1 where it can't be told),
        and the moments of each sample in order, with null where a sample has no chat.
        """
        letters = {t.name: f"z{i}" for i, t in enumerate(self.terms)}
        inner = [
            f"({t.sql}) - ({self.origins.get(t.name, 0.0)!r}) AS {letters[t.name]}"
            for t in self.terms
        ]
        moments: list[str] = []
        for i, sample in enumerate(self.samples):
            there = ""
            if sample.needs:
                there = f"has{i}"
                some = " AND ".join(f"{n} IS NOT NULL" for n in sample.needs)
                double = f"CAST(CASE WHEN {some} THEN 1.0 ELSE 0.0 END AS DOUBLE PRECISION)"
                inner.append(f"{double} AS {there}")
            own = {letters[t.name] for t in self.outcomes if t.name in sample.terms}
            moments += _moments([letters[t] for t in sample.terms], own, there)
        listed = ", ".join(f"{m} AS m{i}" for i, m in enumerate(moments))
        return (
            f"SELECT unit, day, stratum, {listed} FROM ("  # noqa: S608
            f"SELECT {self.unit} AS unit, day - DATE '1970-01-01' AS day, "
            f"CASE WHEN {self.stratum} THEN 1 WHEN NOT ({self.stratum}) THEN 0 ELSE -1 END "
            "AS stratum, "
            f"{', '.join(inner)} FROM {relation}) AS chat "
            "GROUP BY unit, day, stratum ORDER BY day, unit, stratum"
        )


def _moments(letters: list[str], own: set[str], there: str) -> Iterator[str]:
    """Yield n, the sums and the products; a term of its own is null outside its sample."""

    def inside(*factors: str) -> str:
        known = not there or own.intersection(factors)
        return f"SUM({' * '.join(factors if known else (there, *factors))})"

    yield inside() if there else "COUNT(*)"
    for letter in letters:
        yield inside(letter)
    for i, a in enumerate(letters):
        for b in letters[i:]:
            yield inside(a, b)
