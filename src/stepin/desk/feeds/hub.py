"""The hub feeds every listener of a process with what its follower brings.

A listener registers in the same step of the event loop in which the hub reads how far it has
come, so nothing falls between what is replayed and what follows. Frames are pushed, never
awaited: a listener that can't keep up is the listener's problem, not the hub's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Protocol

import msgspec
import structlog

from stepin.core.chat import Chat, chat_id_of, stream_of
from stepin.core.decide.decision import must_not_be_ahead
from stepin.core.events.chat import TextRedacted, TurnStarted
from stepin.core.presence import Presence
from stepin.core.record import Recorded
from stepin.desk.feeds.board import (
    Board,
    BoardChat,
    ChatView,
    FloorView,
    NameOf,
    on_floor,
    read,
    see,
    shown_switches,
)
from stepin.desk.feeds.consoles import Consoles
from stepin.desk.feeds.customer import (
    CustomerSnapshot,
    customer_snapshot,
    customer_update,
)
from stepin.desk.feeds.ephemeral import Draft, Looking, Typing
from stepin.desk.feeds.frame import RESET, named, numbered
from stepin.desk.feeds.masking import Viewer, veil
from stepin.desk.feeds.progress import CustomerRun, ToldConsole, ToldCustomer
from stepin.desk.feeds.update import Update
from stepin.desk.feeds.visibility import Entry, worker_entry
from stepin.desk.state.projection import LogStep
from stepin.errors import Missing
from stepin.log.protocol import Log

_log = structlog.get_logger("stepin.feeds")
RETRY_S = 0.5
AT_ONCE = 1_000


class Listener(Protocol):
    """Somebody who takes frames. `push` must not wait and must not raise."""

    def push(self, frame: bytes) -> None:
        """Take a frame."""
        ...


Steps = Callable[[Sequence[LogStep]], None]
"""What takes the steps of the log, batch by batch."""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Where the hub begins: who and what is on the floor at a position of the log."""

    position: int
    chats: tuple[str, ...]
    presence: Mapping[str, Presence]
    switches: Mapping[str, bool]


class Hub:
    """Feeds of one process.

    Parameters
    ----------
    log : is read.
    follow : makes the follower call a function with the steps that it comes to from now on.
    start : returns where the follower is now.
    name_of : a worker's display name.
    cap : the number of chats up to which owners are drawn now, None where accounts say it.
    keep : how many changes of the floor a returning console may have missed.
    waiting : how many batches may wait to be delivered; later ones are read from the log again.
    """

    def __init__(
        self,
        log: Log,
        follow: Callable[[Steps], None],
        start: Callable[[], Start],
        *,
        name_of: NameOf,
        cap: Callable[[], int | None] = lambda: None,
        keep: int = 20_000,
        waiting: int = 1_000,
    ) -> None:
        self._log = log
        self._follow, self._start = follow, start
        self.board = Board(name_of, cap)
        self._name_of = name_of
        self._recent: deque[Update] = deque(maxlen=keep)
        self._oldest = 0
        self._consoles = Consoles()
        self._customers: dict[str, list[ToldCustomer]] = {}
        self._task: asyncio.Task[None] | None = None
        self._came: deque[Sequence[LogStep]] | None = None
        self._waiting = waiting
        self._left_out = 0
        self._bell = asyncio.Event()
        self._moved = asyncio.Event()

    async def start(self) -> None:
        """Read the floor as it is, then deliver what comes."""
        self._came = deque()
        self._follow(self._take)
        start = self._start()
        board = self.board
        board.position = self._oldest = start.position
        board.presence = dict(start.presence)
        board.switches = dict(start.switches)
        for chat_id in start.chats:
            board.put(await self._read(chat_id))
        self._task = asyncio.create_task(self._deliver_all(), name="stepin-feeds")

    async def stop(self) -> None:
        """Deliver nothing any more."""
        self._came = None
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @property
    def running(self) -> bool:
        """Whether what comes is being delivered."""
        return self._task is not None and not self._task.done()

    async def caught_up(self, position: int) -> None:
        """Wait until everything up to a position has been delivered."""
        while self.board.position < position:
            moved = self._moved
            await moved.wait()

    def _take(self, steps: Sequence[LogStep]) -> None:
        if self._came is None:
            return
        if len(self._came) < self._waiting and self._left_out <= self.board.position:
            self._came.append(steps)
        else:
            self._left_out = steps[-1].recorded.position
        self._bell.set()

    async def _deliver_all(self) -> None:
        while True:
            try:
                await self._bell.wait()
                self._bell.clear()
                await self._deliver_waiting()
            except Exception:  # noqa: BLE001 - a feed that ends silently would lose messages
                _log.exception("feeds_interrupted", position=self.board.position)
                await asyncio.sleep(RETRY_S)
                self._bell.set()

    async def _deliver_waiting(self) -> None:
        """Deliver what has come; a batch that fails stays first, and goes on where it stopped.

        What could not wait any more is read from the log, and nothing else is taken until then.
        """
        while self._came:
            await self._deliver_batch(self._came[0])
            self._came.popleft()
        while self._left_out > self.board.position:
            events = await self._log.read_all(after_position=self.board.position, limit=AT_ONCE)
            await self._deliver_batch([LogStep(event) for event in events])

    async def _deliver_batch(self, steps: Sequence[LogStep]) -> None:
        for stream, run in groupby(steps, key=lambda s: s.recorded.stream):
            await self._deliver(stream, list(run))
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _deliver(self, stream: str, steps: list[LogStep]) -> None:
        run = [step.recorded for step in steps]
        if run[-1].position <= self.board.position:
            return
        chat_id = chat_id_of(stream)
        if chat_id is None:
            self._deliver_other(run)
            return
        again: list[Recorded] = []
        for event in run:
            if isinstance(event.event, TextRedacted):
                again += await self._log.read(stream, after_seq=event.event.seq - 1, limit=1)
        before = self.board.known(chat_id)
        if before is None:
            before = BoardChat(Chat(chat_id=chat_id))
            if run[0].seq > 1:
                before = await self._read(chat_id, through=run[0].seq - 1)
        after = before
        for step in steps:
            after = see(after, step)
        position = run[-1].position
        changed = self.board.put(after)
        self.board.position = position
        was = before.chat if before.chat.seq else None
        entries = tuple(e for e in map(worker_entry, [*run, *again]) if e is not None)
        self._to_consoles(
            Update(
                position,
                before=was,
                after=after,
                entries=entries,
                workers=self.board.worker_cards(w for w in changed if w in self.board.presence),
            )
        )
        listeners = self._customers.get(chat_id)
        if listeners:
            _push(listeners, CustomerRun(before.chat, after.chat, run, again, self._name_of))
            if any(isinstance(e.event, TurnStarted) for e in run):
                _push(listeners, named("typing", {"by": "ai"}))

    def _deliver_other(self, run: list[Recorded]) -> None:
        changed: set[str] = set()
        thrown = False
        for event in run:
            workers, switch = self.board.apply_other(event)
            changed.update(workers)
            thrown = thrown or switch
        self.board.position = run[-1].position
        if changed or thrown:
            self._to_consoles(
                Update(
                    run[-1].position,
                    workers=self.board.worker_cards(changed),
                    presence=True,
                    switches=shown_switches(self.board.switches) if thrown else None,
                )
            )

    def _to_consoles(self, update: Update) -> None:
        if len(self._recent) == self._recent.maxlen:
            self._oldest = self._recent[0].position
        self._recent.append(update)
        self._consoles.tell(update)

    def snapshot(self, viewer: Viewer) -> FloorView:
        """Return a viewer's floor as far as it has been delivered."""
        return self.board.snapshot(viewer)

    async def resume_floor(self, listener: Listener, viewer: Viewer, after: int | None) -> None:
        """Feed a console as `watch_floor` does, from a cursor that another process may have given.

        A position beyond the end of the log belongs to another log: it sends `reset`.
        """
        if after is not None and after > self.board.position and after > await self._log.position():
            after = -1
        self.watch_floor(listener, viewer, after)

    def watch_floor(self, listener: Listener, viewer: Viewer, after: int | None) -> None:
        """Feed a console from now on, after what it has missed; no position comes twice.

        Parameters
        ----------
        after : the last position that the console has seen, which may be ahead of this process;
            None begins with a snapshot. A position older than what is kept sends `reset`.
        """
        board = self.board
        told = board.position if after is None else after
        console = ToldConsole(listener, viewer, told)
        if after is None:
            listener.push(named("snapshot", board.snapshot(viewer), board.position))
        elif after < self._oldest:
            console.told = board.position
            listener.push(RESET)
        elif after < board.position:
            for update in self._since(after):
                console.push(update)
        self._consoles.add(console)

    def _since(self, position: int) -> Iterator[Update]:
        missed: list[Update] = []
        for update in reversed(self._recent):
            if update.position <= position:
                break
            missed.append(update)
        return reversed(missed)

    async def watch_chat(self, listener: Listener, chat_id: str, after: int | None) -> None:
        """Feed a customer from now on, after what they have missed; no seq comes twice.

        Parameters
        ----------
        after : the last seq that the customer has seen, which may be ahead of this process; None
            begins with a snapshot, as does a seq beyond the chat's end.

        Raises
        ------
        Missing
            There is no such chat.
        """
        known = self.board.known(chat_id)
        if known is not None and after is not None and after == known.chat.seq:
            self._add(chat_id, ToldCustomer(listener, after, waits=False))
            return
        customer = ToldCustomer(listener, after or 0, waits=True)
        self._add(chat_id, customer)
        try:
            told = await self._replay(listener, chat_id, after, known)
        except BaseException:
            self._remove(chat_id, customer)
            raise
        customer.go_on(told)

    def _add(self, chat_id: str, customer: ToldCustomer) -> None:
        self._customers.setdefault(chat_id, []).append(customer)

    def _remove(self, chat_id: str, customer: ToldCustomer) -> None:
        customers = self._customers.get(chat_id, [])
        if customer in customers:
            customers.remove(customer)
        if not customers:
            self._customers.pop(chat_id, None)

    async def _replay(
        self, listener: Listener, chat_id: str, after: int | None, known: BoardChat | None
    ) -> int:
        stream = stream_of(chat_id)
        if known is not None and after is not None and after > known.chat.seq:
            if after <= (await self._log.head(stream)).seq:
                return after
            after = None
        through = None if known is None else known.chat.seq
        events = await self._log.read(stream, after_seq=after or 0 if known else 0)
        if known is None:
            if not events:
                raise Missing(f"There is no chat {chat_id}.", code="no_chat")
            through = events[-1].seq
            after = after if after is None or after <= through else None
        missed = [e for e in events if through is None or e.seq <= through]
        if after is None:
            snapshot = customer_snapshot(chat_id, missed, self._name_of)
            listener.push(named("snapshot", snapshot, snapshot.seq))
            return snapshot.seq
        chat = self._chat_after(chat_id, known, missed)
        since = [e for e in missed if e.seq > after]
        redacted = {e.event.seq for e in since if isinstance(e.event, TextRedacted)}
        for seq in sorted(redacted):
            since += await self._log.read(stream, after_seq=seq - 1, limit=1)
        update = customer_update(None, chat, since, self._name_of)
        if update is not None and chat.seq > after:
            listener.push(numbered(update.seq, update))
        return chat.seq

    def _chat_after(
        self, chat_id: str, known: BoardChat | None, events: Sequence[Recorded]
    ) -> Chat:
        if known is not None:
            return known.chat
        seen = read(chat_id, events)
        if self.board.known(chat_id) is None and not on_floor(seen.chat):
            self.board.ended[chat_id] = seen
        return seen.chat

    def leave(self, listener: Listener, chat_id: str | None = None) -> None:
        """Stop feeding a listener; the chat if it is a customer."""
        if chat_id is None:
            self._consoles.remove(listener)
            return
        for customer in self._customers.get(chat_id, ()):
            if customer.listener is listener:
                self._remove(chat_id, customer)
                return

    async def customer_view(self, chat_id: str) -> CustomerSnapshot:
        """Return what the log shows a customer of a chat now."""
        events = await self._events(chat_id)
        return customer_snapshot(chat_id, events, self._name_of)

    async def chat_view(self, chat_id: str, viewer: Viewer) -> ChatView:
        """Return what the log shows a viewer of a chat now."""
        events = await self._events(chat_id)
        seen = read(chat_id, events)
        entries = tuple(e for e in map(worker_entry, events) if e is not None)
        hiding = veil(seen.chat, viewer)
        return ChatView(card=hiding.card(seen.card()), entries=hiding.entries(entries))

    async def entries(
        self, chat_id: str, viewer: Viewer, *, after_seq: int, limit: int
    ) -> tuple[Entry, ...]:
        """Return what a viewer reads of a chat after a seq; `Invalid` beyond the chat's end."""
        known = self.board.known(chat_id) or await self._read(chat_id, through=1)
        events = await self._log.read(stream_of(chat_id), after_seq=after_seq, limit=limit)
        if not events:
            must_not_be_ahead((await self._read(chat_id)).chat, seq=after_seq)
        entries = tuple(e for e in map(worker_entry, events) if e is not None)
        return veil(known.chat, viewer).entries(entries)

    async def _events(self, chat_id: str) -> list[Recorded]:
        events = await self._log.read(stream_of(chat_id))
        if not events:
            raise Missing(f"There is no chat {chat_id}.", code="no_chat")
        return events

    async def _read(self, chat_id: str, through: int | None = None) -> BoardChat:
        return read(chat_id, await self._log.read(stream_of(chat_id), limit=through))

    def customer_types(self, chat_id: str) -> None:
        """Tell workers that a chat's customer types; never stored, never replayed."""
        self._to_watchers(chat_id, named("typing", Typing(by="customer", chat_id=chat_id)))

    def worker_types(self, chat_id: str, worker_id: str) -> None:
        """Tell the customer that somebody types, and colleagues who; never stored."""
        _push(self._customers.get(chat_id, ()), named("typing", Typing(by="worker")))
        self._to_colleagues(
            chat_id,
            worker_id,
            lambda who: named("typing", Typing(by="worker", chat_id=chat_id, worker_id=who)),
        )

    def worker_looks(self, chat_id: str, worker_id: str) -> None:
        """Tell colleagues who see a chat that a worker has it open; never stored."""
        self._to_colleagues(
            chat_id,
            worker_id,
            lambda who: named("looking", Looking(chat_id=chat_id, worker_id=who)),
        )

    def _to_colleagues(self, chat_id: str, worker_id: str, frame: Callable[[str], bytes]) -> None:
        """Push a frame about a worker to everybody else who sees the chat, under the name known."""
        seen = self.board.known(chat_id)
        if seen is None:
            return
        chat = seen.chat
        self._consoles.tell_colleagues(
            worker_id, chat, lambda viewer: frame(veil(chat, viewer).name(worker_id))
        )

    def draft(self, chat_id: str, text: str, epoch: int) -> None:
        """Show workers what the AI is writing; customers never get it."""
        draft = Draft(chat_id=chat_id, text=text, epoch=epoch)
        self._to_watchers(chat_id, named("draft", draft))

    def _to_watchers(self, chat_id: str, frame: bytes) -> None:
        seen = self.board.known(chat_id)
        if seen is not None:
            self._consoles.pass_on(frame, seen.chat)


def _push(customers: Sequence[ToldCustomer], news: CustomerRun | bytes) -> None:
    for customer in tuple(customers):
        customer.push(news)
