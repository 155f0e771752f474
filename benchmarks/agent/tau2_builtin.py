"""The built-in brain faces a foreign domain's customers: resolved alone, given up, done wrongly.

The customer opens with the task's own text and answers from the task's facts. Resolved alone:
the final state is the task's, and no person was needed. Done wrongly: something was changed that
isn't among the task's changes. ``--data FOLDER`` names any folder of that form (``db.json``,
``tasks.json``, ``gold_states.json``).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.agent.tau2_retail import gold, store
from benchmarks.agent.tau2_retail.brain_tools import brain_tools
from benchmarks.agent.tau2_retail.customer import Customer
from benchmarks.agent.tau2_retail.gold import Task, tasks
from benchmarks.agent.tau2_retail.store import Store, make_base
from benchmarks.harness import finish, line
from stepin.agent.builtin.brain import BuiltinBrain
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.handbook import read_handbook
from stepin.agent.shop.intent_training import intents_of
from stepin.agent.tools.toolbox import Toolbox
from stepin.core.policy import ApprovalPolicy, Policy

DOMAIN = Path(__file__).parent / "tau2_retail" / "domain"
POLICY = Policy(approvals=ApprovalPolicy(ai_money_limit=1e9))
TURNS_AT_MOST = 30


async def play(task: Task, brain: BuiltinBrain, base: Path, folder: Path) -> tuple[str, str]:
    """Play one task; return how it came out, and why."""
    kept = Store(folder / f"{task.id}.sqlite", base=base)
    start = kept.sha256()
    customer = Customer(task, kept)
    wanted = len(customer.left)
    box = Toolbox(brain_tools(kept), now_s=lambda: 0.0)
    chat = Rehearsal(
        brain, {tool.name: tool for tool in box.all()}, customer_id=task.user_id, policy=POLICY,
        key=task.id,
    )  # fmt: skip
    text = customer.opening()
    for _ in range(TURNS_AT_MOST):
        await chat.customer_says(text)
        if chat.ended:
            break
        text = customer.answer(chat.memory)
    changed = len(kept.changes())
    right = kept.sha256() == task.sha256
    agreed = wanted - len(customer.left)
    kept.close()
    if changed > agreed:
        return "done wrongly", f"{changed} changes, {agreed} agreed to"
    if chat.ended == "given_up":
        done = "after a part of it" if start != task.sha256 and changed else "nothing changed"
        return "given up", f"{chat.cause}, {done}"
    if right and chat.ended == "resolved":
        return "resolved alone", "with changes" if changed else "nothing was to change"
    return "left undone", f"{changed} of {wanted} changes, {chat.ended or 'never ended'}"


async def play_all(names: list[Task]) -> list[tuple[str, str]]:
    """Play the tasks one after the other."""
    book = read_handbook(DOMAIN)
    brain = BuiltinBrain(book, intents_of(book))
    with tempfile.TemporaryDirectory() as place:
        base = Path(place, "base.sqlite")
        make_base(base)
        return [await play(task, brain, base, Path(place)) for task in names]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the first ten tasks")
    parser.add_argument("--data", type=Path, help="a folder with tasks of that form")
    options = parser.parse_args()
    if options.data is not None:
        folder = options.data.resolve()
        gold.data_folder = store.data_folder = lambda: folder
    elif "STEPIN_TEST_DATA" not in os.environ and not store.data_folder().exists():
        parser.error(f"there is no {store.data_folder()}; name one with --data")
    names = tasks()[:10] if options.quick else tasks()
    results = asyncio.run(play_all(names))
    for (what, why), n in sorted(Counter(results).items()):
        print(f"{n:3} {what}: {why}")
    n = len(results)
    count = Counter(what for what, _ in results)
    for what in ("resolved alone", "given up", "left undone"):
        share = count[what] / n
        line(f"tasks {what}", ours=share, reference=1.0, ratio=share, goal="reported", holds=True)
    wrong = count["done wrongly"]
    line("tasks done wrongly", ours=wrong, reference=n, ratio=wrong / n, goal="<= 0",
         holds=not wrong)  # fmt: skip
    finish()


if __name__ == "__main__":
    main()
