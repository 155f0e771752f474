"""A brain that does what a task's gold calls say, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from benchmarks.agent.tau2_retail.store import data_folder
from stepin.agent.brain import Called, Hands, TurnContext
from stepin.core.events.base import Cause
from stepin.errors import Conflict
from stepin.language.person import asks_for_person

LOST = ("process_lost", "")
TRANSFER = "transfer_to_human_agents"


@dataclass(frozen=True, slots=True)
class Task:
    """A task: what its customer's player is told, the gold calls, and the state they lead to.

    The instructions ("ask the agent to …") are no words of a customer; who they are is.
    """

    id: str
    text: str
    known: str
    calls: tuple[dict[str, Any], ...]
    sha256: str

    @property
    def transfers(self) -> bool:
        """Whether the gold calls end with a person."""
        return any(call["name"] == TRANSFER for call in self.calls)

    @property
    def cause(self) -> Cause:
        """The cause of a transfer: the customer asks for a person, or the policy has no way."""
        return "requested" if asks_for_person(self.text) else "policy"

    @property
    def opening(self) -> str:
        """What the customer writes first; who is transferred gives the reason for it."""
        return self.text if self.transfers else self.known or "Hello."

    @property
    def user_id(self) -> str:
        """The customer, as the gold calls establish it."""
        for call in self.calls:
            if call["name"].startswith("find_user") and call["ok"]:
                return str(call["result"])
        for call in self.calls:
            if call["ok"] and isinstance(call["result"], dict) and "user_id" in call["result"]:
                return str(call["result"]["user_id"])
        return "somebody"


def tasks() -> list[Task]:
    """Return the tasks in order."""
    gold = json.loads((data_folder() / "gold_states.json").read_text("utf-8"))["tasks"]
    texts = {
        task["id"]: task["user_scenario"]["instructions"]
        for task in json.loads((data_folder() / "tasks.json").read_text("utf-8"))
    }
    return [
        Task(
            id=task["task_id"],
            text="\n".join(
                part
                for name in ("reason_for_call", "known_info", "task_instructions")
                if (part := texts[task["task_id"]].get(name))
            ),
            known=texts[task["task_id"]].get("known_info") or "",
            calls=tuple(task["calls"]),
            sha256=task["db_sha256"],
        )
        for task in gold
    ]


class GoldBrain:
    """Carries the gold calls out one after the other; a transfer ends as an escalation.

    Parameters
    ----------
    cause : of a transfer.
    """

    def __init__(self, task: Task, *, cause: Cause) -> None:
        self._task, self._cause = task, cause
        self.differences: list[str] = []

    @property
    def version(self) -> str:
        """One name for all tasks."""
        return "gold-1"

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Go on from the call that was waited for."""
        place = int(context.memory.get("at", 0))
        waits = context.memory.get("action")
        if waits is not None:
            action = context.chat.actions[waits]
            if not action.settled:
                return
            lost = action.state == "failed" and action.error in LOST
            if not (lost and self._task.calls[place]["ok"]):
                self._compare(place, action.state, action.result, action.error)
                place += 1
        while place < len(self._task.calls):
            call = self._task.calls[place]
            if call["name"] == TRANSFER:
                await hands.give_up(
                    self._cause,
                    "You are being transferred to a colleague. Please hold on.",
                    reason=call["arguments"]["summary"],
                )
                return
            called = await self._called(hands, call)
            if called.state == "proposed":
                await hands.remember({"at": place, "action": called.action_id})
                return
            self._compare(place, called.state, called.result, called.error)
            place += 1
        await hands.resolve("Goodbye.", disposition="gold")

    async def _called(self, hands: Hands, call: dict[str, Any]) -> Called:
        """Call; where a crash made the outcome unknown, wait for the truth, then call again."""
        called = await hands.call(call["name"], call["arguments"])
        while called.state == "failed" and called.error in LOST and call["ok"]:
            called = await hands.call(call["name"], call["arguments"])
        if called.state == "unknown":
            raise Conflict("A crash left the outcome open.", code="unsettled")
        return called

    def _compare(self, place: int, state: str, result: dict[str, Any], error: str) -> None:
        gold = self._task.calls[place]
        if gold["ok"] != (state == "succeeded"):
            self.differences.append(f"{place} {gold['name']}: {state} {error}")
        elif gold["ok"] and result["value"] != gold["result"]:
            self.differences.append(f"{place} {gold['name']}: another result")
