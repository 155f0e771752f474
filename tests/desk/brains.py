"""Brains that do what a test says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from stepin.agent.brain import Hands, TurnContext

Turn = Callable[[TurnContext, Hands], Awaitable[None]]


class Scripted:
    """A brain whose turn is a function."""

    version = "scripted-1"

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self.turns = 0

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        self.turns += 1
        await self._turn(context, hands)


async def refunds(context: TurnContext, hands: Hands) -> None:
    """Refund once, and tell the customer how it went."""
    turn = context.chat.turn_id
    done = [a for a in context.chat.actions.values() if a.turn_id != turn]
    if not done:
        called = await hands.call("refund", {"order": "A-1001", "amount": 50})
        state, error = called.state, called.error
    else:
        state, error = done[-1].state, done[-1].error
    await hands.say(f"refund {state} {error}".strip())


async def silent(context: TurnContext, hands: Hands) -> None:
    """Say nothing."""
