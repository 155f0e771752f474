"""Analyses that read rows, at ten million chats: seconds and memory, each in a process of its own.

The bound is on memory: every row-level analysis stays under 4 GB. Seconds are stated.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import finish, line, options
from stepin.demo.finished_trial import PLAN

LIMIT_GB = 4.0
RUNS = 5
ANALYSES = ("paths", "effort", "timing", "ratings", "attention", "splits", "together")


def one(name: str, folder: Path) -> None:
    """Make one section of the report and print its CPU seconds and peak memory."""
    import resource
    import time

    from threadpoolctl import threadpool_limits

    from stepin.evidence.analysis.context import Context
    from stepin.evidence.data.sample import Sample
    from stepin.evidence.report.sections import (
        attention,
        effort,
        paths,
        ratings,
        splits,
        timing,
        together,
    )
    from stepin.trial.reading import read

    makers = {
        "paths": paths.section,
        "effort": effort.section,
        "timing": timing.section,
        "ratings": ratings.section,
        "attention": attention.section,
        "splits": splits.section,
        "together": together.section,
    }
    begun = time.process_time()
    with threadpool_limits(limits=1):
        section = makers[name](Context(Sample(folder, read(PLAN))))
    used = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"cpu_s": used, "peak_gb": peak, "findings": len(section.findings)}))


def main() -> None:
    """Plant the chats, run each analysis by itself, print one claim each."""
    from stepin.evidence.data.synthetic import World, plant

    chosen = options(__doc__)
    chats = chosen.pick(10_000_000, 400_000)
    runs = chosen.pick(RUNS, 1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        world = World(workers=2_000, treated=1_000, chats=chats)
        plant(world, folder, 7, tables=("worker_days", "shifts"))
        for name in ANALYSES:
            found = []
            for _ in range(runs):
                shown = subprocess.run(
                    [sys.executable, "-m", "benchmarks.evidence.row_analyses", name, place],
                    check=True,
                    stdout=subprocess.PIPE,
                    text=True,
                ).stdout
                found.append(json.loads(shown.splitlines()[-1]))
            peak = sorted(f["peak_gb"] for f in found)[len(found) // 2]
            seconds = sorted(f["cpu_s"] for f in found)
            print(
                f"{name}: {seconds[len(seconds) // 2]:.1f} CPU s "
                f"({seconds[0]:.1f} to {seconds[-1]:.1f}), {peak:.2f} GB, "
                f"{found[0]['findings']} findings from {chats:,} chats",
                flush=True,
            )
            line(
                f"{name} from {chats} chats, peak memory in GB",
                ours=peak,
                reference=LIMIT_GB,
                ratio=peak / LIMIT_GB,
                goal="<= 1",
                holds=peak < LIMIT_GB,
            )
    finish()


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in ANALYSES:
        one(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
