"""What the built-in brain keeps from one turn to the next in a chat."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

WaitingFor = Literal["request", "fact", "confirm", "action", "more"]


class Task(msgspec.Struct, kw_only=True):
    """A procedure that is being carried out.

    Attributes
    ----------
    at : the step that comes next.
    facts, picked, results : what is known; `picked` are the records behind picked facts.
    asked : how often each fact was asked.
    heard : what the customer has written since the task began, for facts not asked yet.
    clear : whether it was clear that the customer wants this.
    refused : values of picks that the customer said they don't mean.
    untold : the facts that the customer couldn't tell when asked.
    acted : whether an effect has been carried out; it can't start over then.
    """

    procedure: str
    at: int = 0
    facts: dict[str, Any] = {}
    picked: dict[str, dict[str, Any]] = {}
    results: dict[str, dict[str, Any]] = {}
    asked: dict[str, int] = {}
    heard: str = ""
    clear: bool = True
    refused: dict[str, list[Any]] = {}
    untold: list[str] = []
    acted: bool = False


class Waiting(msgspec.Struct, kw_only=True):
    """What the customer, or a colleague, was asked; `topics` are procedures that were offered.

    `unwanted` is whether the customer has taken back what a colleague was asked, too late.
    """

    kind: WaitingFor = "request"
    fact: str = ""
    shown: list[dict[str, Any]] = []
    topics: list[str] = []
    action_id: str = ""
    times: int = 1
    unwanted: bool = False


class Memory(msgspec.Struct, kw_only=True):
    """Everything that outlives a turn.

    Attributes
    ----------
    queue : procedures that were asked for and come later, with the words that asked.
    rounds : facts for further rounds of the procedure that is being carried out.
    declined : how often each procedure's question was answered with no.
    angry : how many messages of the customer were written in anger.
    facts : facts of the task before, offered to the next one.
    last, offered : the procedure that ended last, and the records that its picks were from.
    said, repeated : what the customer was told last, and how often in a row.
    lost, unclear : how often in a row nothing was understood, and the first such text.
    """

    task: Task | None = None
    waiting: Waiting = msgspec.field(default_factory=Waiting)
    queue: list[tuple[str, str]] = []
    rounds: list[dict[str, Any]] = []
    declined: dict[str, int] = {}
    angry: int = 0
    facts: dict[str, Any] = {}
    last: str = ""
    offered: dict[str, list[dict[str, Any]]] = {}
    disposition: str = ""
    language: str = ""
    read_seq: int = 0
    said: str = ""
    repeated: int = 0
    lost: int = 0
    unclear: str = ""
    greeted: bool = False


def load(stored: dict[str, Any]) -> Memory:
    """Return what was stored; a new memory if it can't be read (another version wrote it)."""
    try:
        return msgspec.convert(stored, Memory)
    except msgspec.ValidationError:
        return Memory()


def dump(memory: Memory) -> dict[str, Any]:
    """Return a memory as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(memory)
    return plain
