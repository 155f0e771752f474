"""The numbers of the core report from 10 million closed chats, in CPU seconds and megabytes.

From Parquet to: 3 outcomes x 3 samples x 2 estimators = 18 fits, each with CR1, CR2, CR3 and
two-way errors; the split into direct, spillover and net; the chat-level sample ratio; and for each
primary outcome an event study with its band, 10,000 studentized permutations, 9,999 wild bootstraps
and the interval by inverting them. Each run is a process of its own with one thread for linear
algebra, whose idle threads would burn CPU seconds; imports aren't counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.evidence._planted import BIG, OUTCOMES, REPORT, peak_mb, planted
from benchmarks.harness import finish, line, options
from stepin.evidence.data.synthetic import hire
from stepin.evidence.estimators.effects import (
    ESTIMATORS,
    Arms,
    ancova,
    chat_ratio,
    event_study,
    itt,
    split,
)
from stepin.evidence.estimators.least_squares import leave_one_out
from stepin.evidence.estimators.moments import build
from stepin.evidence.estimators.resampling import permute, signs, wild


def run(folder: Path, chats: int, primaries: int) -> dict[str, float]:
    """Return CPU seconds and peak memory of a report with so many primary outcomes."""
    treated = hire(replace(BIG, chats=chats), 1).treated
    first = int(np.datetime64(BIG.first_day, "D").astype(int)) + BIG.pre_days
    arms = Arms.at(np.array([f"w{i}" for i in range(BIG.workers)]), treated, first)
    start = time.process_time()
    cube = build(folder, REPORT)
    built = time.process_time() - start
    controls = [c.name for c in cube.spec.controls]
    for outcome in OUTCOMES:
        for stratum in (None, 1, 0):
            for name in ("ancova", "did"):
                itt(ESTIMATORS[name](cube, arms, outcome, stratum=stratum, controls=controls))
        split(cube, arms, outcome, controls=controls)
    chat_ratio(cube, arms)
    fitted = time.process_time() - start - built
    rng = np.random.default_rng(1)
    draws = np.stack([rng.permutation(treated) for _ in range(10_000)])
    weights = signs(arms.units.size, 9_999, 1)
    order = np.argsort(arms.units)
    for outcome in OUTCOMES[:primaries]:
        event_study(cube, arms, outcome, stratum=1, controls=controls)
        model = ancova(cube, arms, outcome, stratum=1, controls=controls)
        leave_one_out(model.fit())
        f = model.focus()
        at = order[np.searchsorted(arms.units, f.units, sorter=order)]
        permute(f, treated[at], draws[:, at])
        turned = wild(f, treated[at], weights[:, at])
        turned.test()
        turned.interval()
    spent = time.process_time() - start
    return {"cpu_s": spent, "mb": peak_mb(), "build_s": built, "fits_s": fitted}


def main() -> None:
    """Measure and print every claim."""
    if len(sys.argv) == 4:
        folder, chats, primaries = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
        print(json.dumps(run(folder, chats, primaries)))
        return
    chosen = options(__doc__)
    chats = chosen.pick(10_000_000, 1_000_000)
    folder = planted(replace(BIG, chats=chats))
    first, third = [], []
    for turn in range(chosen.pick(5, 1)):
        for kept, primaries in ((first, 1), (third, 3)):
            command = [sys.executable, "-m", "benchmarks.evidence.core_report"]
            command += [str(folder), str(chats), str(primaries)]
            one = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=one)
            kept.append(json.loads(done.stdout))
            print(f"  run {turn + 1}, {primaries} primary: {kept[-1]}", flush=True)
    size = f"{chats // 1_000_000}M chats"
    total = float(np.median([r["cpu_s"] for r in first]))
    more = [(b["cpu_s"] - a["cpu_s"]) / 2 for a, b in zip(first, third, strict=True)]
    each = float(np.median(more))
    memory = max(r["mb"] for r in (*first, *third))
    for claim, found, goal in (
        (f"core report, one primary, CPU s, {size}", total, 20.0),
        (f"each further primary, CPU s, {size}", each, 6.0),
        (f"core report, peak MB, {size}", memory, 1000.0),
    ):
        line(
            claim,
            ours=found,
            reference=goal,
            ratio=found / goal,
            goal="<= 1",
            holds=found <= goal,
        )
    finish()


if __name__ == "__main__":
    main()
