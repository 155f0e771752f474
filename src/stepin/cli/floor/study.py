"""`stepin floor compare`, `sweep` and `staff`: questions to the floor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from stepin.cli import output as out
from stepin.cli.floor.options import OnFloor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stepin.floor.scenario.scenario import FloorScenario
    from stepin.floor.study.compare import Comparison, Difference


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Repeated:
    """What a command takes that runs many times.

    Parameters
    ----------
    replications
        How often each world is run; every repetition has the same draws in each of them.
    backend
        Where runs happen: serial, joblib (processes of this machine) or ray (a cluster).
    jobs
        How many runs at once.
    kept
        A folder for the results of single runs, so that a study that was broken off goes on.
    """

    replications: int = 5
    backend: Literal["serial", "joblib", "ray"] = "joblib"
    jobs: int = 2
    kept: Path | None = None

    def compared(self, worlds: Sequence[tuple[str, FloorScenario]], floor: OnFloor) -> Comparison:
        """Return these worlds beside each other."""
        from stepin.floor.study.compare import compare_worlds

        total = len(worlds) * self.replications
        with out.progress(total, quiet=floor.json) as tick:
            return compare_worlds(
                worlds, seed=floor.seed, replications=self.replications,
                backend="serial" if self.jobs < 2 else self.backend, jobs=self.jobs,
                folder=self.kept, tick=tick,
            )  # fmt: skip


def compare(
    first: str,
    second: str,
    *,
    picture: Path | None = None,
    repeated: Repeated = Repeated(),
    floor: OnFloor = OnFloor(),
) -> int:
    """Compare two floors under common random numbers: the same customers, workers and luck.

    Example: stepin floor compare small-team overload --replications 5

    Parameters
    ----------
    first
        The scenario that the other one is compared with.
    second
        The other one.
    picture
        An HTML page to write.
    """
    worlds = [(name, floor.scenario(name)) for name in (first, second)]
    found = repeated.compared(worlds, floor)
    if picture is not None:
        _page(picture, f"{second} against {first}", found)
    if floor.json:
        out.as_json(found)
        return 0
    base, other = found.worlds
    out.table(
        ("outcome", first, second, "difference", "95% interval"),
        [
            (title(name), _number(base.outcomes.get(name)), _number(d),
             f"{d.difference:+.4g}", f"{d.from_:+.4g} to {d.until:+.4g}")
            for name, d in other.outcomes.items()
        ],
    )  # fmt: skip
    return 0


def sweep(
    scenario: str,
    *,
    key: str,
    values: Annotated[str, Parameter(name="--values")],
    show: str = "eligible.rating,eligible.retrial,eligible.duration_min,other.rating,"
    "other.duration_min,floor.occupancy",
    picture: Path | None = None,
    repeated: Repeated = Repeated(),
    floor: OnFloor = OnFloor(),
) -> int:
    """Run a scenario with one key at several values, and show what moves.

    Example: stepin floor sweep ratio --key arrivals.always_open --values 1,2,3,4,6

    Parameters
    ----------
    scenario
        The scenario's name or file.
    key
        A key of the scenario, with dots.
    values
        Its values, with commas between them.
    show
        The outcomes to print, with commas between them; JSON and the picture have all.
    picture
        An HTML page to write.
    """
    worlds = [
        (f"{value}", floor.scenario(scenario, f"{key}={value}")) for value in values.split(",")
    ]
    found = repeated.compared(worlds, floor)
    if picture is not None:
        _page(picture, f"{scenario}: {key}", found, axis=key)
    if floor.json:
        out.as_json(found)
        return 0
    names = [name for name in show.split(",") if name in found.worlds[0].outcomes]
    out.table(
        (key, *map(title, names)),
        [
            (world.label, *(_number(world.outcomes.get(name)) for name in names))
            for world in found.worlds
        ],
    )
    if picture is not None:
        print(f"Open {picture}")
    return 0


def staff(
    scenario: str = "small-team",
    *,
    teams: str = "",
    most_unanswered: float = 0.05,
    repeated: Repeated = Repeated(),
    floor: OnFloor = OnFloor(),
) -> int:
    """Say how many workers a floor needs, with the AI and without, beside Erlang's formulas.

    The chats stay those of the scenario's own team. Exits with 1 if no team that was tried keeps
    what is asked for.

    Example: stepin floor staff small-team --teams 14,17,20,24

    Parameters
    ----------
    scenario
        The scenario's name or file.
    teams
        Numbers of workers to try, with commas between them; by default around the scenario's.
    most_unanswered
        The share of customers who may leave without any answer.
    """
    from stepin.floor.study.staffing import staffing

    of = floor.scenario(scenario)
    tried = [int(n) for n in teams.split(",")] if teams else _around(of.size.workers)
    with out.progress(2 * len(tried) * repeated.replications, quiet=floor.json) as tick:
        found = staffing(
            of, tried, most_unanswered=most_unanswered, seed=floor.seed,
            replications=repeated.replications,
            backend="serial" if repeated.jobs < 2 else repeated.backend, jobs=repeated.jobs,
            folder=repeated.kept, tick=tick,
        )  # fmt: skip
    if floor.json:
        out.as_json(found)
        return 0 if found.enough else 1
    out.table(
        ("workers", "AI", "unanswered", "first answer", "busy", "rating", "one line (Erlang-A)",
         "a line each", "chat slots"),
        [
            (t.workers, "on" if t.ai else "off", f"{t.unanswered:.1%} ± {t.half:.1%}",
             f"{t.first_answer_min:.1f} min", f"{t.occupancy:.0%}", f"{t.rating:.2f}",
             f"{t.one_line:.1%}", f"{t.line_each:.1%}", f"{t.slots:.1%}")
            for t in found.teams
        ],
    )  # fmt: skip
    print(found.summary)
    return 0 if found.enough else 1


def title(name: str) -> str:
    """Return what an outcome is called."""
    from stepin.floor.study.outcomes import TITLES

    where, _, what = name.partition(".")
    told = TITLES.get(what, what.replace("_", " "))
    return told if where == "floor" else f"{where}: {told}"


def _around(workers: int) -> list[int]:
    return sorted({max(1, round(workers * share)) for share in (0.7, 0.85, 1.0, 1.2, 1.5)})


def _number(found: Difference | None) -> str:
    if found is None:
        return ""
    half = (found.high - found.low) / 2
    return f"{found.mean:.4g} ± {half:.2g}" if half == half else f"{found.mean:.4g}"


def _page(path: Path, name: str, found: Comparison, **how: Any) -> None:
    from stepin.cli.floor.page import page
    from stepin.cli.output_file import whole_file

    with whole_file(path) as file:
        file.write(page(name, found, **how).encode())
