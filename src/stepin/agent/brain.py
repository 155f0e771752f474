"""The port of a brain: what it is told, what it may do, and nothing else.

A brain never sees the log. It reads a `TurnContext` and acts through `Hands`; every act goes
through the fence, and an act that the fence refuses raises `Fenced`, which ends the turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from stepin.agent.gate.gate import Gated, Reason
from stepin.agent.tools.tool import Tool
from stepin.core.action import Action, ActionState
from stepin.core.chat import Chat
from stepin.core.events.base import Cause
from stepin.core.policy import Policy
from stepin.errors import Refused
from stepin.language.reading import READ_CHARS, read_part

Speaker = Literal["customer", "ai", "worker", "system", "whisper", "boundary", "action"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said or done, as the brain may know it.

    `boundary` lines mark a hand-back and hold the worker's note; `action` lines hold what became
    of an action, with `action_id`. `confirms` is the key of the call that an AI's question asks
    about, empty where it asks about none. `settles` marks a boundary before which nothing asks for
    an answer any more: a person has dealt with it. Of a long text only `read_part` is kept, whoever
    makes the line.
    """

    seq: int
    at_us: int
    speaker: Speaker
    text: str
    action_id: str | None = None
    confirms: str = ""
    settles: bool = False

    def __post_init__(self) -> None:
        if len(self.text) > READ_CHARS:
            msgspec.structs.force_setattr(self, "text", read_part(self.text))


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
    and the AI gets another turn when that is decided. `denial` is why a person said no, in their
    words.
    """

    action_id: str
    state: ActionState
    result: dict[str, Any] = {}
    error: str = ""
    message: str = ""
    denial: str = ""

    @classmethod
    def of(cls, action: Action) -> Called:
        """Return what has become of an action."""
        return cls(
            action_id=action.action_id,
            state=action.state,
            result=action.result,
            error=action.error,
            denial=action.denial,
        )


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What a call would do, as code has resolved it; nothing was done.

    Attributes
    ----------
    confirms : the key to put a question to the customer with (see `Hands.say`); empty if the
        call can't be made, or needs no question.
    arguments, records, amount : what the question is about.
    error, message : why the call can't be made, empty if it can.
    """

    confirms: str = ""
    arguments: dict[str, Any] = {}
    records: dict[str, Any] = {}
    amount: float = 0.0
    error: str = ""
    message: str = ""


class Fenced(Exception):
    """The AI does not hold the chat any more, or has read too little: the turn ends here."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Withheld(Refused):
    """The gate has kept a text from the customer; the turn is taken again, then a person asked."""

    code = "withheld"
    hint_default = (
        "Say a finished answer: no markup of a model, no unfilled gap, no foreign link, and "
        "nothing done and no amount that this chat's tools don't bear out."
    )

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"A text was withheld from the customer: {reason}.", reason=reason)
        self.name = f"withheld_{reason}"


class Hands(Protocol):
    """All that a brain can do."""

    def gated(self, text: str) -> Gated:
        """Return what of a text may go out: the gate that `say`, `give_up` and `resolve` ask."""
        ...

    async def say(self, text: str, *, sources: tuple[str, ...] = (), confirms: str = "") -> None:
        """Post a message to the customer.

        Parameters
        ----------
        confirms : the key of the call that the text asks about, from `plan`. The customer's next
            words are the answer; a clear yes lets that call through, once.

        Raises
        ------
        Withheld
            The text is none that a customer may get; see `gated`.
        """
        ...

    async def withhold(self, text: str, reason: Reason) -> None:
        """Keep a text that `gated` has refused for the workers, and count it."""
        ...

    async def draft(self, text: str) -> None:
        """Show workers what is being written; it never reaches the customer.

        `text` is the whole of it so far. It is logged, as `DraftDiscarded`, only if the chat is
        taken from the AI before it is said.
        """
        ...

    async def plan(self, tool: str, arguments: Mapping[str, Any]) -> Planned:
        """Return what a call would do, and the key for a question about it."""
        ...

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Called:
        """Call a tool through an action, with approval where the policy asks for it.

        A tool that changes something fails with ``not_confirmed`` unless the customer's last
        words are a clear yes to a question that was put with the key of this very call.
        """
        ...

    async def withdraw(self, action_id: str) -> bool:
        """Take back a proposal of the AI's that waits for a person, for the customer's sake.

        Return False if it doesn't wait any more: the AI gets another turn when its outcome is
        known, if it wasn't before.
        """
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

    async def measure(
        self,
        *,
        confidence: float | None = None,
        tokens: int = 0,
        missed: tuple[str, ...] = (),
    ) -> None:
        """Report the brain's confidence and what it has spent; summed over the turn.

        Parameters
        ----------
        missed : for each search in articles that found no answer the passage that came nearest.
        """
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
