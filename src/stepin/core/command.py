"""What people and programs may ask of the desk, in the imperative."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from stepin.core.events.base import CloseReason


class Command(
    msgspec.Struct, frozen=True, gc=False, kw_only=True, tag=True, forbid_unknown_fields=True
):
    """Something that somebody wants to happen in one chat.

    `command_id` makes a retry safe: the same id with the same body is carried out once.
    `expect_seq` is the seq of the picture on which the caller decided, if it matters;
    `expect_epoch` is the weaker claim that nobody has changed the holder since.
    """

    chat_id: str
    command_id: str | None = None
    expect_seq: int | None = None
    expect_epoch: int | None = None


class PostMessage(Command, frozen=True, kw_only=True):
    """A customer says something."""

    text: str


class Reply(Command, frozen=True, kw_only=True):
    """A worker says something to the customer; in a chat that the AI holds it is a takeover.

    `suggestion_id` names the suggestion that it was made from, `suggestion_edited` whether the
    worker changed it.
    """

    text: str
    template: str | None = None
    suggestion_id: str | None = None
    suggestion_edited: bool = False


class AddNote(Command, frozen=True, kw_only=True):
    """A worker writes something that only workers see."""

    text: str


class ChangeLabels(Command, frozen=True, kw_only=True):
    """A worker puts labels on or takes them off."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Whisper(Command, frozen=True, kw_only=True):
    """A worker tells the AI something that the customer never sees."""

    text: str


class TakeOver(Command, frozen=True, kw_only=True):
    """A worker speaks from now on."""


class HandBack(Command, frozen=True, kw_only=True):
    """The worker who holds the chat gives it to the AI, with a note."""

    note: str


class Transfer(Command, frozen=True, kw_only=True):
    """The chat goes to a named worker, or waits for somebody of a group."""

    to_worker: str | None = None
    to_group: str | None = None
    note: str = ""


class CloseChat(Command, frozen=True, kw_only=True):
    """The chat ends. A worker goes on to the wrap-up."""

    reason: CloseReason = "resolved"
    disposition: str | None = None


class EndWrapUp(Command, frozen=True, kw_only=True):
    """The worker has finished the wrap-up."""

    disposition: str | None = None


class Rate(Command, frozen=True, kw_only=True):
    """The customer rates the chat, 1 to 5."""

    rating: int
    comment: str | None = None


class AcknowledgeAlert(Command, frozen=True, kw_only=True):
    """A worker has seen the alert."""


class DeclineEscalation(Command, frozen=True, kw_only=True):
    """A worker looked and leaves the chat to the AI."""

    reason: str = ""


class ProposeAction(Command, frozen=True, kw_only=True):
    """A worker wants a tool to be called."""

    tool: str
    arguments: dict[str, Any]
    again: bool = False


class ApproveAction(Command, frozen=True, kw_only=True):
    """A worker lets a proposed action run, exactly as `digest` says.

    `seen_seq` is the customer's last message that the worker has seen.
    """

    action_id: str
    digest: str
    seen_seq: int = 0


class EditAction(Command, frozen=True, kw_only=True):
    """A worker changes a proposed action's arguments and lets it run.

    `seen_seq` is the customer's last message that the worker has seen.
    """

    action_id: str
    digest: str
    arguments: dict[str, Any]
    seen_seq: int = 0


class DenyAction(Command, frozen=True, kw_only=True):
    """A worker says no to a proposed action."""

    action_id: str
    reason: str = ""


CustomerCommand = PostMessage | Rate | CloseChat
WorkerCommand = (
    Reply
    | AddNote
    | ChangeLabels
    | Whisper
    | TakeOver
    | HandBack
    | Transfer
    | CloseChat
    | EndWrapUp
    | AcknowledgeAlert
    | DeclineEscalation
    | ProposeAction
    | ApproveAction
    | EditAction
    | DenyAction
)
AnyCommand = CustomerCommand | WorkerCommand


class OpenChat(msgspec.Struct, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True):
    """A customer starts a chat with a first message."""

    text: str
    channel: str = "web"
    language: str = "en"
    issue_class: str | None = None
    command_id: str | None = None


Role = Literal["worker", "lead", "admin"]


class Actor(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Who asks, as established at the door: never taken from the command itself."""

    kind: Literal["customer", "worker", "system"]
    id: str = ""
    role: Role = "worker"

    def __str__(self) -> str:
        return self.kind if self.kind == "system" else f"{self.kind}:{self.id}"


SYSTEM_ACTOR = Actor(kind="system")
