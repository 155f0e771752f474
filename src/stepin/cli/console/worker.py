"""The worker's console in a terminal: the floor as lines, one chat open at a time."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import Any

import msgspec

from stepin.cli.console.input import HELP, ConsoleCommand, read_order
from stepin.cli.console.lines import say, typed
from stepin.client import ClientFrame, DeskClient
from stepin.desk.feeds.board import ChatView, FloorUpdate, FloorView, reduce_floor
from stepin.desk.feeds.views import ChatCard
from stepin.desk.feeds.visibility import Entry
from stepin.errors import Invalid, StepinError
from stepin.web.canned_replies import CannedReply, filled


async def watch_floor(url: str, worker_id: str, password: str, *, away: bool) -> int:
    """Sign in, follow the floor, and carry out what is typed, until `quit` or the end of input."""
    async with DeskClient(url) as desk:
        me = await desk.post("/api/session", {"worker_id": worker_id, "password": password})
        desk.use(x_csrf_token=me["csrf"])
        await desk.post("/api/presence", {"presence": "away" if away else "available"})
        console = Console(desk, worker_id)
        say(f"{me['name']} ({me['role']}) on {me['desk']}. Type ? for help.")
        following = asyncio.create_task(console.follow())
        acting = asyncio.create_task(console.act())
        await asyncio.wait([following, acting], return_when=asyncio.FIRST_COMPLETED)
        for task in (following, acting):
            task.cancel()
        ended = await asyncio.gather(following, acting, return_exceptions=True)
        for error in ended:
            if isinstance(error, StepinError):
                raise error
        with contextlib.suppress(StepinError):
            await desk.post("/api/presence", {"presence": "off"})
        return 0


class Console:
    """What is on the screen, and what a typed line does to it."""

    def __init__(self, desk: DeskClient, worker_id: str) -> None:
        self._desk = desk
        self._me = worker_id
        self._view: FloorView | None = None
        self._open: str | None = None
        self._told: dict[int, Entry] = {}
        self._suggested: list[dict[str, Any]] = []
        self._seen = asyncio.Event()

    @property
    def card(self) -> ChatCard | None:
        """The chat that is open."""
        chats = () if self._view is None else self._view.chats
        return next((c for c in chats if c.chat_id == self._open), None)

    async def follow(self) -> None:
        """Keep the floor up to date."""
        async for frame in self._desk.follow("/api/feed"):
            self._take(frame)

    def _take(self, frame: ClientFrame) -> None:
        if frame.event == "snapshot":
            self._view = msgspec.json.decode(frame.data, type=FloorView)
            self._seen.set()
        elif frame.event == "" and self._view is not None:
            update = msgspec.json.decode(frame.data, type=FloorUpdate)
            before = {c.chat_id: c for c in self._view.chats}
            self._view = reduce_floor(self._view, update)
            self._tell(update, before)
        elif frame.event == "draft":
            draft = msgspec.json.decode(frame.data)
            if draft["chat_id"] == self._open:
                say(f"  (AI is writing: {draft['text'][-80:]})")
        elif frame.event in ("lost", "back"):
            say("… connection lost" if frame.event == "lost" else "… connected again")

    def _tell(self, update: FloorUpdate, before: dict[str, ChatCard]) -> None:
        if update.gone is not None and update.gone in before:
            say(f"- {update.gone} has gone to somebody else")
        card = update.chat
        if card is None:
            return
        news = _news(before.get(card.chat_id), card)
        if card.chat_id == self._open:
            for entry in update.entries:
                self._line(entry)
            if news.startswith(NEEDS_YOU):
                say(news)
        elif news:
            say(f"* {card.chat_id} {news}")
        if card.episode == "closed":
            say(f"- {card.chat_id} is closed")
            if card.chat_id == self._open:
                self._open = None

    def _line(self, entry: Entry) -> None:
        known = self._told.get(entry.seq)
        if known is None or known != entry:
            self._told[entry.seq] = entry
            text = entry_line(entry)
            if text:
                say(text)

    async def act(self) -> None:
        """Carry out what is typed."""
        await self._seen.wait()
        self._list()
        async for line in typed():
            try:
                order = read_order(line, self.card, self._me)
                if order is None:
                    continue
                if order.verb == "quit":
                    return
                await self._carry_out(order)
            except StepinError as error:
                say(f"! {error.message} {error.hint}")

    async def _carry_out(self, order: ConsoleCommand) -> None:
        match order.verb:
            case "help":
                say(HELP)
            case "list":
                self._list()
            case "open":
                await self._open_chat(order.text)
            case "presence":
                await self._desk.post("/api/presence", {"presence": order.text})
                say(f"You are {order.text}.")
            case "tools":
                for tool in (await self._desk.get("/api/tools"))["tools"]:
                    say(f"  {tool['name']} ({tool['risk']}): {tool['doc'].splitlines()[0]}")
            case "plan":
                plan = await self._desk.post(f"/api/chats/{self._open}/plan", order.body)
                say(f"  would: {_json(plan['arguments'])} on {_json(plan['records'])}")
            case "brief":
                await self._brief()
            case "send":
                await self._send(int(order.text))
            case "history":
                await self._history()
            case "search":
                await self._search(order.text)
            case "canned":
                await self._canned(order.text)
            case _:
                await self._command(order)

    async def _search(self, text: str) -> None:
        found = await self._desk.get("/api/search", text=text)
        while not found["hits"] and found["before"] is not None:
            found = await self._desk.get("/api/search", text=text, before=found["before"])
        for hit in found["hits"]:
            say(f"  {hit['chat_id']} {hit['author']}: {hit['text'][:100]}")
        if not found["hits"]:
            say("  No chat has these words.")

    async def _command(self, order: ConsoleCommand) -> None:
        if self._open is None:
            raise Invalid("No chat is open.", hint="Open one: /open ID.", code="no_chat_open")
        body = {**order.body, "type": order.verb, "command_id": secrets.token_hex(8)}
        await self._desk.post(f"/api/chats/{self._open}/commands", body)

    async def _brief(self) -> None:
        if self._open is None:
            raise Invalid("No chat is open.", hint="Open one: /open ID.", code="no_chat_open")
        shown = await self._desk.post(f"/api/chats/{self._open}/brief", {"language": "en"})
        for line in shown["lines"]:
            cites = ", ".join(map(str, line["cites"]))
            say(f"  {line['text']} [{cites}]")
        self._suggested = shown["suggestions"]
        for number, one in enumerate(self._suggested, start=1):
            say(f"  /send {number}: {one['text']} ({one['source']})")

    async def _send(self, number: int) -> None:
        if not 1 <= number <= len(self._suggested):
            raise Invalid(
                f"There is no suggestion {number}.", hint="Ask for them: /brief.", code="no_such"
            )
        one = self._suggested[number - 1]
        body = {"text": one["text"], "suggestion_id": one["suggestion_id"]}
        await self._command(ConsoleCommand(verb="Reply", body=body))

    async def _open_chat(self, wanted: str) -> None:
        view = self._view
        chats = () if view is None else view.chats
        match = [c.chat_id for c in chats if c.chat_id.startswith(wanted)]
        chat_id = match[0] if len(match) == 1 else wanted
        raw = await self._desk.get(f"/api/chats/{chat_id}")
        found = msgspec.convert(raw, ChatView)
        self._open, self._told, self._suggested = chat_id, {}, []
        say(f"== {chat_id} · {found.card.customer_name or found.card.customer_id}")
        for entry in found.entries:
            self._line(entry)
        say(f"== {_holds(found.card)}")
        if found.card.escalation is not None and found.card.escalation.live:
            await self._brief()

    def _list(self) -> None:
        if self._view is None or not self._view.chats:
            say("The floor is empty.")
            return
        for card in sorted(self._view.chats, key=lambda c: (_rank(c, self._me), c.opened_us)):
            mark = ">" if card.chat_id == self._open else " "
            say(f"{mark} {card.chat_id}  {_holds(card):28} {card.preview[:60]}")

    async def _history(self) -> None:
        card = self.card
        if card is None:
            raise Invalid("No chat is open.", hint="Open one: /open ID.", code="no_chat_open")
        found = await self._desk.get(f"/api/customers/{card.customer_id}/chats")
        for past in found["chats"]:
            say(f"  {past['chat_id']} {past['episode']} {past['issue_class'] or ''}")

    async def _canned(self, reply_id: str) -> None:
        found = await self._desk.get("/api/replies")
        for reply in found["replies"]:
            if not reply_id:
                say(f"  {reply['reply_id']}: {reply['title']}")
            elif reply["reply_id"] == reply_id:
                card = self.card
                name = (card.customer_name if card else None) or ""
                known = msgspec.convert(reply, CannedReply)
                text = filled(known, customer=name, worker=self._me)
                await self._command(
                    ConsoleCommand(verb="Reply", body={"text": text, "template": reply_id})
                )
                return
        if reply_id:
            raise Invalid(f"There is no canned reply {reply_id}.", code="no_reply")


NEEDS_YOU = "NEEDS YOU"
_NUDGES = {
    "silent": "· the customer is waiting for a word from you",
    "short": "· a question could help here: what would put it right?",
    "look_now": "· have a look at this chat when you can",
}


def entry_line(entry: Entry) -> str:
    """Return an entry as one line, empty for those that a terminal needn't show."""
    d = entry.data
    match entry.kind:
        case "MessagePosted":
            mark = " (note)" if d["visibility"] == "note" else ""
            return f"{entry.actor}{mark}: {d['text']}"
        case "WhisperSent":
            return f"{entry.actor} (whispers to the AI): {d['text']}"
        case "HolderChanged":
            note = f": {d['note']}" if d.get("note") else ""
            flight = d.get("in_flight")
            already = f" The AI already did: {', '.join(flight)}" if flight else ""
            return f"— {_who(d['to'])} speaks ({d['reason']}){note}{already}"
        case "OwnerSet":
            return f"— owner: {d.get('owner') or 'nobody'} ({d['reason']})"
        case "FlagRaised":
            return f"⚑ {d.get('kind') or d['cause']}: {d.get('reason', '')}"
        case "DraftDiscarded":
            return f"— draft discarded ({d['reason']}): {d['text']}"
        case "ActionProposed":
            asks = " · /approve or /deny" if d["needs_approval"] else ""
            return f"$ {d['action_id']} {d['tool']} {_json(d['arguments'])}{asks}"
        case "ActionSucceeded" | "ActionReconciled":
            return f"$ {d['action_id']} {d.get('outcome', 'succeeded')} {_json(d.get('result'))}"
        case "ActionFailed" | "ActionUnknown" | "ActionDenied" | "ActionExpired":
            why = d.get("message") or d.get("detail") or d.get("reason") or d.get("error") or ""
            return f"$ {d['action_id']} {entry.kind.removeprefix('Action').lower()} {why}"
        case "LabelsChanged":
            return f"— labels +{list(d['added'])} -{list(d['removed'])}"
        case "WrapUpStarted" | "ChatClosed":
            stage = "wrap-up" if entry.kind == "WrapUpStarted" else "closed"
            return f"— {stage} ({d['reason']})"
        case "NudgeShown":
            return _NUDGES.get(d["kind"], "")
        case "TextRedacted":
            return f"— event {d['seq']} was redacted"
        case _:
            return ""


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _who(holder: Any) -> str:
    raw = msgspec.to_builtins(holder)
    kind = str(raw.get("kind", "nobody"))
    return "the AI" if kind == "ai" else str(raw.get("id") or kind)


def _holds(card: ChatCard) -> str:
    if card.escalation is not None and card.escalation.live:
        return f"{NEEDS_YOU} ({card.escalation.kind or card.escalation.cause})"
    if any(a.state == "proposed" and a.needs_approval for a in card.actions):
        return "APPROVE?"
    return f"{card.episode}, held by {_who(card.holder)}"


def _rank(card: ChatCard, me: str) -> int:
    if card.escalation is not None and card.escalation.live:
        return 0
    return 1 if card.holder.id == me else 2


def _news(before: ChatCard | None, now: ChatCard) -> str:
    if before is None:
        return f"{_holds(now)}: {now.preview[:80]}"
    if _holds(before) != _holds(now):
        return _holds(now)
    return (
        f"customer: {now.preview[:80]}" if now.customer_messages > before.customer_messages else ""
    )
