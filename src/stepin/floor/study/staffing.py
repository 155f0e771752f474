"""How many workers a floor needs, with the AI and without, beside what Erlang's formulas say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from stepin.floor.scenario.reading import check
from stepin.floor.scenario.scenario import FloorScenario
from stepin.floor.study.compare import Difference, compare_worlds
from stepin.floor.study.erlang import chat_slots, erlang_a
from stepin.floor.study.tasks import Backend, Told

_SLOTS = 3.0


class StaffedTeam(msgspec.Struct, frozen=True, kw_only=True):
    """A team that was tried.

    Attributes
    ----------
    unanswered, half : the simulated share of customers who left before any answer, and half its
        95 % interval.
    one_line : what Erlang-A says if all workers served one line, one customer at a time.
    line_each : what it says if each worker had a line of their own, as owners have.
    slots : what it says if each worker counted as three servers as slow as a chat is long.
    """

    workers: int
    ai: bool
    unanswered: float
    half: float
    first_answer_min: float
    occupancy: float
    rating: float
    one_line: float
    line_each: float
    slots: float


class StaffingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All teams that were tried, and the smallest that keep what was asked for."""

    teams: tuple[StaffedTeam, ...]
    most_unanswered: float
    with_ai: int | None
    without: int | None

    @property
    def enough(self) -> bool:
        """Whether any team keeps it."""
        return self.with_ai is not None or self.without is not None

    @property
    def summary(self) -> str:
        """One sentence."""
        words = [
            f"{'no team that was tried' if n is None else f'{n} workers'} {how} the AI"
            for n, how in ((self.with_ai, "with"), (self.without, "without"))
        ]
        return f"At most {self.most_unanswered:.0%} unanswered: {words[0]}, {words[1]}."


def staffing(
    of: FloorScenario,
    teams: Sequence[int],
    *,
    most_unanswered: float,
    seed: int = 1,
    replications: int = 5,
    backend: Backend = "serial",
    jobs: int = 1,
    folder: Path | None = None,
    tick: Told | None = None,
) -> StaffingAnswer:
    """Simulate each team with the scenario's own number of chats, with the AI and without.

    Parameters
    ----------
    teams : numbers of workers.
    most_unanswered : the share of chats that may end without any answer.
    seed, replications, backend, jobs, folder, tick : as `compare_worlds`.
    """
    worlds = [
        (f"{workers} {'on' if ai else 'off'}", resized(of, workers, ai=ai))
        for workers in teams
        for ai in (True, False)
    ]
    found = compare_worlds(
        worlds, seed=seed, replications=replications, backend=backend, jobs=jobs, folder=folder,
        tick=tick,
    )  # fmt: skip
    tried = [
        _team(world, one.outcomes) for (_, world), one in zip(worlds, found.worlds, strict=True)
    ]
    kept = {
        ai: min((t.workers for t in tried if t.ai == ai and t.unanswered <= most_unanswered),
                default=None)
        for ai in (True, False)
    }  # fmt: skip
    return StaffingAnswer(
        teams=tuple(tried), most_unanswered=most_unanswered, with_ai=kept[True], without=kept[False]
    )


def _team(of: FloorScenario, found: dict[str, Difference]) -> StaffedTeam:
    means = {name: value.mean for name, value in found.items()}
    gone = found["floor.unanswered"]
    return StaffedTeam(
        workers=of.size.workers,
        ai=of.arms.treated.ai.enabled,
        unanswered=gone.mean,
        half=(gone.high - gone.low) / 2,
        first_answer_min=means["floor.first_answer_min"],
        occupancy=means["floor.occupancy"],
        rating=means["all.rating"],
        **_theory(of, means),
    )


def resized(of: FloorScenario, workers: int, *, ai: bool) -> FloorScenario:
    """Return the scenario with another team, all in one arm, and as many chats as before."""
    replace = msgspec.structs.replace
    arm = of.arms.treated if ai else of.arms.control
    found = replace(
        of,
        size=replace(of.size, workers=workers, treated=workers),
        arrivals=replace(
            of.arrivals,
            per_worker_day=of.arrivals.per_worker_day * of.size.workers / workers,
        ),
        arms=replace(of.arms, treated=arm),
    )
    check(found, of.name)
    return found


def _theory(of: FloorScenario, o: dict[str, float]) -> dict[str, float]:
    shifts = of.staff.shifts
    minutes = 60.0 * sum(shift.hours for shift in shifts)
    days = of.size.after_days
    present = of.size.workers * of.staff.present / len(shifts)
    arrivals = o["floor.chats"] / (days * minutes)
    patience = 1.0 / of.customers.patience_min if of.customers.patience_min else 0.0
    if not patience:
        return {"one_line": 0.0, "line_each": 0.0, "slots": 0.0}
    service = 1.0 / max(o["all.attention_min"], 1e-6)
    servers = max(1, round(present))
    slots = chat_slots(servers, _SLOTS)
    long = 1.0 / max(o["all.duration_min"], 1e-6)
    return {
        "one_line": erlang_a(servers, arrivals, service, patience).abandons,
        "line_each": erlang_a(1, arrivals / servers, service, patience).abandons,
        "slots": erlang_a(slots, arrivals, long, patience).abandons,
    }
