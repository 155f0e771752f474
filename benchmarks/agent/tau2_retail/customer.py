"""A customer of one task: opens with its text, answers from its facts, wants what it wants.

The facts are those of the task's gold changes: orders, items, variants, payment methods, reasons.
The customer agrees to nothing that isn't exactly one of the changes.
"""

from __future__ import annotations

import re
from typing import Any

from benchmarks.agent.tau2_retail.brain_tools import options_of
from benchmarks.agent.tau2_retail.gold import Task
from benchmarks.agent.tau2_retail.store import Store

KINDS = {
    "cancel_pending_order": ("cancel", "the cancellation", "cancel"),
    "return_delivered_order_items": ("return", "the return", "return"),
    "exchange_delivered_order_items": ("exchange", "the exchange", "exchange"),
    "modify_pending_order_items": ("modify", "a change of items", "change"),
}
PERSON = "Then please let me talk to a person."
NOTHING_ELSE = "no, that's all, thanks"
_FIRST_PERSON = (
    (r"\byou are\b", "I am"), (r"\byou're\b", "I'm"), (r"\byour\b", "my"), (r"\byours\b", "mine"),
    (r"\byourself\b", "myself"), (r"\byou\b", "I"),
)  # fmt: skip


class Customer:
    """What the customer of a task says."""

    def __init__(self, task: Task, store: Store) -> None:
        self._task, self._store = task, store
        self.left = [
            call for call in task.calls
            if call["ok"] and not call["name"].startswith(("find_", "get_", "calculate", "list_"))
        ]  # fmt: skip
        self._text = task.text.split("\n")[0]

    def opening(self) -> str:
        """Return the task's reason for the call in the first person."""
        text = self._text
        for pattern, word in _FIRST_PERSON:
            text = re.sub(pattern, word, text, flags=re.I)
        return text

    def answer(self, memory: dict[str, Any]) -> str:
        """Return what the customer says to what the brain waits for."""
        waiting, task = memory.get("waiting", {}), memory.get("task") or {}
        match waiting.get("kind"):
            case "fact":
                return self._fact(waiting["fact"], task)
            case "confirm":
                for call in self.left:
                    if self._is(call, task):
                        self.left.remove(call)
                        return "yes"
                return "no"
            case "more":
                return self._next()
            case _:
                for call in self.left:
                    kind, title, _ = KINDS.get(call["name"], ("elsewhere", "something else", ""))
                    if kind in waiting.get("topics", ()):
                        return title
                return self.opening()

    def _wanted(self, task: dict[str, Any]) -> dict[str, Any] | None:
        mine = [c for c in self.left if KINDS.get(c["name"], ("",))[0] == task.get("procedure")]
        order = task.get("facts", {}).get("order")
        return (
            next((c for c in mine if c["arguments"]["order_id"] == order), mine[0])
            if (mine)
            else None
        )

    def _fact(self, name: str, task: dict[str, Any]) -> str:
        call = self._wanted(task)
        if call is None:
            return PERSON
        given = call["arguments"]
        match name:
            case "order":
                return str(given["order_id"])
            case "item":
                return " and ".join(self._named(given, item) for item in given["item_ids"])
            case "variant":
                return self._variant(given, task)
            case "payment":
                return f"{given['payment_method_id'].rsplit('_', 1)[0].replace('_', ' ')}, please"
            case "reason":
                return str(given["reason"])
            case _:
                return "I don't know"

    def _named(self, given: dict[str, Any], item_id: str) -> str:
        items = self._store.get("orders", given["order_id"])["items"]
        found = next((one for one in items if one["item_id"] == item_id), None)
        return "it" if found is None else f"the {found['name']} ({options_of(found)})"

    def _variant(self, given: dict[str, Any], task: dict[str, Any]) -> str:
        chosen = task.get("facts", {}).get("item")
        pairs = dict(zip(given["item_ids"], given["new_item_ids"], strict=True))
        new = pairs.get(chosen, given["new_item_ids"][0])
        for product in self._store.all("products"):
            if new in product["variants"]:
                return options_of(product["variants"][new])
        return "I don't know"

    def _is(self, call: dict[str, Any], task: dict[str, Any]) -> bool:
        given, facts = call["arguments"], task.get("facts", {})
        if KINDS.get(call["name"], ("",))[0] != task.get("procedure"):
            return False
        listed = {"item": "item_ids", "variant": "new_item_ids"}
        plain = {"order": "order_id", "payment": "payment_method_id", "reason": "reason"}
        return all(
            facts[name] == given.get(plain[name]) if name in plain
            else [facts[name]] == given.get(listed[name])
            for name in facts
        )  # fmt: skip

    def _next(self) -> str:
        for call in self.left:
            if call["name"] not in KINDS:
                return "I also need an address changed."
            given, verb = call["arguments"], KINDS[call["name"]][2]
            what = " and ".join(self._named(given, one) for one in given.get("item_ids", ()))
            return f"I also want to {verb} {what or 'order'} {given['order_id']}"
        return NOTHING_ELSE
