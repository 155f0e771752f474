"""What common random numbers are worth: the variance of a difference, independent over paired.

The difference is between two thresholds of the emotional alert, with all workers treated.
"""

from __future__ import annotations

import numpy as np

from benchmarks.harness import finish, line, options
from stepin.floor.scenario.reading import scenario
from stepin.floor.study.tasks import SimulationTask, run_tasks

SIZE = {"size.workers": "160", "size.treated": "160", "size.burn_in_days": "3",
        "size.before_days": "0", "size.after_days": "14"}  # fmt: skip


def main() -> None:
    """Run both worlds many times, with shared and with other seeds."""
    pairs = options(__doc__).pick(20, 8)
    cut = scenario("paper").detectors.emotional_threshold
    worlds = [
        scenario("paper", SIZE | {"detectors.emotional_threshold": str(cut * part)})
        for part in (1.0, 0.7)
    ]
    found = [
        run_tasks([SimulationTask(scenario=w, seed=5, replication=n) for n in range(pairs)])
        for w in worlds
    ]
    for name, goal in (("eligible.rating", 20.0), ("other.rating", 20.0),
                       ("eligible.duration_min", 20.0)):  # fmt: skip
        first, second = (np.array([row[name] for row in rows]) for rows in found)
        apart = first.var(ddof=1) + second.var(ddof=1)
        paired = (second - first).var(ddof=1)
        line(f"variance of a difference, independent over paired: {name}", ours=apart,
             reference=paired, ratio=apart / paired, goal=f">= {goal:g}",
             holds=bool(apart / paired >= goal))  # fmt: skip
    finish()


if __name__ == "__main__":
    main()
