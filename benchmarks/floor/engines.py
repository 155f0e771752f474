"""Both engines on the bare floor against SimPy and a C loop of the same algorithm; CPU time.

SimPy isn't a dependency: `pip install simpy` (the group `floor` of pyproject) before a run. The
mean durations of all engines are printed beside each other. The reference engine's own row is
measured in the same run as the ratio of the two engines on the full model.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.floor._bare import CLoop, bare, cpu, means, simpy_floor
from benchmarks.harness import finish, line, options, paired, report
from stepin.floor.engine.fast.run import run_fast
from stepin.floor.engine.inputs import FloorInputs, inputs
from stepin.floor.engine.reference import run_reference
from stepin.floor.engine.trace import Run
from stepin.floor.scenario.reading import scenario

Engine = Callable[[FloorInputs], Run]


def rate(engine: Engine, given: FloorInputs) -> float:
    """Return chats per CPU second."""
    spent, run = cpu(lambda: engine(given))
    return float(run.size / spent)


def told(name: str, other: float, taken: float) -> None:
    print(f"  {name}: mean duration {other:.2f} min, taken over {taken:.2f} min", flush=True)


def rivals(quick: bool) -> None:
    """Compare with SimPy and C at 20 and at 647 workers."""
    loop = CLoop()
    for workers in (20, 647):
        small, large = (4_000, 60_000) if quick else (20_000, 300_000)
        less, more = bare(workers, small), bare(workers, large)
        told("fast", *means(run_fast(more).chats, more))
        told("C", *loop.run(workers, large))
        told("SimPy", *simpy_floor(workers, small))
        runs = 2 if quick else 3

        def simpy(n: int = workers, chats: int = small) -> float:
            return chats / cpu(lambda: simpy_floor(n, chats))[0]

        def c(n: int = workers, chats: int = large) -> float:
            return chats / cpu(lambda: loop.run(n, chats))[0]

        def fast(given: FloorInputs = more) -> float:
            return rate(run_fast, given)

        def plain(given: FloorInputs = less) -> float:
            return rate(run_reference, given)

        if workers == 20:
            mine, theirs = paired(runs, plain, simpy)
            report("reference engine over SimPy, 20 workers", mine, theirs, goal=5, unit="chats/s")
        goals = (60.0, 0.5) if workers == 647 else (40.0, 0.4)
        report(f"fast engine over SimPy, {workers} workers", *paired(runs, fast, simpy),
               goal=goals[0], unit="chats/s")  # fmt: skip
        report(f"fast engine over a C loop, {workers} workers", *paired(runs, fast, c),
               goal=goals[1], unit="chats/s")  # fmt: skip


def full(quick: bool) -> None:
    """Compare the engines on the full model, its cost by workers, and its growth."""
    size = {"size.before_days": "0", "size.burn_in_days": "0"}
    small = {"size.workers": "20", "size.treated": "10"}
    days = "5" if quick else "20"
    team = inputs(scenario("paper", size | small | {"size.after_days": days}), 1)
    mine, theirs = paired(
        2 if quick else 3, lambda: rate(run_fast, team), lambda: rate(run_reference, team)
    )
    report("full model, fast over reference engine", mine, theirs, goal=60, unit="chats/s")
    long, wide = "100" if quick else "600", "3" if quick else "19"
    many = inputs(scenario("paper", size | small | {"size.after_days": long}), 1)
    all_ = inputs(scenario("paper", size | {"size.after_days": wide}), 1)
    costs = paired(3, lambda: 1 / rate(run_fast, all_), lambda: 1 / rate(run_fast, many))
    report("cost of a chat, 647 over 20 workers", *costs, goal=1.5, at_least=False, unit="s")
    ten = inputs(scenario("paper", size | {"size.after_days": "20" if quick else "40"}), 1)
    one = inputs(scenario("paper", size | {"size.after_days": "2" if quick else "4"}), 1)
    growth = paired(3, lambda: 1 / rate(run_fast, ten), lambda: 1 / rate(run_fast, one))
    report("cost of a chat, ten times the days", *growth, goal=1.1, at_least=False, unit="s")
    traced = paired(
        3,
        lambda: cpu(lambda: run_fast(ten, trace=True))[0],
        lambda: cpu(lambda: run_fast(ten))[0],
    )
    report("recording every moment in memory", *traced, goal=1.1, at_least=False, unit="s")


def main() -> None:
    """Run all comparisons."""
    chosen = options(__doc__)
    cold, _ = cpu(lambda: run_fast(inputs(scenario("small-team"), 1)))
    warm, _ = cpu(lambda: run_fast(inputs(scenario("small-team"), 1)))
    line("first run (compiling, or loading what was compiled) and second, seconds", ours=cold,
         reference=warm, ratio=cold / warm, goal="shown", holds=True)  # fmt: skip
    rivals(chosen.quick)
    full(chosen.quick)
    finish()


if __name__ == "__main__":
    main()
