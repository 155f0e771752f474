"""How often the intervals of paths against matched control chats hold what was planted.

Trials of the paper's size, of which only the eligible chats are written: the others enter neither
the matching nor the comparison. Every path and outcome, by the report's own matching. The share
over the paths of an outcome is the claim; that of one path is printed with its bias and its ratio
of spread to standard error. With 200 trials such a share has a standard error of 0.8 points.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.evidence.row_analyses import PLAN
from benchmarks.evidence.whole_report import KINDS, PATHS
from benchmarks.harness import finish, line, options
from stepin.evidence.analysis.context import Context
from stepin.evidence.data.sample import Sample
from stepin.evidence.data.synthetic import World, plant
from stepin.evidence.report.sections.paths import section
from stepin.trial.reading import read

WORLD = World()
ELIGIBLE = replace(WORLD, eligible_share=1.0, chats=39_432)
FIRST_SEED = 1_000
Row = tuple[str, str, float, float, bool]


def one(seed: int) -> list[Row]:
    """Return outcome, path, gap to the truth, standard error, and whether the interval holds it."""
    out: list[Row] = []
    with tempfile.TemporaryDirectory() as place:
        plant(ELIGIBLE, Path(place), seed, tables=())
        sample = Sample(Path(place), read(PLAN))
        for f in section(Context(sample)).findings:
            e = f.estimate
            if f.analysis != "paths_matched" or e.low is None or e.high is None or e.se is None:
                continue
            truth = getattr(WORLD.paths[PATHS[f.term]], KINDS[f.outcome])
            out.append((f.outcome, f.term, e.value - truth, e.se, e.low <= truth <= e.high))
        sample.close()
    return out


def main() -> None:
    """Measure and print every claim."""
    chosen = options(__doc__)
    runs = chosen.pick(200, 8)
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    with threadpool_limits(limits=1):
        for done in range(runs):
            for row in one(FIRST_SEED + done):
                found[row[0], row[1]].append(row)
            if (done + 1) % max(1, runs // 5) == 0:
                print(f"  {done + 1} of {runs}", flush=True)
    held: dict[str, list[bool]] = defaultdict(list)
    for (outcome, path), rows in found.items():
        gaps, errors = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
        held[outcome] += [r[4] for r in rows]
        print(
            f"  {outcome}, {path}: {np.mean([r[4] for r in rows]):.3f}, bias {gaps.mean():+.4f} "
            f"(noise {gaps.std() / np.sqrt(len(rows)):.4f}), "
            f"spread over standard error {gaps.std() / errors.mean():.2f}"
        )
    slack = 0.08 if chosen.quick else 0.0
    for outcome, shares in held.items():
        share = float(np.mean(shares))
        line(
            f"coverage of 95 % intervals by path, {outcome}, {runs} trials of the paper's size",
            ours=share,
            reference=0.95,
            ratio=share / 0.95,
            goal="0.93 to 0.97",
            holds=0.93 - slack <= share <= 0.97 + slack,
        )
    finish()


if __name__ == "__main__":
    main()
