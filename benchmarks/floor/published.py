"""The published floor whole: simulation, and simulation with facts on disk; CPU time.

Then its effects beside the published ones, every one of them, on both scales of duration.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.floor._bare import cpu
from benchmarks.harness import finish, line, options
from stepin.floor.engine.fast.run import run_fast
from stepin.floor.engine.inputs import inputs
from stepin.floor.engine.trace import Run
from stepin.floor.output.facts import write_facts
from stepin.floor.scenario.reading import scenario
from stepin.floor.study.measures import Summary, summary

MIX = {"technical": 0.441, "emotional": 0.086, "human_initiated": 0.123, "none": 0.350}
PATHS = {
    "technical": (0.191, None), "emotional": (0.408, -0.928),
    "human_initiated": (0.095, -0.524), "none": (-0.646, -0.858),
}  # fmt: skip


def differences(run: Run, eligible: bool) -> dict[str, float]:
    """Return treated against control workers, each against their own days before."""
    c, given = run.chats, run.inputs
    kind = (given.issue_eligible[c["issue"]] == eligible) & (c["owner"] >= 0)
    burnt = given.scenario.size.burn_in_days * 1440.0
    cells = {}
    for arm in (0, 1):
        for after in (False, True):
            when = (c["opened"] >= given.treated_from_min) == after
            which = kind & when & (c["arm"] == arm) & (c["opened"] >= burnt)
            length = c["closed"][which] - c["opened"][which]
            cells[arm, after] = {
                "levels": float(np.log(length.mean())),
                "logs": float(np.log(np.maximum(length * 60, 1.0)).mean()),
                "rating": float(c["stars"][which].mean()),
                "retrial": float(c["comes_back"][which].mean()),
            }
    found = {
        name: (cells[1, True][name] - cells[1, False][name])
        - (cells[0, True][name] - cells[0, False][name])
        for name in cells[0, False]
    }
    return found | {k: float(np.expm1(found[k])) for k in ("levels", "logs")}


def shown(name: str, here: float, published: float | None, within: float | None = None) -> None:
    """Print one number beside the published one, and keep it as a claim if it has a bound."""
    theirs = "" if published is None else f"{published:+.3f}"
    print(f"  {name:42} {here:+.3f}  published {theirs}")
    if published is not None and within is not None:
        off = abs(here - published)
        line(name, ours=here, reference=published, ratio=off, goal=f"within {within:g}",
             holds=off <= within)  # fmt: skip


def beside(run: Run, found: Summary) -> None:
    """Print every effect beside the published one."""
    direct, spill = differences(run, True), differences(run, False)
    shown("eligible duration, levels", direct["levels"], -0.168)
    shown("eligible duration, logs", direct["logs"], -0.168)
    low, high = sorted((direct["levels"], direct["logs"]))
    line("eligible duration: published lies between both scales", ours=low, reference=high,
         ratio=-0.168, goal="between", holds=low - 0.01 <= -0.168 <= high + 0.01)  # fmt: skip
    shown("eligible rating", direct["rating"], -0.412, 0.08)
    shown("eligible retrial", direct["retrial"], 0.0)
    shown("other duration, levels", spill["levels"], -0.018, 0.01)
    shown("other duration, logs", spill["logs"], -0.018)
    shown("other rating", spill["rating"], 0.091)
    shown("other retrial", spill["retrial"], 0.0)
    for path, share in MIX.items():
        shown(f"share {path}", found.mix[path], share, 0.03)
    control = found.by_arm["control/eligible"].means
    for path, (length, stars) in PATHS.items():
        here = found.by_path[path].means
        ratio = here["duration_min"] / control["duration_min"] - 1
        shown(f"{path}: duration against control", ratio, length)
        shown(f"{path}: rating against control", here["rating"] - control["rating"], stars)
        if "seeking" in here:
            shown(f"{path}: seeking per turn", here["seeking"], None)


def main() -> None:
    """Simulate, write, compare."""
    chosen = options(__doc__)
    size = {"size.workers": "120", "size.treated": "56"} if chosen.quick else {}
    given = inputs(scenario("paper", size), 1)
    run_fast(inputs(scenario("small-team"), 1))
    spent, run = cpu(lambda: run_fast(given))
    with tempfile.TemporaryDirectory() as folder:
        writing, _ = cpu(lambda: write_facts(run, Path(folder) / "facts"))
    found = summary(run)
    print(f"  {found.chats:,} chats after the burn-in; {run.size:,} simulated")
    line("the published floor simulated, seconds", ours=spent, reference=5, ratio=spent / 5,
         goal="<= 5", holds=spent <= 5)  # fmt: skip
    both = spent + writing
    line("the published floor with its facts on disk, seconds", ours=both, reference=25,
         ratio=both / 25, goal="<= 25", holds=both <= 25)  # fmt: skip
    beside(run, found)
    finish()


if __name__ == "__main__":
    main()
