"""A worker's own job: search, a customer's history, canned replies, labels, tools."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from stepin.core.chat import Chat, Episode
from stepin.core.events.base import CloseReason, Risk
from stepin.desk.state.history import ChatFilter, Searched
from stepin.desk.tools.background import Background
from stepin.web.auth.caller import WORKER, WorkerCaller
from stepin.web.canned_replies import CannedReply
from stepin.web.routing.endpoint import Call, Endpoint, endpoint

PART = "Work"
_WORKER = frozenset({WORKER})


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for in past chats, and in which; without a text, every chat of those.

    `customer` is an id or a part of a name, `state` where the chat stands; it was opened from
    `since_us` to before `until_us`.
    """

    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    customer: Annotated[str, msgspec.Meta(max_length=200)] = ""
    state: Literal["", "queued", "active", "wrap_up", "closed"] = ""
    label: Annotated[str, msgspec.Meta(max_length=100)] = ""
    since_us: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    until_us: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    before: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)] | None = None


class PastChat(msgspec.Struct, frozen=True, kw_only=True):
    """A chat in a list. It says neither who held it nor how it was rated."""

    chat_id: str
    customer_id: str
    customer_name: str | None
    episode: Episode
    issue_class: str | None
    language: str
    labels: tuple[str, ...]
    opened_us: int
    closed_us: int | None
    close_reason: CloseReason | None
    disposition: str | None


class PastChats(msgspec.Struct, frozen=True, kw_only=True):
    """Chats, newest first."""

    chats: tuple[PastChat, ...]


class CannedReplies(msgspec.Struct, frozen=True, kw_only=True):
    """Replies to start from, and the labels and dispositions that this desk uses."""

    replies: tuple[CannedReply, ...]
    labels: tuple[str, ...]
    dispositions: tuple[str, ...]


class ToolCard(msgspec.Struct, frozen=True, kw_only=True):
    """A tool: `parameters` is the JSON schema of its arguments.

    `stopped` says that it was switched off for everybody; `title` is what people call it, by
    language, empty where the shop has no word for it.
    """

    name: str
    version: str
    doc: str
    parameters: dict[str, Any]
    risk: Risk
    customer_scoped: bool
    stopped: bool = False
    title: dict[str, str] = {}


class ToolCards(msgspec.Struct, frozen=True, kw_only=True):
    """The tools that workers and the AI share.

    `words` is what people call the fields of records and the codes in them, by language.
    """

    tools: tuple[ToolCard, ...]
    words: dict[str, dict[str, str]] = {}


class PlanWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call that a worker thinks about."""

    tool: str
    arguments: dict[str, Any] = {}


class PlanPreview(msgspec.Struct, frozen=True, kw_only=True):
    """What the call would do, resolved by code; nothing has happened."""

    tool: str
    version: str
    risk: Risk
    arguments: dict[str, Any]
    records: dict[str, Any]
    amount: float


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What a reading tool knows of a customer."""

    tool: str
    result: dict[str, Any]


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a chat's customer; empty for one whom nobody has vouched for."""

    records: tuple[Record, ...]


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to whom a chat can be given."""

    worker_id: str
    name: str
    groups: tuple[str, ...]
    signed_on: bool
    away: bool


class Colleagues(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody with an account in use, by id."""

    workers: tuple[Colleague, ...]


@endpoint("GET", "/api/search", part=PART, who=_WORKER, query=SearchQuery, returns=Searched)
async def search_chats(call: Call) -> Searched:
    """Search past chats: the newest in which every word is found, each once.

    Words are looked for in messages, in the customer's id and name, and in what actions were about.

    An answer with `before` did not come to the beginning of the log: ask again with it to go on.
    """
    call.site.limits.searches.take(call.caller.name)
    query: SearchQuery = call.query
    among = ChatFilter(
        customer=query.customer,
        state=query.state,
        label=query.label,
        since_us=query.since_us,
        until_us=query.until_us,
    )
    return await call.site.desk.search(
        query.text, among=among, limit=query.limit, before=query.before
    )


@endpoint("GET", "/api/customers/{customer_id}/chats", part=PART, who=_WORKER, returns=PastChats)
async def customer_history(call: Call) -> PastChats:
    """Return a customer's chats."""
    found = await call.site.desk.history(call.path["customer_id"])
    return PastChats(chats=tuple(_past(chat) for chat in found))


@endpoint("GET", "/api/replies", part=PART, who=_WORKER, returns=CannedReplies)
async def list_replies(call: Call) -> CannedReplies:
    """Return canned replies, labels and dispositions."""
    known = call.site.replies
    return CannedReplies(
        replies=known.replies, labels=known.labels, dispositions=known.dispositions
    )


@endpoint("GET", "/api/tools", part=PART, who=_WORKER, returns=ToolCards)
async def list_tools(call: Call) -> ToolCards:
    """Return the tools' catalogue."""
    known = [(k.tool, k.stopped) for k in call.site.desk.tools()]
    cards = (
        ToolCard(
            name=t.name,
            version=t.version,
            doc=t.doc,
            parameters=t.parameters,
            risk=t.risk,
            customer_scoped=t.customer_scoped,
            stopped=stopped,
            title=t.title,
        )
        for t, stopped in known
    )
    words = {name: word for tool, _ in known for name, word in tool.fields.items()}
    return ToolCards(tools=tuple(cards), words=words)


@endpoint(
    "POST", "/api/chats/{chat_id}/plan", part=PART, who=_WORKER, body=PlanWish, returns=PlanPreview
)
async def preview_plan(call: Call) -> PlanPreview:
    """Resolve a tool call for this chat's customer without making it."""
    assert isinstance(call.caller, WorkerCaller)
    call.site.limits.commands.take(call.caller.name)
    wish: PlanWish = call.body
    plan = await call.site.desk.preview(call.path["chat_id"], wish.tool, wish.arguments)
    return PlanPreview(
        tool=plan.tool,
        version=plan.tool_version,
        risk=plan.risk,
        arguments=plan.arguments,
        records=plan.records,
        amount=plan.amount,
    )


@endpoint("GET", "/api/chats/{chat_id}/records", part=PART, who=_WORKER, returns=Records)
async def customer_records(call: Call) -> Records:
    """Return what the reading tools that need no arguments say of this chat's customer."""
    call.site.limits.commands.take(call.caller.name)
    found = await call.site.desk.records(call.path["chat_id"])
    return Records(records=tuple(Record(tool=one.tool, result=one.result) for one in found))


@endpoint(
    "GET",
    "/api/chats/{chat_id}/actions/{action_id}/background",
    part=PART,
    who=_WORKER,
    returns=Background,
)
async def action_background(call: Call) -> Background:
    """Return what stands behind an action that waits: the limits, and what was done before."""
    call.site.limits.commands.take(call.caller.name)
    return await call.site.desk.background(call.path["chat_id"], call.path["action_id"])


@endpoint("GET", "/api/colleagues", part=PART, who=_WORKER, returns=Colleagues)
async def list_colleagues(call: Call) -> Colleagues:
    """Return to whom a chat can be given."""
    signed_on = call.site.hub.board.presence
    return Colleagues(
        workers=tuple(
            Colleague(
                worker_id=a.worker_id,
                name=a.name,
                groups=a.groups,
                signed_on=a.worker_id in signed_on,
                away=a.worker_id in signed_on and signed_on[a.worker_id].away,
            )
            for a in await call.site.accounts.load()
            if not a.disabled
        )
    )


def _past(chat: Chat) -> PastChat:
    return PastChat(
        chat_id=chat.chat_id,
        customer_id=chat.customer_id,
        customer_name=chat.origin.customer_name,
        episode=chat.episode,
        issue_class=chat.issue_class,
        language=chat.language,
        labels=tuple(sorted(chat.stage.labels)),
        opened_us=chat.opened_us,
        closed_us=chat.stage.closed_us,
        close_reason=chat.close_reason,
        disposition=chat.stage.disposition,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    search_chats,
    customer_history,
    list_replies,
    list_tools,
    preview_plan,
    customer_records,
    action_background,
    list_colleagues,
)
