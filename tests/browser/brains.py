"""Brains for the browser tests: what they do follows from what was said."""

from __future__ import annotations

import asyncio

from stepin.agent.brain import Fenced, Hands, TurnContext

GREETING = "Hello! What can I do for you?"
AFTER_WHISPER = "Shipping is free for you today."
STUCK = "I can't solve this. I have asked a colleague to help you."
SORRY = "I am sorry that you have to ask again."
GOODBYE = "Glad that it works. Goodbye!"


class Assistant:
    """Greets, refunds, gets stuck, takes hints from whispers, and says goodbye."""

    version = "assistant-1"

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Answer what was said last."""
        said = next((x.text for x in reversed(context.lines) if x.speaker == "customer"), "")
        if any(line.speaker == "whisper" for line in context.lines):
            await hands.say(AFTER_WHISPER)
        elif "thanks" in said:
            await hands.resolve(GOODBYE, disposition="solved")
        elif "blender" in said:
            await hands.give_up("technical", STUCK, reason="no procedure for blenders")
        elif "third time" in said:
            await hands.flag("emotional", reason="third time asking", score=0.9)
            await hands.say(SORRY)
        elif "refund" in said:
            await self._refund(context, hands)
        else:
            await hands.say(GREETING)

    async def _refund(self, context: TurnContext, hands: Hands) -> None:
        done = [a for a in context.chat.actions.values() if a.turn_id != context.chat.turn_id]
        if done:
            await hands.say(f"The refund was {done[-1].state}.")
            return
        called = await hands.call("refund", {"order": "A-1001", "amount": 50})
        if called.state == "proposed":
            await hands.say("I have asked a colleague to approve this.")
        else:
            await hands.say(f"The refund was {called.state}.")


class Waiting(Assistant):
    """Takes a refund back that still waits when the customer says stop, and else tells of it."""

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Answer what was said last."""
        said = next((x.text for x in reversed(context.lines) if x.speaker == "customer"), "")
        waiting = [a for a in context.chat.actions.values() if a.state == "proposed"]
        if not waiting:
            await super().turn(context, hands)
        elif "stop" not in said:
            await hands.say("It still waits.")
        elif await hands.withdraw(waiting[0].action_id):
            await hands.say("I have taken it back.")


class Slow:
    """Begins to draft when it is told to, and says it when it is let go."""

    version = "slow-1"

    def __init__(self) -> None:
        self.begin = asyncio.Event()
        self.go = asyncio.Event()
        self.said = asyncio.Event()
        self.fenced = False

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Draft one answer and wait with it."""
        await self.begin.wait()
        await hands.draft("Your parcel will")
        await asyncio.shield(asyncio.ensure_future(self._late(hands)))

    async def _late(self, hands: Hands) -> None:
        """Speak although the turn has been cancelled: the fence must stop it."""
        await self.go.wait()
        try:
            await hands.say("Your parcel will come tomorrow.")
        except Fenced:
            self.fenced = True
        finally:
            self.said.set()
