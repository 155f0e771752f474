"""A simulated worker: a client of the API who answers chats, approves, and comes when called."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from stepin.client import ClientFrame, DeskClient
from stepin.demo.case import Case, Clerk, Close, Say, Step, Use
from stepin.desk.feeds.board import ChatView, FloorUpdate, FloorView, reduce_floor
from stepin.desk.feeds.views import ActionCard, ChatCard
from stepin.errors import StepinError

LOOK_S = 0.5
_ENDED = {"ActionSucceeded": True, "ActionFailed": False, "ActionDenied": False,
          "ActionExpired": False, "ActionUnknown": False}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How somebody works.

    Attributes
    ----------
    react_s : how long an alert, an approval or a customer waits for them, about.
    comes_share : of the alerts about a mood or a risk that they take over; the others they leave
        to the AI. They always come when somebody is asked for or the AI is stuck.
    type_s : how long they type at each character of a reply; meanwhile nobody else gets their word.
    silent_s : after how long a chat whose customer says nothing is closed.
    """

    react_s: float = 8.0
    comes_share: float = 0.8
    type_s: float = 0.08
    silent_s: float = 90.0
    haste: float = 1.0


@dataclass(slots=True)
class SimulatedColleague:
    """One worker at a desk.

    Attributes
    ----------
    at_work : whether new chats are welcome now; somebody else draws up the rota.
    count : what was done, and the desk's refusals by their code.
    """

    url: str
    worker_id: str
    password: str
    clerk: Clerk
    random: Random
    manner: Manner = field(default_factory=Manner)
    at_work: bool = True
    count: Counter[str] = field(default_factory=Counter, init=False)
    _view: FloorView | None = field(default=None, init=False)
    _news: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _lead: bool = field(default=False, init=False)
    _due: dict[tuple[Any, ...], float] = field(default_factory=dict, init=False)
    _present: bool | None = field(default=None, init=False)

    async def run(self) -> None:
        """Sign in and work until cancelled."""
        async with DeskClient(self.url) as desk:
            body = {"worker_id": self.worker_id, "password": self.password}
            me = await desk.post("/api/session", body)
            desk.use(x_csrf_token=me["csrf"])
            self._lead = me["role"] != "worker"
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow(desk))
                group.create_task(self._work(desk))

    async def _follow(self, desk: DeskClient) -> None:
        async for frame in desk.follow("/api/feed"):
            self._take(frame)

    def _take(self, frame: ClientFrame) -> None:
        self._news.set()
        if frame.event == "snapshot":
            self._view = msgspec.json.decode(frame.data, type=FloorView)
        elif frame.event == "" and self._view is not None:
            self._view = reduce_floor(self._view, msgspec.json.decode(frame.data, type=FloorUpdate))
        elif frame.event == "back":
            self._present = None

    async def _work(self, desk: DeskClient) -> None:
        while True:
            try:
                await self._be_present(desk)
                for card in () if self._view is None else self._view.chats:
                    await self._look(desk, card)
            except StepinError as error:
                self.count[error.code] += 1
            await asyncio.sleep(LOOK_S / self.manner.haste)

    async def _be_present(self, desk: DeskClient) -> None:
        if self._present is not self.at_work:
            wish = "available" if self.at_work else "away"
            if self._present is None:
                await desk.post("/api/presence", {"presence": "available"})
            await desk.post("/api/presence", {"presence": wish})
            self._present = self.at_work

    async def _look(self, desk: DeskClient, card: ChatCard) -> None:
        """Do what this chat needs of this worker, when they have come to it."""
        mine = card.holder.kind == "worker" and card.holder.id == self.worker_id
        for action in card.actions:
            slowly = 4.0 if action.approver_role == "lead" else 1.5
            if self._may_approve(card, action) and self._now(("approve", action.action_id), slowly):
                await self._send(desk, card, "ApproveAction", action_id=action.action_id,
                                 digest=action.digest, seen_seq=action.customer_seq)  # fmt: skip
        alert = card.escalation
        if alert is not None and alert.live and card.holder.kind == "ai":
            if self.worker_id in alert.to and self._now(
                ("alert", card.chat_id, alert.flag_seq, alert.step), 1.0
            ):
                await self._come(desk, card)
        elif alert is not None and card.left_in_danger:
            if self._now(("left", card.chat_id, alert.flag_seq), 1.0):
                await self._send(desk, card, "AcknowledgeAlert")
        elif mine and card.episode == "wrap_up":
            if self._now(("wrap_up", card.chat_id), 1.0):
                await self._send(desk, card, "EndWrapUp", disposition=card.disposition or "solved")
        elif mine and card.episode == "active" and not card.actions:
            if card.waiting_since_us is not None or card.last_public_author == "ai":
                if self._now(
                    ("answer", card.chat_id, card.waiting_since_us or card.last_public_us), 1.0
                ):
                    await self._serve(desk, card)
            elif self._now(("silent", card.chat_id, card.last_public_us), 0.0):
                await self._send(desk, card, "CloseChat", disposition="no answer")

    def _may_approve(self, card: ChatCard, action: ActionCard) -> bool:
        waits = action.state == "proposed" and action.needs_approval
        own = card.owner == self.worker_id and action.approver_role == "worker"
        return waits and (own or (self._lead and action.approver_role == "lead"))

    def _now(self, what: tuple[Any, ...], times: float) -> bool:
        """Return whether it is time for something, once; the first call sets when that is."""
        now = time.monotonic()
        if what not in self._due:
            about = self.manner.react_s * times or self.manner.silent_s
            self._due[what] = now + about * self.random.uniform(0.6, 1.4) / self.manner.haste
        if now < self._due[what]:
            return False
        self._due[what] = float("inf")
        return True

    async def _come(self, desk: DeskClient, card: ChatCard) -> None:
        alert = card.escalation
        wanted = alert is not None and alert.cause not in ("emotional", "risk")
        if wanted or self.random.random() < self.manner.comes_share:
            await self._send(desk, card, "AcknowledgeAlert")
            await self._send(desk, card, "TakeOver")
        else:
            await self._send(desk, card, "DeclineEscalation", reason="the AI is doing fine")

    async def _serve(self, desk: DeskClient, card: ChatCard) -> None:
        """Go on with a chat until the customer has the word again."""
        begun = time.monotonic()
        for _ in range(6):
            step = await self._next(desk, card)
            match step:
                case Say(text=text):
                    await asyncio.sleep(len(text) * self.manner.type_s / self.manner.haste)
                    await self._send(desk, card, "Reply", text=text)
                case Use(tool=tool, arguments=arguments):
                    await self._send(desk, card, "ProposeAction", tool=tool, arguments=arguments)
                    continue
                case Close(disposition=disposition):
                    await self._send(desk, card, "CloseChat", disposition=disposition)
                case _:
                    pass
            break
        spent = int((time.monotonic() - begun) * 1000)
        focus = {"type": "FocusMoved", "chat_id": card.chat_id, "duration_ms": spent,
                 "active_ms": spent}  # fmt: skip
        await desk.post("/api/attention", {"events": [focus]})

    async def _next(self, desk: DeskClient, card: ChatCard) -> Step | None:
        """Return the next step, once no call is in flight any more."""
        while True:
            self._news.clear()
            raw = await desk.get(f"/api/chats/{card.chat_id}")
            seen = msgspec.convert(raw, ChatView)
            if seen.card.holder.id != self.worker_id or seen.card.episode != "active":
                return None
            if not seen.card.actions:
                return self.clerk.next_step(case_of(seen))
            await self._news.wait()

    async def _send(self, desk: DeskClient, card: ChatCard, command: str, **fields: Any) -> None:
        # As the console does: a chat that somebody else has taken meanwhile is theirs.
        guard = {"command_id": secrets.token_hex(8), "expect_epoch": card.epoch}
        body = {"type": command, **guard, **fields}
        await desk.post(f"/api/chats/{card.chat_id}/commands", body)
        self.count[command] += 1


def case_of(view: ChatView) -> Case:
    """Return the case behind a chat's entries."""
    lines, tools, results = [], {}, {}
    for entry in view.entries:
        data = entry.data
        if entry.kind == "MessagePosted" and data["visibility"] == "public":
            if data["author"] in ("customer", "ai", "worker"):
                lines.append((data["author"], data["text"]))
        elif entry.kind == "ActionProposed":
            tools[data["action_id"]] = data["tool"]
        elif entry.kind in _ENDED and data["action_id"] in tools:
            results[tools[data["action_id"]]] = data.get("result") if _ENDED[entry.kind] else None
    return Case(language=view.card.language, lines=lines, results=results)
