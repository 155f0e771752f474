"""The smallest brain for tests: greets, looks up one order, or asks for a person."""

from __future__ import annotations

import re

from stepin.agent.brain import Hands, TurnContext

_ORDER = re.compile(r"\b[A-Z]{1,3}-?\d{3,}\b")


class SimpleBrain:
    """Speaks without any procedures.

    Parameters
    ----------
    tool : the name of a tool that reads an order, with one argument `order`.
    """

    version = "simple-1"

    def __init__(self, *, tool: str = "find_order") -> None:
        self._tool = tool

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Greet at first, answer about an order if one is named, else give up."""
        chinese = context.chat.language.startswith("zh")
        said = [line.text for line in context.lines if line.speaker == "customer"]
        order = _ORDER.search(" ".join(said))
        if order is None and context.chat.ai_messages == 0:
            await hands.say(
                "您好！请告诉我您的订单号，我来为您查询。"
                if chinese
                else "Hello! Tell me your order number and I will look it up."
            )
            return
        if order is None or self._tool not in context.tools:
            await self._give_up(hands, chinese=chinese, reason="no_order")
            return
        called = await hands.call(self._tool, {"order": order.group()})
        if called.state != "succeeded":
            await self._give_up(hands, chinese=chinese, reason=called.error or called.state)
            return
        status = str(called.result.get("status", "known"))
        await hands.say(
            f"订单 {order.group()} 的状态是：{status}。"
            if chinese
            else f"Order {order.group()} is {status}."
        )

    async def _give_up(self, hands: Hands, *, chinese: bool, reason: str) -> None:
        text = (
            "这个问题我无法处理，已为您通知客服人员。"
            if chinese
            else "I can't solve this. I have asked a member of our team to help you."
        )
        await hands.give_up("technical", text, reason=reason)
