"""Labelled dialogues of the sample shop, from a seed: what the shipped detectors are fitted on.

The built-in brain really takes the turns, on a shop whose tools fail now and then; the customer
has a temper that sinks with useless answers and rises with help. Labels are the generator's own:
`sentiment` of what the customer's words say, `handoff` where the AI makes no headway any more,
`rating` and `retrial` of the chat, `path` of what would bring a person first. Some chats are
handled by a person throughout, as those of a control group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

import msgspec

from stepin.agent.brain import Brain
from stepin.agent.sandbox import Rehearsal
from stepin.agent.tools.tool import Caller, Tool, ToolFailed
from stepin.core.policy import ApprovalPolicy, Policy

from .customers import SAYS as YES
from .customers import Customer, customers
from .database import Shop
from .tempers import ODD, SAYS, WORKER, say

ROUNDS = 9
POLICY = Policy(approvals=ApprovalPolicy(ai_money_limit=150))


class _Measured(Rehearsal):
    """A rehearsal that keeps the brain's last confidence."""

    confidence: float | None = None

    async def measure(
        self,
        *,
        confidence: float | None = None,
        tokens: int = 0,
        missed: tuple[str, ...] = (),
    ) -> None:
        self.confidence = confidence if confidence is not None else self.confidence


def failing(tool: Tool, share: float, random: Random) -> Tool:
    """Return the tool, failing in a share of its calls."""

    async def call(caller: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if random.random() < share:
            raise ToolFailed("unavailable", "The shop's system does not answer.")
        return await tool.call(caller, arguments)

    return msgspec.structs.replace(tool, call=call)


async def dialogues(
    shop: Shop, brain: Brain, tools: Mapping[str, Tool], *, n_chats: int, seed: int
) -> list[dict[str, Any]]:
    """Return chats as `stepin judge fit` reads them; the same shop and seed give the same ones."""
    random = Random(seed)
    drawn = islice(customers(shop, seed=seed), n_chats)
    return [
        await _Talk(number, one, brain, tools, Random(random.random())).told()
        for number, one in enumerate(drawn)
    ]


class _Talk:
    """One chat being held."""

    def __init__(
        self,
        number: int,
        one: Customer,
        brain: Brain,
        tools: Mapping[str, Tool],
        random: Random,
    ) -> None:
        share = random.choice((0.0, 0.0, 0.0, 0.15, 0.6))
        self.random, self.one, self.number = random, one, number
        self.by_person = random.random() < 0.3
        self.chat = _Measured(
            brain,
            {name: failing(tool, share, random) for name, tool in tools.items()},
            customer_id=one.customer_id,
            language=one.language,
            policy=POLICY,
            key=str(number),
        )
        self.turns: list[dict[str, Any]] = []
        self.waiting: dict[str, Any] = {}
        self.temper = {"calm": 0.0, "hurried": 0.5, "annoyed": 1.2}[one.mood]
        self.fuse = random.uniform(0.5, 1.4)
        self.upset = random.random() < 0.35
        self.useless = self.worst = 0
        self.path = "none"
        self.calls = 0
        self.wish = ""

    async def told(self) -> dict[str, Any]:
        """Hold the chat and return it with its labels."""
        texts = self._opening()
        self.wish = texts[-1]
        for text in texts:
            self._customer(text, 1)
        if self.by_person:
            self._person()
        else:
            await self._ai(texts)
        happy = self.chat.ended == "resolved" or self.turns[-1]["sentiment"] == 2
        low = 1.2 * self.temper + 0.5 * self.worst - (1.5 if happy else 0.0)
        rating = min(5, max(1, round(4.7 - low + self.random.gauss(0, 0.7))))
        return {
            "chat_id": f"shop-{self.number}",
            "turns": self.turns,
            "rating": rating,
            "retrial": self.random.random() < (0.05 if happy else 0.35),
            "path": None if self.by_person else self.path,
        }

    def _opening(self) -> tuple[str, ...]:
        one = self.one
        if self.random.random() < 0.2:
            odd = self.random.choice(ODD[one.language])
            return (odd.format(order=one.order, item=one.item),)
        return one.opening()

    async def _ai(self, texts: tuple[str, ...]) -> None:
        chat = self.chat
        said = await chat.customer_says_all(*texts)
        for _ in range(ROUNDS):
            for waiting in chat.waiting():
                said += await chat.decide(waiting, approve=self.random.random() < 0.85)
            failed = self._ai_said(said)
            self._feel(said, failed)
            if chat.ended == "given_up":
                self._path(chat.cause or "technical")
                self._person(stretch=self.random.randint(1, 3))
                return
            if chat.ended or (text := self._answer(said)) is None:
                return
            said = await chat.customer_says(text)

    def _ai_said(self, said: list[str]) -> int:
        """Add what the AI said, and count its calls where a desk's transcript counts them.

        Calls count for the first thing said after them, the brain's confidence (told when the
        turn has ended) for the next turn.
        """
        made = [state for _, _, state in self.chat.calls[self.calls :]]
        self.calls = len(self.chat.calls)
        failed = made.count("failed") + made.count("unknown")
        self.waiting = {"n_tools": made.count("succeeded") + failed, "n_tools_failed": failed}
        for text in said:
            self._turn("ai", text, sentiment=1)
        if self.chat.confidence is not None:
            self.waiting["confidence"] = self.chat.confidence
        return failed

    def _feel(self, said: list[str], failed: int) -> None:
        """Let the temper sink or rise with what was just said."""
        before = {turn["text"] for turn in self.turns[: -len(said) or None]}
        stuck = failed > 0 or not said or any(text in before for text in said)
        if stuck or self.chat.ended == "given_up":
            self.useless += 1
            self.temper += self.fuse * (1.0 if self.useless > 1 else 0.6)
        elif self.upset:
            self.temper += 0.8 * self.fuse
        else:
            self.useless = 0
            self.temper = max(0.0, self.temper - 0.4)
        self.worst = max(self.worst, self.useless)
        if self.useless >= 2 or self.chat.ended == "given_up":
            self._path(self.chat.cause or "technical")
            if self.turns:
                self.turns[-1]["handoff"] = True

    def _answer(self, said: list[str]) -> str | None:
        """Say the next thing, coloured by the temper; None when the customer has left."""
        one, random = self.one, self.random
        text = one.answer("\n".join(said))
        if (self.useless or self.upset) and (text is None or random.random() < 0.4):
            text = random.choice(SAYS["again"][one.language]) + self.wish
        if text is None and self.chat.ended == "":
            if random.random() < 0.5:
                return None
            text = self.wish
        if text is None:
            return None
        label = 1
        if self.temper > 2.0 and random.random() < 0.75:
            coloured, label = say("angry", one.language, random), 0
            text = random.choice((coloured, f"{coloured}. {text}", f"{text} {coloured}"))
            self._path("emotional")
        elif self.temper > 1.0 and random.random() < 0.6:
            text = f"{say('sour', one.language, random)}, {text}"
        elif self.temper <= 0.2 and random.random() < 0.15:
            text, label = f"{text}, {say('glad', one.language, random)}", 2
        self._customer(text, label, handoff=self.useless >= 2 or label == 0)
        return text

    def _person(self, stretch: int = 4) -> None:
        """Let a person serve the customer for a while."""
        one, random = self.one, self.random
        good = random.random() < 0.65
        for number in range(random.randint(1, stretch)):
            does = "helps" if good and random.random() < 0.8 else "stalls"
            text = random.choice(WORKER[does][one.language])
            text = text.format(order=one.order, item=one.item)
            self._turn("worker", text, sentiment=1)
            self.temper += -0.8 if does == "helps" else 0.5 * self.fuse
            self.temper = max(0.0, self.temper)
            if self.temper > 2.0 and random.random() < 0.75:
                self._customer(say("angry", one.language, random), 0, handoff=not good)
            elif self.temper > 1.0 and random.random() < 0.6:
                self._customer(say("sour", one.language, random), 1)
            elif good and number:
                self._customer(say("glad", one.language, random), 2)
            else:
                said = random.choice((one.order, one.item, random.choice(YES["yes"][one.language])))
                self._customer(said, 1)

    def _customer(self, text: str, sentiment: int, *, handoff: bool = False) -> None:
        self._turn("customer", text, sentiment=sentiment, handoff=handoff)

    def _turn(self, role: str, text: str, *, sentiment: int, handoff: bool = False) -> None:
        self.turns.append(
            {"role": role, "text": text, "sentiment": sentiment, "handoff": handoff, **self.waiting}
        )
        self.waiting = {}

    def _path(self, cause: str) -> None:
        if self.path == "none":
            self.path = cause


def in_order(chats: list[dict[str, Any]]) -> Iterator[bytes]:
    """Yield the chats as lines of a JSONL file."""
    for chat in chats:
        yield msgspec.json.encode({k: v for k, v in chat.items() if v is not None}) + b"\n"
