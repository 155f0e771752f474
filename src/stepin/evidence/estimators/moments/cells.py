"""The moment cube: counts, sums and products per unit, day and stratum.

Cubes add. A cube of today's chats added to the cube of the days before is the cube of both, so
that a day costs its own chats, and parts can be built anywhere and in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stepin.errors import Conflict, Invalid
from stepin.evidence.estimators.moments.spec import CubeSpec

Reals: TypeAlias = NDArray[np.float64]
Wholes: TypeAlias = NDArray[np.int64]
Texts: TypeAlias = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Cube:
    """Moments of chats by cell, sorted by day, unit and stratum, with no cell twice.

    Attributes
    ----------
    spec : what the numbers are.
    units : str[units], sorted.
    days : int64[days], days since 1970, sorted.
    keys : int64[cells, 3], indices of unit and day, and the stratum.
    moments : by sample, float64[cells, width]: n, sums, and products as a packed upper triangle.
    """

    spec: CubeSpec
    units: Texts
    days: Wholes
    keys: Wholes
    moments: Mapping[str, Reals]

    @property
    def chats(self) -> int:
        """Chats in all."""
        return int(self.moments["all"][:, 0].sum())

    @property
    def digest(self) -> str:
        """A hash of the specification and of every number."""
        h = hashlib.blake2b(self.spec.digest.encode(), digest_size=16)
        h.update("\x00".join(self.units).encode())
        for array in (self.days, self.keys, *(self.moments[s.name] for s in self.spec.samples)):
            h.update(np.ascontiguousarray(array).tobytes())
        return h.hexdigest()

    def save(self, path: Path) -> None:
        """Write the cube; the same cube writes the same bytes."""
        arrays: dict[str, Any] = {
            "spec": np.array(self.spec.digest),
            "digest": np.array(self.digest),
            "units": self.units,
            "days": self.days,
            "keys": self.keys,
        }
        for i, sample in enumerate(self.spec.samples):
            arrays[f"moments_{i}"] = self.moments[sample.name]
        with path.open("wb") as file:
            np.savez(file, **arrays)


def load(path: Path, spec: CubeSpec) -> Cube:
    """Return the cube that was saved under `spec`.

    Raises
    ------
    Conflict
        ``stale_cube``: it was built to another specification.
    Invalid
        ``damaged_cube``: its numbers aren't those that were saved.
    """
    with np.load(path, allow_pickle=False) as saved:
        if str(saved["spec"]) != spec.digest:
            raise Conflict(
                f"The cube {path.name} holds other terms than asked for.",
                code="stale_cube",
                hint="Build the cube again.",
            )
        moments = {s.name: saved[f"moments_{i}"] for i, s in enumerate(spec.samples)}
        cube = Cube(spec, saved["units"], saved["days"], saved["keys"], moments)
        if str(saved["digest"]) != cube.digest:
            raise Invalid(
                f"The cube {path.name} is damaged.",
                code="damaged_cube",
                hint="Delete the file and build the cube again.",
            )
    return cube


def from_columns(spec: CubeSpec, columns: Sequence[NDArray[np.generic]]) -> Cube:
    """Return the cube of the rows that ``spec.sql`` returned, given as columns.

    Raises
    ------
    Invalid
        ``no_stratum``: of some chats it isn't known which stratum they are in; ``not_finite``: a
        term isn't a number, or too large to be squared.
    """
    if (np.asarray(columns[2]).astype(np.int64) < 0).any():
        raise Invalid(
            f"Of some chats it isn't known whether they are {spec.stratum}.",
            code="no_stratum",
            hint="Fill the column in all chats, or leave it empty in all.",
        )
    units, unit = np.unique(np.asarray(columns[0]).astype(np.str_), return_inverse=True)
    days, day = np.unique(np.asarray(columns[1]).astype(np.int64), return_inverse=True)
    keys = np.stack([unit, day, np.asarray(columns[2]).astype(np.int64)], axis=1)
    moments: dict[str, Reals] = {}
    at = 3
    for sample in spec.samples:
        block = [_filled(c) for c in columns[at : at + sample.width]]
        moments[sample.name] = np.stack(block, axis=1)
        if not np.isfinite(moments[sample.name]).all():
            raise Invalid(
                f"A value of {', '.join(sample.terms)} isn't a number, or too large to be squared.",
                code="not_finite",
                hint="`stepin evidence check` names the column and the values.",
            )
        at += sample.width
    return _canonical(spec, units, days, keys, moments)


def add(cubes: Sequence[Cube]) -> Cube:
    """Return the cube of all the chats of `cubes`, which must share no chat.

    The sums are taken in the given order, so that the same parts give the same bits.

    Raises
    ------
    Conflict
        ``stale_cube``: the specifications differ.
    Invalid
        ``cube``: there is none.
    """
    if not cubes:
        raise Invalid("There is no cube to add.", code="cube")
    spec = cubes[0].spec
    if any(c.spec.digest != spec.digest for c in cubes):
        raise Conflict("Cubes of different specifications don't add.", code="stale_cube")
    if len(cubes) == 1:
        return cubes[0]
    units = np.unique(np.concatenate([c.units for c in cubes]))
    days = np.unique(np.concatenate([c.days for c in cubes]))
    parts = [_renumbered(c, units, days) for c in cubes]
    keys = np.concatenate(parts)
    moments = {s.name: np.concatenate([c.moments[s.name] for c in cubes]) for s in spec.samples}
    if _follow(parts, units.size):
        return Cube(spec, units, days, keys, moments)
    return _canonical(spec, units, days, keys, moments)


def _renumbered(cube: Cube, units: Texts, days: Wholes) -> Wholes:
    """Return the keys by other units and days, of which the cube's own are some, in order."""
    same_units = np.array_equal(cube.units, units)
    same_days = np.array_equal(cube.days, days[: cube.days.size])
    if same_units and same_days:
        return cube.keys
    unit, day, stratum = cube.keys.T
    if not same_units:
        unit = np.searchsorted(units, cube.units)[unit]
    if not same_days:
        day = np.searchsorted(days, cube.days)[day]
    return np.stack([unit, day, stratum], axis=1)


def _codes(keys: Wholes, units: int) -> Wholes:
    found: Wholes = (keys[:, 1] * units + keys[:, 0]) * 2 + keys[:, 2]
    return found


def _follow(parts: Sequence[Wholes], units: int) -> bool:
    """Return whether every cell of a part comes after all of the part before it."""
    ends = [_codes(keys[[0, -1]], units).tolist() for keys in parts if len(keys)]
    return all(left[1] < right[0] for left, right in pairwise(ends))


def _canonical(
    spec: CubeSpec, units: Texts, days: Wholes, keys: Wholes, moments: dict[str, Reals]
) -> Cube:
    code = _codes(keys, units.size)
    step = np.diff(code)
    if (step > 0).all():
        return Cube(spec, units, days, keys, moments)
    order = np.argsort(code, kind="stable")
    code, keys = code[order], keys[order]
    first = np.flatnonzero(np.diff(code, prepend=-1))
    summed = {name: np.add.reduceat(m[order], first, axis=0) for name, m in moments.items()}
    return Cube(spec, units, days, keys[first], summed)


def _filled(column: NDArray[np.generic]) -> Reals:
    if isinstance(column, np.ma.MaskedArray):
        column = column.filled(0)
    return np.asarray(column, dtype=np.float64)
