"""What every command of the floor takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from stepin.floor.scenario.scenario import FloorScenario


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class OnFloor:
    """What a command takes that simulates.

    Parameters
    ----------
    workers
        How many workers, instead of the scenario's; the share of treated ones stays.
    days
        Days under the arms' own policies, instead of the scenario's.
    engine
        The engine: reference, fast, or auto for the fast one if it is installed.
    change
        A key of the scenario and its new value, as `detectors.emotional_threshold=3`; may be given
        more than once.
    seed
        Of every draw.
    json
        Print JSON.
    """

    workers: int | None = None
    days: int | None = None
    engine: Literal["auto", "reference", "fast"] | None = None
    change: Annotated[tuple[str, ...], Parameter(name="--set", negative=())] = ()
    seed: int = 1
    json: bool = False

    def scenario(self, name: str, *more: str) -> FloorScenario:
        """Return the scenario of that name or file with these changes."""
        from stepin.errors import Invalid
        from stepin.floor.scenario.reading import scenario

        changes: dict[str, str] = {}
        for text in (*self.change, *more):
            key, sign, value = text.partition("=")
            if not sign:
                raise Invalid(
                    f"--set {text} has no value.", code="usage", hint="Write it as KEY=VALUE."
                )
            changes[key.strip()] = value.strip()
        if self.engine is not None:
            changes["engine"] = f'"{self.engine}"'
        if self.days is not None:
            changes["size.after_days"] = str(self.days)
        if self.workers is not None:
            size = scenario(name).size
            treated = round(self.workers * size.treated / size.workers)
            changes["size.workers"] = str(self.workers)
            changes.setdefault("size.treated", str(treated))
        return scenario(name, changes)


DEFAULT_OUT = Path("floor")
