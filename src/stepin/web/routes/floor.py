"""The floor: its snapshot, its live feed, presence, kill switches, attention."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from stepin.core.events.floor import DraftAbandoned, DraftStarted, FocusMoved
from stepin.core.record import NewEvent
from stepin.desk.feeds.board import FloorUpdate, FloorView
from stepin.desk.feeds.ephemeral import Draft, Looking, Typing
from stepin.desk.feeds.views import WorkerCard
from stepin.desk.jobs.retention import DAY_US, retention_work, stream_of_focus
from stepin.errors import Forbidden
from stepin.log.protocol import Append
from stepin.web.auth.caller import LEAD, WORKER, KeyCaller, WorkerCaller, viewer
from stepin.web.live.stream import EventSocket
from stepin.web.routes.customer import after_of
from stepin.web.routing.asgi import Send
from stepin.web.routing.endpoint import MOST, Call, Done, Endpoint, endpoint, feed_endpoint

PART = "Floor"
_WORKER = frozenset({WORKER})
_FLOOR = frozenset({WORKER, "key:floor:read"})
_Ms = Annotated[int, msgspec.Meta(ge=0, le=86_400_000)]
_ShortText = Annotated[str, msgspec.Meta(max_length=64)]


class FloorFeedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`after` is the last position seen; the header `Last-Event-ID` wins over it."""

    after: Annotated[int, msgspec.Meta(ge=0, le=MOST)] | None = None


class PresenceWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Available takes chats, away takes nothing new, off leaves the floor."""

    presence: Literal["available", "away", "off"]


class SwitchWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which switch (`ai`, `tool:NAME`, `arm:NAME`), thrown or put back, and why."""

    switch: Annotated[str, msgspec.Meta(pattern=r"^(ai|tool:[\w.-]{1,60}|arm:[\w.-]{1,60})$")]
    stopped: bool
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class FocusSpan(
    msgspec.Struct, frozen=True, kw_only=True, tag="FocusMoved", forbid_unknown_fields=True
):
    """A stretch of attention ended; durations are the browser's monotonic differences."""

    chat_id: _ShortText | None
    duration_ms: _Ms
    active_ms: _Ms
    to_chat_id: _ShortText | None = None
    ui_version: _ShortText = ""


class Typed(
    msgspec.Struct, frozen=True, kw_only=True, tag="DraftStarted", forbid_unknown_fields=True
):
    """A worker began to type."""

    chat_id: _ShortText
    mode: Literal["reply", "whisper", "note"]
    ui_version: _ShortText = ""


class Untyped(
    msgspec.Struct, frozen=True, kw_only=True, tag="DraftAbandoned", forbid_unknown_fields=True
):
    """A worker left what had been typed."""

    chat_id: _ShortText
    mode: Literal["reply", "whisper", "note"]
    chars: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    ui_version: _ShortText = ""


class AttentionReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a console saw of its own worker, oldest first."""

    events: Annotated[list[FocusSpan | Typed | Untyped], msgspec.Meta(max_length=200)]


class SpansRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """How many were recorded; none where attention is switched off."""

    recorded: int


class AttentionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one's own attention."""

    at_us: int
    chat_id: str | None
    duration_ms: int
    active_ms: int


class OwnAttention(msgspec.Struct, frozen=True, kw_only=True):
    """All that the desk holds of one's own attention, newest first, at most a thousand."""

    recorded: bool
    lines: tuple[AttentionLine, ...]


@endpoint("GET", "/api/floor", part=PART, who=_FLOOR, returns=FloorView)
async def view_floor(call: Call) -> FloorView:
    """Return the floor and the position from which the feed goes on.

    Leads see every open chat; workers those that they own or hold, that nobody owns, and that an
    alert has brought to them.
    """
    return call.site.hub.snapshot(viewer(call.caller))


@feed_endpoint(
    "/api/feed",
    part=PART,
    who=_FLOOR,
    query=FloorFeedQuery,
    frames=(FloorView, FloorUpdate, Draft, Typing, Looking),
)
async def floor_feed(call: Call, send: Send) -> EventSocket:
    """Follow the floor live: server-sent events whose ids are positions of the log.

    Without a cursor the feed begins with `event: snapshot`. A frame replaces the entities that it
    carries; ignore an id that isn't above the last one that you saw. `event: reset` means: fetch
    the floor again. `event: typing`, `event: looking` and `event: draft` have no id and are never
    replayed.
    `event: beat`, whose data is empty, is a sign of life.
    """
    site = call.site
    watcher = viewer(call.caller)
    caller = call.caller
    socket = EventSocket(
        send,
        limit=site.settings.feed_kb * 1024,
        holder=f"key:{caller.key.key_id}" if isinstance(caller, KeyCaller) else caller.name,
        address=call.address,
        headers=call.headers,
    )
    if isinstance(caller, WorkerCaller):
        socket.session_id = caller.session.session_id
        socket.worker_id = caller.session.worker_id

    hub = site.hub

    return await socket.open(
        site.sockets,
        lambda: hub.resume_floor(socket, watcher, after_of(call)),
        lambda: hub.leave(socket),
    )


@endpoint("POST", "/api/presence", part=PART, who=_WORKER, body=PresenceWish, returns=WorkerCard)
async def set_presence(call: Call) -> WorkerCard:
    """Sign on, go away for a while, come back, or sign off.

    A worker without an open feed is signed off when the policy's `presence_s` has passed.
    """
    caller = _worker(call)
    call.site.limits.commands.take(caller.name)
    wish: PresenceWish = call.body
    worker_id = caller.session.worker_id
    desk = call.site.desk
    if wish.presence == "off":
        done = await desk.sign_off(worker_id)
    elif worker_id in desk.floor().signed_on:
        done = await desk.set_presence(worker_id, wish.presence)
    else:
        done = await call.site.sign_on(await call.site.accounts.get(worker_id))
    if done is not None:
        await call.site.hub.caught_up(done.position)
    return call.site.hub.board.worker_cards([worker_id])[0]


@endpoint("POST", "/api/switches", part=PART, who=frozenset({LEAD}), body=SwitchWish)
async def throw_switch(call: Call) -> Done:
    """Throw a kill switch or put it back; every chat that it concerns gets a new epoch."""
    caller = _worker(call)
    wish: SwitchWish = call.body
    call.site.limits.commands.take(caller.name)
    await call.site.desk.kill_switch(wish.switch, wish.stopped, wish.why, caller.actor)
    return Done()


@endpoint(
    "POST", "/api/attention", part=PART, who=_WORKER, body=AttentionReport, returns=SpansRecorded
)
async def report_attention(call: Call) -> SpansRecorded:
    """Record which chat was in view for how long, and typing that began or was left."""
    caller = _worker(call)
    call.site.limits.commands.take(caller.name)
    report: AttentionReport = call.body
    if not call.site.settings.attention or not report.events:
        return SpansRecorded(recorded=0)
    worker_id = caller.session.worker_id
    events = tuple(
        NewEvent(event=_attention(worker_id, event), actor=str(caller.actor))
        for event in report.events
    )
    log, days = call.site.log, call.site.settings.attention_days
    due_us = await log.now_us() + days * DAY_US if days else 0
    work = (retention_work(worker_id, due_us=due_us),) if days else ()
    await log.append(Append(stream=stream_of_focus(worker_id), events=events, work=work))
    return SpansRecorded(recorded=len(events))


@endpoint("GET", "/api/attention", part=PART, who=_WORKER, returns=OwnAttention)
async def own_attention(call: Call) -> OwnAttention:
    """Return what the desk holds of the caller's own attention; nobody else's can be asked for."""
    worker_id = _worker(call).session.worker_id
    events = await call.site.log.read(stream_of_focus(worker_id))
    lines = tuple(
        AttentionLine(
            at_us=e.at_us,
            chat_id=e.event.chat_id,
            duration_ms=e.event.duration_ms,
            active_ms=e.event.active_ms,
        )
        for e in reversed(events)
        if isinstance(e.event, FocusMoved)
        and e.event.duration_ms is not None
        and e.event.active_ms is not None
    )
    return OwnAttention(recorded=call.site.settings.attention, lines=lines[:1000])


def _attention(
    worker_id: str, event: FocusSpan | Typed | Untyped
) -> FocusMoved | DraftStarted | DraftAbandoned:
    match event:
        case FocusSpan():
            return FocusMoved(
                worker_id=worker_id,
                chat_id=event.chat_id,
                duration_ms=event.duration_ms,
                active_ms=min(event.active_ms, event.duration_ms),
                to_chat_id=event.to_chat_id,
                ui_version=event.ui_version,
            )
        case Typed():
            return DraftStarted(
                worker_id=worker_id,
                chat_id=event.chat_id,
                mode=event.mode,
                ui_version=event.ui_version,
            )
        case Untyped():
            return DraftAbandoned(
                worker_id=worker_id,
                chat_id=event.chat_id,
                mode=event.mode,
                chars=event.chars,
                ui_version=event.ui_version,
            )


def _worker(call: Call) -> WorkerCaller:
    caller = call.caller
    if not isinstance(caller, WorkerCaller):
        raise Forbidden(
            "Only a worker may do this.",
            hint="An API key has no place on the floor: sign in as a worker.",
            code="worker_only",
        )
    return caller


ENDPOINTS: tuple[Endpoint, ...] = (
    floor_feed,
    view_floor,
    set_presence,
    throw_switch,
    report_attention,
    own_attention,
)
