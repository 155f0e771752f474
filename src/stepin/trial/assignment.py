"""Who is in which arm: the one assignment that a trial uses, and its lock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from stepin.errors import Conflict
from stepin.trial.design import Design, replay


class AssignedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit with its arm.

    Attributes
    ----------
    draw_key : where the draw can be looked up again: seed, purpose and candidate.
    late : whether it was drawn after the lock.
    """

    unit: str
    arm: str
    block: str = ""
    draw_key: str = ""
    late: bool = False


def assign(of: Design) -> tuple[AssignedUnit, ...]:
    """Return the assignment that the trial uses: the first accepted candidate.

    Raises
    ------
    Refused
        ``rerandomization_too_strict``.
    """
    first = replay(of, 1)
    place = f"{of.seed}/{of.purpose}/{first.candidates[0]}"
    return tuple(
        AssignedUnit(unit=unit, arm=of.arms[arm], block=of.block_names[block], draw_key=place)
        for unit, arm, block in zip(
            of.units, first.arms[0].tolist(), of.block.tolist(), strict=True
        )
    )


def assignment_hash(rows: Iterable[AssignedUnit]) -> str:
    """Return the SHA-256 over unit, arm and block of every unit, in the order of the ids."""
    digest = hashlib.sha256()
    for row in sorted(rows, key=lambda r: r.unit):
        digest.update(msgspec.json.encode((row.unit, row.arm, row.block, row.late)) + b"\n")
    return digest.hexdigest()


def verify(of: Design, recorded: Mapping[str, str]) -> None:
    """Draw the assignment again and compare it with the recorded one, unit by unit.

    Raises
    ------
    Conflict
        ``assignment_differs``: a unit is missing, foreign, or in another arm than was drawn.
    """
    drawn = {row.unit: row.arm for row in assign(of)}
    wrong = sorted(
        unit for unit in drawn.keys() | recorded.keys() if drawn.get(unit) != recorded.get(unit)
    )
    if wrong:
        first = wrong[0]
        raise Conflict(
            f"{len(wrong)} units are not in the arm that was drawn; {first} is in "
            f"{recorded.get(first, 'none')} and was drawn into {drawn.get(first, 'none')}.",
            code="assignment_differs",
            hint="Check that the plan, the seed and the pool are those that were registered.",
            unit=first,
            count=len(wrong),
        )
