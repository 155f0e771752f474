"""`stepin floor run`: one run, its facts, and what it shows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from stepin.cli import output as out
from stepin.cli.floor.options import OnFloor

if TYPE_CHECKING:
    from stepin.floor.engine.trace import Run
    from stepin.floor.study.measures import ChatGroup, Summary

app = App("floor", help="Simulate a floor of workers, customers and the AI.",
          help_format="plaintext")  # fmt: skip

app.command("stepin.cli.floor.study:compare", name="compare")
app.command("stepin.cli.floor.study:sweep", name="sweep")
app.command("stepin.cli.floor.study:staff", name="staff")

Flag = Annotated[bool, Parameter(negative=())]


@app.command
def run(
    scenario: str = "small-team",
    *,
    replication: int = 0,
    out_dir: Annotated[Path | None, Parameter(name="--out")] = None,
    events: Flag = False,
    floor: OnFloor = OnFloor(),
) -> int:
    """Simulate a scenario and write its facts, a plan and the policies for a report.

    The scenario is a TOML file or one that ships with Stepin: paper, null, no-helplessness,
    small-team, overload, pooled, ratio.

    Example: stepin floor run small-team --out floor

    Parameters
    ----------
    scenario
        The scenario's name or file.
    replication
        Which repetition; each has draws of its own.
    out_dir
        A new or empty folder for facts/, plan.toml and the policies; nothing is written without.
    events
        Write the desk's own events, too, and build the facts from them.
    """
    import msgspec

    from stepin.floor.output.facts import write_facts
    from stepin.floor.output.plan_file import write_plan
    from stepin.floor.study.measures import summary
    from stepin.floor.study.running import simulate

    of = floor.scenario(scenario)
    with days(quiet=floor.json) as tell:
        done = simulate(of, seed=floor.seed, replication=replication, trace=events, progress=tell)
    found = summary(done)
    written: dict[str, int] = {}
    if out_dir is not None:
        if events:
            written = _through_events(done, out_dir)
        else:
            written = write_facts(done, out_dir / "facts").rows
        write_plan(done, out_dir)
    if floor.json:
        out.as_json({**msgspec.to_builtins(found), "rows": written})
        return 0
    show(found)
    if out_dir is not None:
        _next(out_dir, written["chats"])
    return 0


@app.command
def scenarios(*, json: bool = False) -> int:
    """List the scenarios that ship with Stepin.

    Example: stepin floor scenarios

    Parameters
    ----------
    json
        Print JSON.
    """
    from stepin.floor.scenario.reading import scenario, shipped

    found = [(name, scenario(name)) for name in shipped()]
    if json:
        out.as_json([{"name": name, "about": of.about} for name, of in found])
    else:
        out.table(
            ("scenario", "workers", "days", "about"),
            [(name, of.size.workers, of.size.days, of.about) for name, of in found],
        )
    return 0


def _next(folder: Path, chats: int) -> None:
    print(f"{chats:,} chats are written to {folder}/facts. Next:")
    where = f"--facts {folder}/facts --plan {folder}/plan.toml --out {folder}/report"
    print(f"  stepin evidence run {where}")


def _through_events(done: Run, folder: Path) -> dict[str, int]:
    """Write the events of a run, and build its facts from them as from any log's."""
    from stepin.evidence.data.facts.build import build_facts
    from stepin.floor.output.desk_events import write_desk_events

    write_desk_events(done, folder / "events")
    return build_facts(folder / "events", folder / "facts").rows


@contextmanager
def days(*, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give a function that shows the day which a simulation has reached."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("day {task.completed:.0f}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show(found: Summary) -> None:
    """Print what a run shows."""
    print(
        f"{found.scenario}, seed {found.seed}: {found.chats:,} chats, "
        f"{found.chats_per_worker_day:.1f} per worker and day, workers busy "
        f"{found.occupancy:.0%} of their shifts, {found.abandoned:.1%} of chats abandoned "
        f"({found.engine} engine, {found.events:,} moments)."
    )
    head = ("chats", "n", "minutes", "rating", "come back", "resolved", "turns", "effort")
    out.table(head, [_row(name, one) for name, one in found.by_arm.items()])
    if found.by_path:
        print()
        share = [
            (*_row(name, one), f"{found.mix[name]:.1%}") for name, one in found.by_path.items()
        ]
        out.table((*head, "share"), share)


def _row(name: str, one: ChatGroup) -> tuple[str, ...]:
    shown = {
        "duration_min": ".2f", "rating": ".3f", "retrial": ".3f", "resolved": ".3f",
        "human_turns": ".2f", "effort": ".3f",
    }  # fmt: skip
    cells = (format(one.means[k], how) if k in one.means else "" for k, how in shown.items())
    return (name, f"{one.chats:,}", *cells)
