"""Every gold sequence of a foreign retail domain, through the desk's actions; again with kill -9.

Each call is proposed, approved by a person where it moves money, carried out and logged; the
domain's final state must have the reference hash. Then every task is played again in a process
that kills itself with SIGKILL at a random step, and goes on in a new process.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.agent.tau2_retail.gold import tasks
from benchmarks.agent.tau2_retail.play import base
from benchmarks.harness import finish, line

LEFT_OUT = {"91"}
CAUSES = {"10": "requested", "50": "policy"}
ATTEMPTS = 4


def run(task: str, folder: Path, kill_at: int = 0) -> tuple[int, dict[str, Any]]:
    """Play a task in a process of its own; return its exit code and what it printed."""
    command = [sys.executable, "-m", "benchmarks.agent.tau2_retail.play", task, str(folder)]
    done = subprocess.run(
        [*command, str(kill_at)], capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode not in (0, -9):
        print(done.stderr[-2000:], file=sys.stderr)
    return done.returncode, json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="six tasks")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    names = [task.id for task in tasks() if task.id not in LEFT_OUT]
    if options.quick:
        names = [*names[:4], "10", "50"]
    rng = random.Random(options.seed)
    reached = transfers = twice = reached_after = killed = 0
    with tempfile.TemporaryDirectory() as place:
        folder, again = Path(place, "plain"), Path(place, "killed")
        for one in (folder, again):
            one.mkdir()
            base(one)
        for name in names:
            _, found = run(name, folder)
            good = bool(found) and found["reached"] and not found["differences"]
            reached += good
            transfers += name in CAUSES and found.get("escalation") == CAUSES[name]
            kill_at = rng.randint(1, max(found.get("steps", 1), 1))
            code, after = run(name, again, kill_at)
            killed += code == -9
            for _ in range(ATTEMPTS):
                if code == 0:
                    break
                code, after = run(name, again)
            reached_after += bool(after) and after["reached"]
            twice += max(after.get("changes", 0) - after.get("gold_changes", 0), 0)
            if not good or not after.get("reached") or after["changes"] != after["gold_changes"]:
                print(f"task {name}: {found} killed at {kill_at}: {after}", flush=True)
    n = len(names)
    print(f"{n} tasks, {killed} killed; transfers that ended as they should: {transfers} of 2")
    claims = (
        ("retail gold sequences that reach the reference state", reached, n, reached == n),
        ("the same, killed at a random step", reached_after, n, reached_after == n),
        ("transfers that end as the right escalation", transfers, 2, transfers == 2),
    )
    for claim, ours, reference, holds in claims:
        ratio = ours / reference
        line(claim, ours=ours, reference=reference, ratio=ratio, goal="= 1", holds=holds)
    line(
        "effects done twice", ours=twice, reference=n, ratio=twice / n, goal="= 0", holds=not twice
    )
    finish()


if __name__ == "__main__":
    main()
