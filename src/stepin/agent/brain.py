"""The port of a brain: what it is told, what it may do, and nothing else.

A brain never sees the log. It reads a `TurnContext` and acts through `Hands`; every act goes
through the fence, and an act that the fence refuses raises `Fenced`, which ends the turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from stepin.agent.tool import Tool
from stepin.core.action import ActionState
from stepin.core.chat import Chat
from stepin.core.events.base import Cause
from stepin.core.policy import Policy

Speaker = Literal["customer", "ai", "worker", "system", "whisper", "boundary", "action"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said or done, as the brain may know it.

    `boundary` lines mark a hand-back and hold the worker's note; `action` lines hold what became
    of an action, with `action_id`.
    """

    seq: int
    at_us: int
    speaker: Speaker
    text: str
    action_id: str | None = None


class TurnContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a brain is told.

    Attributes
    ----------
    chat : where the chat stands.
    lines : what was said, oldest first; notes between workers are not among them.
    basis_seq : the last thing that this turn has read.
    tools : the tools that the brain may call in this chat.
    memory : what this brain stored at its last turn in this chat (see `Hands.remember`).
    """

    chat: Chat
    lines: tuple[Line, ...]
    basis_seq: int
    now_us: int
    policy: Policy
    tools: Mapping[str, Tool]
    memory: dict[str, Any] = {}


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a tool call.

    `state` is succeeded, failed, denied, expired, unknown, or proposed: it waits for a person,
    and the AI gets another turn when that is decided.
    """

    action_id: str
    state: ActionState
    result: dict[str, Any] = {}
    error: str = ""
    message: str = ""


class Fenced(Exception):
    """The AI does not hold the chat any more, or has read too little: the turn ends here."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Hands(Protocol):
    """All that a brain can do."""

    async def say(self, text: str, *, sources: tuple[str, ...] = ()) -> None:
        """Post a message to the customer."""
        ...

    async def draft(self, text: str) -> None:
        """Show workers what is being written; never reaches the customer and is not logged."""
        ...

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Called:
        """Call a tool through an action, with approval where the policy asks for it."""
        ...

    async def flag(self, cause: Cause, *, reason: str, score: float | None = None) -> None:
        """Raise a flag and go on."""
        ...

    async def give_up(self, cause: Cause, text: str, *, reason: str) -> None:
        """Tell the customer honestly, raise a flag, and wait for a person."""
        ...

    async def resolve(self, text: str, *, disposition: str) -> None:
        """Say goodbye and close the chat as resolved."""
        ...

    async def remember(self, memory: dict[str, Any]) -> None:
        """Keep something for the next turn in this chat; it lives with the turn's outcome."""
        ...

    async def journal(self, step: str, compute: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the step's outcome: from the journal after a crash, else computed and stored."""
        ...

    async def measure(self, *, confidence: float | None = None, tokens: int = 0) -> None:
        """Report the brain's confidence and what it has spent; summed over the turn."""
        ...


class Brain(Protocol):
    """Something that can take a turn."""

    @property
    def version(self) -> str:
        """The name and version that the log records."""
        ...

    async def turn(self, context: TurnContext, hands: Hands) -> None:
        """Take one turn. May return without having said anything."""
        ...
