"""What a simulated worker has in front of them, and what they may do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Line = tuple[Literal["customer", "ai", "worker"], str]


@dataclass(frozen=True, slots=True)
class Case:
    """A chat as a worker has it in front of them.

    Attributes
    ----------
    lines : the public messages, oldest first.
    results : by tool, what its last call gave; None if it failed or was denied.
    """

    language: str
    lines: Sequence[Line]
    results: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    """Write to the customer."""

    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """Call a tool; it may need somebody's approval."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Close:
    """End the chat."""

    disposition: str


Step = Say | Use | Close


class Clerk(Protocol):
    """What a worker of one shop does; the shop's folder offers its own as `Clerk`."""

    def next_step(self, case: Case) -> Step | None:
        """Return what to do now, None if it is the customer's turn."""
        ...
