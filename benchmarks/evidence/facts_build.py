"""From events to every table of facts, against a bare count / min / max a chat over the same files.

Each side runs in a process of its own; CPU time is that of the work, without imports. Memory is the
largest resident size of that process. The events are written once and kept below
`STEPIN_BENCH_DATA`, if that is set. `STEPIN_BENCH_EVENTS` is another size than ten million,
`STEPIN_BENCH_RUNS` another number of runs than five. There are thirty days, or as many as keep a
day at a million events.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.evidence._facts_events import write
from benchmarks.harness import finish, line, options, paired, report

DAYS = 30
DAY_EVENTS = 1_000_000
HEAD = """
import json, resource, sys, time
import duckdb, pyarrow, pyarrow.compute, pyarrow.parquet
pyarrow.array([0.0])
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
"""
TAIL = """
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"cpu_s": cpu() - began, "peak_mb": peak}))
"""
BARE = """
began = cpu()
duckdb.connect().execute(
    "CREATE TABLE bare AS SELECT chat_id, count(*), min(at_us), max(at_us) "
    f"FROM read_parquet('{sys.argv[1]}/*.parquet') GROUP BY chat_id")
"""
OURS = """
import tempfile
from pathlib import Path
from stepin.evidence.data.facts.build import build_facts
began = cpu()
with tempfile.TemporaryDirectory() as folder:
    build_facts(Path(sys.argv[1]), Path(folder) / "facts")
"""


def main() -> None:
    """Measure and print both claims."""
    size = options(__doc__).pick(int(os.environ.get("STEPIN_BENCH_EVENTS", "10000000")), 500_000)
    runs = int(os.environ.get("STEPIN_BENCH_RUNS", "5"))
    days = max(DAYS, size // DAY_EVENTS)
    peaks: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(os.environ.get("STEPIN_BENCH_DATA", scratch)) / "stepin-events"
        folder = str(base / str(size))
        events = write(Path(folder), events=size, days=days)
        print(f"{events} events over {days} days", flush=True)

        def ours() -> float:
            found = _run(OURS, folder)
            peaks.append(found["peak_mb"])
            return found["cpu_s"]

        mine, theirs = paired(runs, ours, lambda: _run(BARE, folder)["cpu_s"])
    claim = f"log to facts, {events / 1e6:.1f}M events, all ten tables, against a bare roll-up"
    report(claim, mine, theirs, goal=12, at_least=False, unit="CPU s")
    peak = max(peaks)
    print(
        f"largest resident size {peak:.0f} MB, {1e6 * sum(mine) / len(mine) / events:.2f} µs/event"
    )
    line("memory of log to facts, MB", ours=peak, reference=4096, ratio=peak / 4096, goal="<= 1",
         holds=peak <= 4096)  # fmt: skip
    finish()


def _run(body: str, folder: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", HEAD + body + TAIL, folder],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"},
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
