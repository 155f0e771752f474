"""The floor as consoles show it: open chats, workers with their loads, kill switches."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping

import msgspec

from stepin.core.chat import Chat, apply
from stepin.core.events.chat import MessagePosted, TextRedacted
from stepin.core.events.floor import SwitchThrown
from stepin.core.events.supervision import ChatScored
from stepin.core.presence import Presence, apply_presence
from stepin.core.private import REDACTED
from stepin.core.record import Recorded
from stepin.desk.feeds.masking import Viewer, shown_workers, veil
from stepin.desk.feeds.views import ChatCard, WorkerCard, WorkerLoad, chat_card
from stepin.desk.feeds.visibility import Entry
from stepin.desk.state.projection import LogStep

PREVIEW_CHARS = 140
CLOSED_KEPT = 5_000
MOODS_KEPT = 12
NameOf = Callable[[str], str]


class BoardChat(msgspec.Struct, frozen=True, gc=False):
    """A chat, the beginning of its preview, and the customer's mood so far.

    The preview is what the customer wrote last; until they write, the last public message.
    """

    chat: Chat
    preview: str = ""
    preview_seq: int = 0
    mood: tuple[float, ...] = ()

    def card(self) -> ChatCard:
        """Return the chat as a console shows it."""
        return chat_card(self.chat, self.preview, self.mood)


class FloorView(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a worker's console shows, up to `position`."""

    position: int
    chats: tuple[ChatCard, ...]
    workers: tuple[WorkerCard, ...]
    switches: dict[str, bool]


class FloorUpdate(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What changed: replace `chat`, each worker, and each entry of the chat by its seq.

    A chat whose episode is closed, or that `gone` names, leaves the floor, unless it was left in
    danger; a worker whose presence is off does too.
    """

    position: int
    chat: ChatCard | None = None
    gone: str | None = None
    entries: tuple[Entry, ...] = ()
    workers: tuple[WorkerCard, ...] = ()
    switches: dict[str, bool] | None = None


class ChatView(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One chat as a worker reads it, up to the card's seq."""

    card: ChatCard
    entries: tuple[Entry, ...]


def see(seen: BoardChat, step: LogStep) -> BoardChat:
    """Return a chat after one more event; an event that it has seen already changes nothing.

    The chat comes folded with the step. Where the process doesn't know it, it is folded here.
    """
    recorded = step.recorded
    if recorded.seq <= seen.chat.seq:
        return seen
    event, preview, preview_seq = recorded.event, seen.preview, seen.preview_seq
    mood = seen.mood
    if isinstance(event, MessagePosted) and _is_preview(event, seen):
        preview, preview_seq = event.text[:PREVIEW_CHARS], recorded.seq
    elif isinstance(event, TextRedacted) and event.seq == preview_seq:
        preview = REDACTED
    elif isinstance(event, ChatScored) and _tells_mood(event):
        mood = (*mood, round(event.scores["emotional"], 2))[-MOODS_KEPT:]
    return BoardChat(step.after or apply(seen.chat, recorded), preview, preview_seq, mood)


def read(chat_id: str, events: Iterable[Recorded]) -> BoardChat:
    """Return a chat after all of these events, which begin with its first."""
    seen = BoardChat(Chat(chat_id=chat_id))
    for event in events:
        seen = see(seen, LogStep(event))
    return seen


def _is_preview(event: MessagePosted, seen: BoardChat) -> bool:
    if event.visibility != "public":
        return False
    return event.author == "customer" or not seen.chat.talk.customer_messages


def _tells_mood(scored: ChatScored) -> bool:
    """Return whether it tells how a customer of the AI felt when writing."""
    return scored.author == "customer" and not scored.shadow and "emotional" in scored.scores


def on_floor(chat: Chat) -> bool:
    """Return whether somebody still has work with the chat."""
    return chat.episode != "new" and not chat.over


def seen_by(chat: Chat) -> frozenset[str] | None:
    """Return the workers on whose floors a chat stands, None for everybody's.

    A worker sees what concerns them: chats that they own or hold, that nobody owns yet, and that
    an alert has brought to them. So what one arm of a trial sees of the other is no accident of
    the console. Leads and admins see all.
    """
    if chat.owner is None:
        return None
    alert, holder = chat.escalation, chat.holder
    workers = {chat.owner}
    if holder.kind == "worker":
        workers.add(holder.id)
    if alert is not None and alert.live:
        workers.update(alert.to)
    return frozenset(workers)


def visible(chat: Chat, viewer: Viewer) -> bool:
    """Return whether a chat stands on this viewer's floor; see `seen_by`."""
    if viewer.role != "worker":
        return True
    workers = seen_by(chat)
    return workers is None or viewer.worker_id in workers


def shown_switches(switches: Mapping[str, bool]) -> dict[str, bool]:
    """Return the kill switches that workers may see: an arm's would tell who is in a trial."""
    return {name: on for name, on in sorted(switches.items()) if not name.startswith("arm:")}


class Board:
    """The fold. `position` is that of the last event applied.

    Chats that have ended are remembered for a while, since ratings and redactions follow.

    Parameters
    ----------
    name_of : a worker's display name.
    cap : the number of chats up to which owners are drawn now, None where accounts say it.
    """

    def __init__(self, name_of: NameOf, cap: Callable[[], int | None] = lambda: None) -> None:
        self.position = 0
        self.chats: dict[str, BoardChat] = {}
        self.ended: OrderedDict[str, BoardChat] = OrderedDict()
        self.presence: dict[str, Presence] = {}
        self.switches: dict[str, bool] = {}
        self.name_of = name_of
        self._cap = cap
        self._holds: Counter[str] = Counter()
        self._supervises: Counter[str] = Counter()

    def known(self, chat_id: str) -> BoardChat | None:
        """Return a chat that is on the floor or has left it lately."""
        return self.chats.get(chat_id) or self.ended.get(chat_id)

    def put(self, seen: BoardChat) -> tuple[str, ...]:
        """Store a chat; return the workers whose load it changes."""
        chat_id = seen.chat.chat_id
        before = self.chats.pop(chat_id, None)
        self.ended.pop(chat_id, None)
        if before is not None and _weighs_the_same(before.chat, seen.chat):
            self.chats[chat_id] = seen
            return ()
        touched = self._count(before, -1)
        if on_floor(seen.chat):
            self.chats[chat_id] = seen
            after = self._count(seen, 1)
        else:
            after = ()
            self.ended[chat_id] = seen
            if len(self.ended) > CLOSED_KEPT:
                self.ended.popitem(last=False)
        return () if touched == after else tuple({w for w, _ in (*touched, *after)})

    def _count(self, seen: BoardChat | None, step: int) -> tuple[tuple[str, str], ...]:
        if seen is None:
            return ()
        chat, counted = seen.chat, []
        if chat.holder.kind == "worker":
            self._holds[chat.holder.id] += step
            counted.append((chat.holder.id, "holds"))
        elif chat.ai_holds and chat.owner is not None:
            self._supervises[chat.owner] += step
            counted.append((chat.owner, "supervises"))
        return tuple(counted)

    def apply_other(self, recorded: Recorded) -> tuple[tuple[str, ...], bool]:
        """Apply an event of no chat; return workers that it changes, and whether a switch did."""
        event = recorded.event
        if isinstance(event, SwitchThrown):
            before = shown_switches(self.switches)
            self.switches = {**self.switches, event.switch: event.stopped}
            return (), shown_switches(self.switches) != before
        after = apply_presence(self.presence, event)
        changed = tuple(
            w
            for w in after.keys() | self.presence.keys()
            if after.get(w) is not self.presence.get(w)
        )
        self.presence = after
        return changed, False

    def worker_cards(self, worker_ids: Iterable[str]) -> tuple[WorkerCard, ...]:
        """Return workers' cards with their loads, by id."""
        return tuple(self._worker(worker_id) for worker_id in sorted(worker_ids))

    def _worker(self, worker_id: str) -> WorkerCard:
        known = self.presence.get(worker_id)
        load = WorkerLoad(
            capacity=known.capacity if known else 0,
            supervised_capacity=known.supervised_capacity if known else 0,
            holds=self._holds[worker_id],
            supervises=self._supervises[worker_id],
            cap=self._cap(),
        )
        return WorkerCard(
            worker_id=worker_id,
            name=self.name_of(worker_id),
            role=known.role if known else "worker",
            presence="off" if known is None else "away" if known.away else "available",
            groups=known.groups if known else (),
            load=load,
        )

    def snapshot(self, viewer: Viewer) -> FloorView:
        """Return what a viewer's console shows now."""
        on_view = (seen for seen in self.chats.values() if visible(seen.chat, viewer))
        return FloorView(
            position=self.position,
            chats=tuple(veil(seen.chat, viewer).card(seen.card()) for seen in on_view),
            workers=shown_workers(self.worker_cards(self.presence), viewer),
            switches=shown_switches(self.switches),
        )


def _weighs_the_same(one: Chat, other: Chat) -> bool:
    return on_floor(other) and one.holder == other.holder and one.owner == other.owner


def reduce_floor(snapshot: FloorView, update: FloorUpdate) -> FloorView:
    """Return a snapshot after an update: the reducer that consoles implement."""
    if update.position <= snapshot.position:
        return snapshot
    chats = {card.chat_id: card for card in snapshot.chats}
    workers = {card.worker_id: card for card in snapshot.workers}
    if update.gone is not None:
        chats.pop(update.gone, None)
    if update.chat is not None:
        chats.pop(update.chat.chat_id, None)
        if update.chat.episode != "closed" or update.chat.left_in_danger:
            chats[update.chat.chat_id] = update.chat
    for card in update.workers:
        if card.presence == "off":
            workers.pop(card.worker_id, None)
        else:
            workers[card.worker_id] = card
    return FloorView(
        position=update.position,
        chats=tuple(chats[c] for c in sorted(chats)),
        workers=tuple(workers[w] for w in sorted(workers)),
        switches=snapshot.switches if update.switches is None else update.switches,
    )
