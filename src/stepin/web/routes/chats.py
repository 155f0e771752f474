"""One chat in a worker's hands: reading it, every command, and the tools at hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

import msgspec

from stepin.core.command import AnyCommand, CustomerCommand
from stepin.desk.alerts.briefing import Shown
from stepin.desk.feeds.board import ChatView
from stepin.desk.feeds.visibility import Entry
from stepin.errors import Forbidden, Invalid
from stepin.web.auth.caller import CUSTOMER, WORKER, CustomerCaller, KeyCaller, WorkerCaller, viewer
from stepin.web.routing.endpoint import MOST, Call, Done, Endpoint, endpoint

PART = "Chats"
_READERS = frozenset({WORKER, "key:chats:read"})
COMMANDS: tuple[type[msgspec.Struct], ...] = tuple(
    dict.fromkeys(get_args(CustomerCommand) + get_args(AnyCommand))
)
_CUSTOMER_COMMANDS = get_args(CustomerCommand)


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What the command led to is in the log. `replayed` if an earlier call had done it."""

    chat_id: str
    seq: int
    position: int
    replayed: bool


class EntriesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: those after a seq, at most so many events."""

    after_seq: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 200


class Entries(msgspec.Struct, frozen=True, kw_only=True):
    """Entries of a chat, oldest first."""

    entries: tuple[Entry, ...]


class CommandBody(msgspec.Struct, frozen=True):
    """Any command, by its `type`; the chat is the path's."""


class BriefWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which language the worker reads the brief; suggestions are in the customer's."""

    language: Literal["en", "zh"] = "en"


@endpoint(
    "POST",
    "/api/chats/{chat_id}/commands",
    part=PART,
    who=frozenset({CUSTOMER, WORKER}),
    body=CommandBody,
    returns=Accepted,
    embeds=True,
)
async def submit_command(call: Call) -> Accepted:
    """Carry out a command.

    `command_id` makes a retry safe: the same id with the same body is carried out once, with
    another body it is refused. `expect_seq` refuses with 409, and the current seq, if the chat
    has moved on since.
    """
    command = _command(call.body, call.path["chat_id"])
    caller = call.caller
    if isinstance(caller, CustomerCaller):
        if not isinstance(command, _CUSTOMER_COMMANDS):
            raise Forbidden(
                "A customer may not do this.",
                hint="A customer posts messages, rates and leaves; see the reference of commands.",
                code="worker_only",
            )
        call.site.limits.messages.take(caller.chat_id)
    else:
        assert isinstance(caller, WorkerCaller)
        call.site.limits.commands.take(caller.name)
    receipt = await call.site.desk.submit(caller.actor, command)
    return Accepted(
        chat_id=receipt.chat_id,
        seq=receipt.seq,
        position=0 if isinstance(caller, CustomerCaller) else receipt.position,
        replayed=receipt.replayed,
    )


def _command(raw: Any, chat_id: str) -> AnyCommand:
    if not isinstance(raw, dict):
        raise Invalid("A command is an object.", code="body_invalid")
    if raw.setdefault("chat_id", chat_id) != chat_id:
        raise Invalid("The body names another chat than the path.", code="another_chat")
    try:
        command: AnyCommand = msgspec.convert(raw, AnyCommand)
    except msgspec.ValidationError as error:
        raise Invalid(
            f"The command doesn't fit: {error}.",
            hint="See the reference of commands.",
            code="body_invalid",
        ) from error
    if command.command_id is not None and not 1 <= len(command.command_id) <= 100:
        raise Invalid("A command_id has 1 to 100 characters.", code="body_invalid")
    return command


@endpoint("GET", "/api/chats/{chat_id}", part=PART, who=_READERS, returns=ChatView)
async def view_chat(call: Call) -> ChatView:
    """Return a chat with all its entries, as workers read it."""
    _limited(call)
    return await call.site.hub.chat_view(call.path["chat_id"], viewer(call.caller))


@endpoint(
    "GET",
    "/api/chats/{chat_id}/entries",
    part=PART,
    who=_READERS,
    query=EntriesQuery,
    returns=Entries,
)
async def list_entries(call: Call) -> Entries:
    """Return a chat's entries after a seq: what a console has missed of it."""
    _limited(call)
    found = await call.site.hub.entries(
        call.path["chat_id"],
        viewer(call.caller),
        after_seq=call.query.after_seq,
        limit=call.query.limit,
    )
    return Entries(entries=found)


@endpoint("POST", "/api/chats/{chat_id}/typing", part=PART, who=frozenset({WORKER}))
async def worker_typing(call: Call) -> Done:
    """Tell the customer and colleagues that a worker types; never stored."""
    caller = call.caller
    assert isinstance(caller, WorkerCaller)
    call.site.limits.commands.take(f"typing:{caller.name}")
    call.site.hub.worker_types(call.path["chat_id"], caller.session.worker_id)
    return Done()


@endpoint("POST", "/api/chats/{chat_id}/looking", part=PART, who=frozenset({WORKER}))
async def worker_looking(call: Call) -> Done:
    """Tell colleagues who see this chat that a worker has it open; never stored."""
    caller = call.caller
    assert isinstance(caller, WorkerCaller)
    call.site.limits.commands.take(f"typing:{caller.name}")
    call.site.hub.worker_looks(call.path["chat_id"], caller.session.worker_id)
    return Done()


@endpoint(
    "POST",
    "/api/chats/{chat_id}/brief",
    part=PART,
    who=frozenset({WORKER}),
    body=BriefWish,
    returns=Shown,
)
async def show_brief(call: Call) -> Shown:
    """Return the brief and suggested replies for a chat as it stands, and log that they were shown.

    The same picture of the chat is logged once for each worker. Empty where the chat's policy
    leaves it out, and once the chat is over.
    """
    caller = call.caller
    assert isinstance(caller, WorkerCaller)
    call.site.limits.commands.take(caller.name)
    language = call.body.language
    return await call.site.desk.briefing.show(call.path["chat_id"], caller.actor, language=language)


def _limited(call: Call) -> None:
    if isinstance(call.caller, KeyCaller):
        call.site.limits.commands.take(call.caller.name)


ENDPOINTS: tuple[Endpoint, ...] = (
    submit_command,
    view_chat,
    list_entries,
    worker_typing,
    worker_looking,
    show_brief,
)
