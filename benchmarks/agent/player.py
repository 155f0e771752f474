"""Plays a scripted customer against a brain, on a shop of its own, and notes what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from examples.shop import tools_of
from examples.shop.database import Shop
from examples.shop.seed import seed

from benchmarks.agent.dialogue import Dialogue, fill
from stepin.agent.brain import Brain
from stepin.agent.gate.material import material_of_shop
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.handbook import Handbook
from stepin.agent.tools.toolbox import Toolbox
from stepin.core.policy import ApprovalPolicy, Policy

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TURNS_AT_MOST = 18
MONEY_LIMIT = 150.0
ANSWER_OF = {
    "address": "new_address", "code": "coupon", "title": "company", "problem": "reason",
}  # fmt: skip
GOODBYE = {"en": "no, that's all, thanks", "zh": "没有了，谢谢"}
DONT_KNOW = {"en": "I don't know", "zh": "我不知道"}
FIELD = {
    "email": {"en": "the e-mail", "zh": "邮箱"},
    "phone": {"en": "the phone number", "zh": "手机号"},
}
OWN_NAME = {"en": "just my own name", "zh": "个人抬头就行"}
PLAIN = {True: {"en": "yes", "zh": "是"}, False: {"en": "no", "zh": "否"}}
CLAIM = {"en": "yes, please open a claim", "zh": "要，帮我申请"}
JUST_ASKING = {"en": "I only wanted to know", "zh": "只是问问"}


@dataclass(slots=True)
class Played:
    """What happened in one dialogue."""

    dialogue: Dialogue
    ended: str
    cause: str | None
    reason: str
    said: list[str]
    transcript: list[tuple[str, str]]
    calls: list[tuple[str, dict[str, Any], str]]
    changes: list[tuple[str, str]]
    references: set[str]
    approvals: int
    own_orders: set[str]


def new_shop() -> Shop:
    """Return a fresh sample shop in memory."""
    shop = Shop(":memory:", now=lambda: NOW)
    seed(shop, today=date(2026, 3, 2))
    return shop


async def play(raw: dict[str, Any], brain: Brain, book: Handbook) -> Played:
    """Play one dialogue to its end."""
    shop = new_shop()
    dialogue = fill(raw, shop)
    box = Toolbox(tools_of(shop), now_s=lambda: 0.0).limited(book.limits)
    chat = Rehearsal(
        brain,
        {tool.name: tool for tool in box.all()},
        customer_id=dialogue.customer_id,
        language=dialogue.language,
        policy=Policy(approvals=ApprovalPolicy(ai_money_limit=MONEY_LIMIT)),
        now_us=lambda: int(NOW.timestamp() * 1e6),
        key=dialogue.id,
        material=material_of_shop(book),
    )
    user = _User(dialogue, book)
    transcript: list[tuple[str, str]] = []
    approvals = 0
    texts: tuple[str, ...] = dialogue.opening
    for _ in range(TURNS_AT_MOST):
        transcript += [("customer", text) for text in texts]
        replies = await chat.customer_says_all(*texts)
        while waiting := chat.waiting():
            approvals += 1
            replies += await chat.decide(waiting[0], approve=True)
        transcript += [("AI", text) for text in replies]
        if chat.ended:
            break
        texts = (user.answer(chat.memory, replies),)
    changes = shop.all("SELECT tool, subject, result FROM changes")
    own = shop.all("SELECT order_id FROM orders WHERE customer_id = ?", dialogue.customer_id)
    played = Played(
        dialogue=dialogue,
        ended=chat.ended,
        cause=chat.cause,
        reason=chat.reason,
        said=[text for who, text in transcript if who == "AI"],
        transcript=transcript,
        calls=[(name, arguments, state) for name, arguments, state in chat.calls],
        changes=[(row["tool"], row["subject"]) for row in changes],
        references={_reference(row["result"]) for row in changes},
        approvals=approvals,
        own_orders={row["order_id"] for row in own},
    )
    shop.close()
    return played


def _reference(result: str) -> str:
    import json

    return str(json.loads(result)["reference"])


class _User:
    """Answers as the script says; knows what it was asked, as a person would."""

    def __init__(self, dialogue: Dialogue, book: Handbook) -> None:
        self.script, self.book = dialogue, book
        self.replies = 0
        self.left = sorted(dialogue.interjections)

    def answer(self, memory: dict[str, Any], replies: list[str]) -> str:
        waiting = memory.get("waiting", {})
        self.replies += 1
        if self.left and self.left[0][0] <= self.replies:
            return self.left.pop(0)[1]
        script, kind = self.script, waiting.get("kind")
        match kind:
            case "fact":
                return self._fact(waiting["fact"])
            case "confirm":
                if not self._wanted(memory):
                    if self.left:
                        return self.left.pop(0)[1]
                    return script.decline_text
                if waiting.get("times", 1) > 1:
                    return PLAIN[script.confirms][script.language]
                asked = "\n".join(replies)
                if script.order and "ST-" in asked and script.order not in asked:
                    wrong = {"en": "no, not that order", "zh": "不是这个订单"}[script.language]
                    return f"{wrong}, {script.answers.get('order', script.order)}"
                return script.confirm_text if script.confirms else script.decline_text
            case "more":
                return self.left.pop(0)[1] if self.left else GOODBYE[script.language]
            case _:
                if self.left:
                    return self.left.pop(0)[1]
                for want in script.want:
                    if want in waiting.get("topics", ()):
                        return self.book.procedures[want].title[script.language]
                return script.opening[-1]

    def _wanted(self, memory: dict[str, Any]) -> bool:
        """Whether what is to be confirmed is what the customer wants in the end."""
        running = (memory.get("task") or {}).get("procedure")
        return running in self.script.want or (running, *self.script.want) == ("cancel", "refund")

    def _fact(self, name: str) -> str:
        script, language = self.script, self.script.language
        if name == "title":
            return script.answers.get("company", OWN_NAME[language])
        if name == "claim":
            return (CLAIM if "reason" in script.answers else JUST_ASKING)[language]
        if name == "field":
            kind = "phone" if "phone" in script.answers else "email"
            return FIELD[kind][language]
        if name == "order":
            return script.answers.get("order") or script.order or DONT_KNOW[language]
        return script.answers.get(ANSWER_OF.get(name, name), DONT_KNOW[language])


Make = Callable[[], Brain]
