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

from benchmarks.agent.tau2_retail.gold import TRANSFER, tasks
from benchmarks.agent.tau2_retail.play import base
from benchmarks.agent.tau2_retail.store import data_folder
from benchmarks.agent.tau2_retail.tools import CHANGES, READS
from benchmarks.harness import finish, line

ATTEMPTS = 4


TOOLS = frozenset((*READS, *(change.__name__ for change in CHANGES), TRANSFER))
POLICY_SAYS = {
    "cancel pending order": "cancel_pending_order",
    "modify payment": "modify_pending_order_payment",
    "modify items": "modify_pending_order_items",
    "return delivered order": "return_delivered_order_items",
    "exchange delivered order": "exchange_delivered_order_items",
}


def wanted() -> set[str]:
    """Return the tools that the tasks call, and those of the acts that the policy has a part on."""
    called = {call["name"] for task in tasks() for call in task.calls}
    policy = (data_folder() / "policy.md").read_text("utf-8").lower()
    heads = {line.strip("# ") for line in policy.split("\n") if line.startswith("#")}
    return called | {tool for head, tool in POLICY_SAYS.items() if head in heads}


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
    known = {task.id: task for task in tasks()}
    transferred = [name for name, task in known.items() if task.transfers]
    names = [*list(known)[:4], *transferred] if options.quick else list(known)
    must_transfer = sum(name in transferred for name in names)
    missing = sorted(wanted() - TOOLS)
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
            task = known[name]
            transfers += task.transfers and found.get("escalation") == task.cause
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
    print(f"{n} tasks, {killed} killed; missing tools: {missing}")
    claims = (
        ("retail gold sequences that reach the reference state", reached, n, reached == n),
        ("the same, killed at a random step", reached_after, n, reached_after == n),
        (
            "transfers that end as the right escalation",
            transfers,
            must_transfer,
            transfers == must_transfer,
        ),
        ("tools that policy and tasks name", len(TOOLS), len(TOOLS | wanted()), not missing),
    )
    for claim, ours, reference, holds in claims:
        ratio = ours / reference if reference else 1.0
        line(claim, ours=ours, reference=reference, ratio=ratio, goal="= 1", holds=holds)
    line(
        "effects done twice", ours=twice, reference=n, ratio=twice / n, goal="= 0", holds=not twice
    )
    finish()


if __name__ == "__main__":
    main()
