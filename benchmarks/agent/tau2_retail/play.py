"""Plays one task through a desk on SQLite, in this process; run again after a kill, it goes on.

``python -m benchmarks.agent.tau2_retail.play TASK FOLDER [KILL_AT]`` prints one JSON line. With
KILL_AT the process kills itself with SIGKILL at that step: before or after a call of a tool, or
before or after something that the desk appends.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from benchmarks.agent.tau2_retail.gold import TRANSFER, GoldBrain, Task, tasks
from benchmarks.agent.tau2_retail.store import Store, make_base
from benchmarks.agent.tau2_retail.tools import Catalogue
from stepin.core.chat import Chat
from stepin.core.command import Actor, ApproveAction, OpenChat
from stepin.core.events.base import Cause
from stepin.core.events.floor import WorkerSignedOn
from stepin.core.policy import ApprovalPolicy, Policy
from stepin.desk.desk import Desk
from stepin.desk.jobs.engine import Pace
from stepin.desk.parts import Parts
from stepin.desk.state.identity import CustomerIdentity
from stepin.errors import StepinError
from stepin.log.sqlite import SqliteLog

BOSS = Actor(kind="worker", id="ann", role="admin")
POLICY = Policy(approvals=ApprovalPolicy(worker_money_limit=1e9, expires_s=3_600))
PACE = Pace(lease_s=1.0, look_s=0.02, retry_s=0.05, reconcile_s=0.05)


class Steps:
    """Counts steps, and dies at one of them."""

    def __init__(self, kill_at: int = 0) -> None:
        self.taken, self._kill_at = 0, kill_at

    def __call__(self, name: str) -> None:
        """Count a step, or die."""
        self.taken += 1
        if self.taken == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


def base(folder: Path) -> Path:
    """Return the domain's first state, made once for a folder."""
    path = folder / "base.sqlite"
    if not path.exists():
        make_base(path)
    return path


async def play(task: Task, folder: Path, *, cause: Cause, kill_at: int = 0) -> dict[str, Any]:
    """Play a task from where it stands to its end."""
    steps = Steps(kill_at)
    store = Store(folder / f"{task.id}.sqlite", base=base(folder))
    log = await SqliteLog.open(folder / f"{task.id}.log", poll_s=0.02)
    append = log.append

    async def counted(item: Any) -> Any:
        steps("before an append")
        outcome = await append(item)
        steps("after an append")
        return outcome

    log.append = counted  # type: ignore[method-assign]
    brain = GoldBrain(task, cause=cause)
    desk = Desk(
        log,
        POLICY,
        Parts(
            brains={"builtin": brain},
            tools=Catalogue(store, steps, asks_first=False),
            watches=(),
        ),
        pace=PACE,
    )
    await desk.start()
    if not desk.floor().signed_on:
        await desk.sign_on(
            WorkerSignedOn(worker_id="ann", capacity=3, supervised_capacity=8, role="admin")
        )
    customer = Actor(kind="customer", id=task.user_id)
    receipt = await desk.open_chat(
        customer,
        OpenChat(text=task.opening, command_id=f"open-{task.id}"),
        CustomerIdentity(customer_id=task.user_id, asserted=True),
    )
    chat = await _to_the_end(desk, receipt.chat_id)
    events = await log.read(f"chat/{receipt.chat_id}")
    started = [event for event in events if event.kind == "ActionStarted"]
    await desk.stop()
    await log.close()
    found = {
        "task": task.id,
        "reached": store.sha256() == task.sha256,
        "differences": brain.differences,
        "changes": len(store.changes()),
        "gold_changes": _gold_changes(task),
        "effects_started": len(started),
        "escalation": None if chat.escalation is None else chat.escalation.cause,
        "close_reason": chat.close_reason,
        "approvals": sum(e.kind == "ActionApproved" and e.actor == str(BOSS) for e in events),
        "steps": steps.taken,
    }
    store.close()
    return found


async def _to_the_end(desk: Desk, chat_id: str) -> Chat:
    def moved(chat: Chat) -> bool:
        waits = any(a.state == "proposed" and a.needs_approval for a in chat.actions.values())
        return waits or chat.episode == "closed" or chat.escalation is not None

    async with asyncio.timeout(60):
        while True:
            await desk.services.follower.until(chat_id, moved)
            chat = await desk.chat(chat_id)
            if chat.episode == "closed" or chat.escalation is not None:
                return chat
            for action in chat.actions.values():
                if action.state == "proposed" and action.needs_approval:
                    command = ApproveAction(
                        chat_id=chat_id,
                        action_id=action.action_id,
                        digest=action.digest,
                        seen_seq=chat.written_since(action),
                    )
                    try:
                        await desk.submit(BOSS, command)
                    except StepinError as error:
                        print(f"not approved: {error.message}", file=sys.stderr)
                        await asyncio.sleep(0.05)


def _gold_changes(task: Task) -> int:
    reads = ("find_", "get_", "calculate", TRANSFER)
    return sum(call["ok"] and not call["name"].startswith(reads) for call in task.calls)


def main() -> None:
    """Play one task and print what came of it."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    kill_at = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    task = next(task for task in tasks() if task.id == name)
    print(json.dumps(asyncio.run(play(task, folder, cause=task.cause, kill_at=kill_at))))


if __name__ == "__main__":
    main()
