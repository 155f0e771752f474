"""The hub on a real log: the feed law, resuming, resets, and who sees what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from stepin.core.chat import Chat, chat_id_of, stream_of
from stepin.core.events import Event
from stepin.core.events.chat import ChatOpened, MessagePosted, OwnerSet
from stepin.core.events.floor import SwitchThrown, WorkerSignedOn
from stepin.core.events.supervision import ChatScored
from stepin.core.record import NewEvent, Recorded
from stepin.desk.feeds.board import Board, BoardChat, FloorUpdate, FloorView, reduce_floor, see
from stepin.desk.feeds.customer import CustomerSnapshot, CustomerUpdate, reduce_customer
from stepin.desk.feeds.hub import Hub
from stepin.desk.feeds.masking import Viewer
from stepin.desk.state.projection import LogStep
from stepin.errors import Missing
from stepin.log.protocol import Append, Appended, Log
from stepin.log.sqlite import SqliteLog
from tests.desk.feeds.followed import FollowedHub
from tests.desk.feeds.lagging import Lagging
from tests.desk.interrupted import Interrupted, SlowToRead, Unreadable
from tests.golden import story

LEAD = Viewer("lena", "lead")


class Ears:
    """A listener that keeps what it hears, decoded."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def push(self, frame: bytes) -> None:
        self.frames.append(frame)

    def of(self, name: str) -> list[bytes]:
        """Return the data of the frames with an event name ("" for the durable ones)."""
        found = []
        for frame in self.frames:
            lines = dict(line.split(b": ", 1) for line in frame.strip().split(b"\n"))
            if lines.get(b"event", b"").decode() == name and b"data" in lines:
                found.append(lines[b"data"])
        return found

    @property
    def floor(self) -> list[FloorUpdate]:
        return [msgspec.json.decode(data, type=FloorUpdate) for data in self.of("")]

    @property
    def chat(self) -> list[CustomerUpdate]:
        return [msgspec.json.decode(data, type=CustomerUpdate) for data in self.of("")]

    @property
    def ids(self) -> list[int]:
        return [int(f[4 : f.index(b"\n")]) for f in self.frames if f.startswith(b"id: ")]


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[SqliteLog]:
    log = await SqliteLog.open(tmp_path / "log.sqlite")
    yield log
    await log.close()


async def hub_at_the_start(log: SqliteLog, *, keep: int = 1000) -> Hub:
    hub = FollowedHub(log, keep=keep)
    await hub.start()
    return hub


async def tell(log: Log, stream: str, *events: Event, actor: str = "system") -> Recorded:
    outcome = await log.append(
        Append(stream=stream, events=tuple(NewEvent(event=e, actor=actor) for e in events))
    )
    assert isinstance(outcome, Appended)
    return outcome.events[-1]


async def say(log: Log, chat_id: str, text: str) -> Recorded:
    return await tell(log, stream_of(chat_id), MessagePosted(author="customer", text=text))


async def opened(log: Log, chat_id: str, owner: str | None = None) -> Recorded:
    begun: list[Event] = [ChatOpened(customer_id="k", asserted=False)]
    if owner is not None:
        begun.append(OwnerSet(owner=owner))
    return await tell(log, stream_of(chat_id), *begun)


def by_id(view: FloorView) -> FloorView:
    return msgspec.structs.replace(
        view, chats=tuple(sorted(view.chats, key=lambda c: c.chat_id)), position=0
    )


@pytest.mark.parametrize(
    "viewer", [LEAD, Viewer("w1", "worker"), Viewer("w3", "worker")], ids=lambda v: v.worker_id
)
async def test_the_floor_law_for_the_golden_story(log: SqliteLog, viewer: Viewer) -> None:
    hub = await hub_at_the_start(log)
    views: list[tuple[FloorView, Ears]] = []
    clock = [story.START_US]
    for event in story.load()[1:]:
        if len(views) < 40:
            ears = Ears()
            views.append((hub.snapshot(viewer), ears))
            hub.watch_floor(ears, viewer, hub.board.position)
        clock[0] = event.at_us
        new = NewEvent(event=event.event, actor=event.actor, epoch=event.epoch)
        outcome = await log.append(Append(stream=event.stream, events=(new,)))
        assert isinstance(outcome, Appended)
        await hub.caught_up(outcome.events[-1].position)
    fresh = by_id(hub.snapshot(viewer))
    assert fresh.chats == (), "every chat of the story ends"
    for view, ears in views:
        for update in ears.floor:
            view = reduce_floor(view, update)
        assert by_id(view) == fresh
        assert ears.ids == sorted(set(ears.ids))
    await hub.stop()


async def test_the_floor_law_at_every_step_with_a_board_that_starts_anew(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    ears = Ears()
    view = hub.snapshot(LEAD)
    hub.watch_floor(ears, LEAD, view.position)
    heard = 0
    for event in story.load()[1:]:
        new = NewEvent(event=event.event, actor=event.actor, epoch=event.epoch)
        outcome = await log.append(Append(stream=event.stream, events=(new,)))
        assert isinstance(outcome, Appended)
        await hub.caught_up(outcome.events[-1].position)
        for update in ears.floor[heard:]:
            view = reduce_floor(view, update)
        heard = len(ears.floor)
        fresh = Board(str.title)
        seen: dict[str, BoardChat] = {}
        for past in await log.read_all(limit=10_000):
            chat_id = chat_id_of(past.stream)
            if chat_id is None:
                fresh.apply_other(past)
            else:
                seen[chat_id] = see(
                    seen.get(chat_id, BoardChat(Chat(chat_id=chat_id))), LogStep(past)
                )
        for one in seen.values():
            fresh.put(one)
        assert by_id(view) == by_id(fresh.snapshot(LEAD))
    await hub.stop()


async def test_a_console_that_returns_gets_exactly_what_it_missed(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    first = await opened(log, "c1")
    last = first
    for n in range(10):
        last = await say(log, "c1", f"m{n}")
    await hub.caught_up(last.position)
    ears = Ears()
    hub.watch_floor(ears, LEAD, first.position + 4)
    assert [e.seq for u in ears.floor for e in u.entries] == [6, 7, 8, 9, 10, 11]
    await hub.stop()


async def test_a_cursor_that_is_too_old_is_told_to_start_afresh(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log, keep=5)
    first = await opened(log, "c1")
    last = first
    for n in range(10):
        last = await say(log, "c1", f"m{n}")
    await hub.caught_up(last.position)
    late, fine = Ears(), Ears()
    hub.watch_floor(late, LEAD, first.position)
    hub.watch_floor(fine, LEAD, last.position - 5)
    assert late.of("reset")
    assert not late.floor
    assert not fine.of("reset")
    assert len(fine.floor) == 5
    await hub.stop()


async def test_a_worker_s_floor_holds_their_own_chats_and_those_of_nobody(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    ann, bea = Ears(), Ears()
    hub.watch_floor(ann, Viewer("ann", "worker"), hub.board.position)
    hub.watch_floor(bea, Viewer("bea", "worker"), hub.board.position)
    await opened(log, "c1")
    await tell(log, "chat/c1", OwnerSet(owner="ann"))
    last = await say(log, "c1", "secret of ann's chat")
    await hub.caught_up(last.position)
    assert [u.chat.owner if u.chat else None for u in ann.floor] == [None, "ann", "ann"]
    assert [(u.chat is not None, u.gone) for u in bea.floor] == [(True, None), (False, "c1")]
    assert b"secret" not in b"".join(bea.frames)
    await hub.stop()


async def test_arm_switches_stay_out_of_sight(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    ears = Ears()
    hub.watch_floor(ears, LEAD, hub.board.position)
    await tell(log, "desk", SwitchThrown(switch="arm:treated", stopped=True))
    last = await tell(log, "desk", SwitchThrown(switch="ai", stopped=True))
    await hub.caught_up(last.position)
    assert [u.switches for u in ears.floor] == [{"ai": True}]
    await hub.stop()


async def test_presence_reaches_the_floor(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    ears = Ears()
    hub.watch_floor(ears, LEAD, hub.board.position)
    signed = WorkerSignedOn(
        worker_id="ann", capacity=3, supervised_capacity=9, covariates={"tenure": 3}
    )
    last = await tell(log, "worker/ann", signed)
    await hub.caught_up(last.position)
    (update,) = ears.floor
    assert update.workers[0].load is not None
    assert (update.workers[0].name, update.workers[0].load.capacity) == ("Ann", 3)
    assert b"tenure" not in b"".join(ears.frames)
    await hub.stop()


@pytest.mark.parametrize("after", [None, 0, 1, 5, 8])
async def test_a_customer_resumes_without_gap_or_double(log: SqliteLog, after: int | None) -> None:
    hub = await hub_at_the_start(log)
    await opened(log, "c1")
    last = None
    for n in range(8):
        last = await say(log, "c1", f"m{n}")
    assert last is not None
    if after != 1:
        await hub.caught_up(last.position)
    ears = Ears()
    await hub.watch_chat(ears, "c1", after)
    for n in range(8, 11):
        last = await say(log, "c1", f"m{n}")
    await hub.caught_up(last.position)
    heard = [m.text for u in ears.chat for m in u.messages]
    if after is None:
        (first,) = [msgspec.json.decode(d, type=CustomerSnapshot) for d in ears.of("snapshot")]
        heard = [m.text for m in first.messages] + heard
    assert heard == [f"m{n}" for n in range(max((after or 0) - 1, 0), 11)]
    assert ears.ids == sorted(set(ears.ids))
    await hub.stop()


async def test_a_chat_that_ended_long_ago_can_still_be_followed(log: SqliteLog) -> None:
    await opened(log, "c1")
    await say(log, "c1", "m0")
    hub = await hub_at_the_start(log)
    ears = Ears()
    await hub.watch_chat(ears, "c1", 1)
    last = await say(log, "c1", "m1")
    await hub.caught_up(last.position)
    assert [m.text for u in ears.chat for m in u.messages] == ["m0", "m1"]
    with pytest.raises(Missing):
        await hub.watch_chat(Ears(), "none", None)
    await hub.stop()


async def test_a_redaction_reaches_both_feeds(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    await opened(log, "c1")
    said = await say(log, "c1", "my card is 1234")
    await hub.caught_up(said.position)
    customer, console = Ears(), Ears()
    await hub.watch_chat(customer, "c1", None)
    hub.watch_floor(console, LEAD, None)
    redacted = await log.redact("chat/c1", said.seq, reason="card", actor="worker:lena")
    await hub.caught_up(redacted.position)
    (snapshot,) = [msgspec.json.decode(d, type=CustomerSnapshot) for d in customer.of("snapshot")]
    for update in customer.chat:
        snapshot = reduce_customer(snapshot, update)
    assert [m.text for m in snapshot.messages] == ["[redacted]"]
    (update,) = console.floor
    assert update.chat is not None
    assert update.chat.preview == "[redacted]"
    assert [(e.seq, e.redacted) for e in update.entries] == [(3, False), (2, True)]
    late = Ears()
    await hub.watch_chat(late, "c1", said.seq)
    assert [m.text for u in late.chat for m in u.messages] == ["[redacted]"]
    await hub.stop()


async def test_typing_and_drafts_have_no_id_and_stay_on_their_side(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    last = await opened(log, "c1", owner="ann")
    await hub.caught_up(last.position)
    customer, ann, bea, lena = Ears(), Ears(), Ears(), Ears()
    await hub.watch_chat(customer, "c1", last.seq)
    hub.watch_floor(ann, Viewer("ann", "worker"), last.position)
    hub.watch_floor(bea, Viewer("bea", "worker"), last.position)
    hub.watch_floor(lena, LEAD, last.position)
    hub.customer_types("c1")
    hub.worker_types("c1", "ann")
    hub.worker_looks("c1", "ann")
    hub.draft("c1", "Let me se", 1)
    assert customer.of("typing") == [b'{"by":"worker"}']
    assert customer.of("draft") == []
    assert ann.of("typing") == [b'{"by":"customer","chat_id":"c1"}']
    assert lena.of("typing")[1:] == [b'{"by":"worker","chat_id":"c1","worker_id":"ann"}']
    assert lena.of("looking") == [b'{"chat_id":"c1","worker_id":"ann"}']
    assert customer.of("looking") == ann.of("looking") == []
    assert ann.of("draft") == [b'{"chat_id":"c1","text":"Let me se","epoch":1}']
    assert bea.frames == []
    assert ann.ids == []
    await hub.stop()


async def test_who_has_left_hears_nothing(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    last = await opened(log, "c1")
    await hub.caught_up(last.position)
    customer, console = Ears(), Ears()
    await hub.watch_chat(customer, "c1", last.seq)
    hub.watch_floor(console, LEAD, last.position)
    hub.leave(customer, "c1")
    hub.leave(console)
    last = await say(log, "c1", "anyone?")
    await hub.caught_up(last.position)
    assert customer.frames == console.frames == []
    await hub.stop()


async def test_feeds_go_on_after_the_log_could_not_be_read(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepin.desk.state.follower.RETRY_S", 0.0)
    hub = await hub_at_the_start(Interrupted(log))  # type: ignore[arg-type]
    ears = Ears()
    hub.watch_floor(ears, LEAD, hub.board.position)
    last = await opened(log, "c1")
    await hub.caught_up(last.position)
    for n in range(3):
        last = await say(log, "c1", f"m{n}")
    await hub.caught_up(last.position)
    assert [e.seq for u in ears.floor for e in u.entries] == [1, 2, 3, 4]
    assert hub.running
    await hub.stop()


async def test_a_delivery_that_fails_goes_on_where_it_stopped(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepin.desk.feeds.hub.RETRY_S", 0.0)
    lag, reads = Lagging(log), Unreadable(log, "chat/c1")
    hub = FollowedHub(lag, reads=reads)  # type: ignore[arg-type]
    await hub.start()
    await opened(log, "c1")
    await opened(log, "c2")
    card = await say(log, "c1", "my card is 1234")
    lag.reach(card.position)
    await hub.caught_up(card.position)
    ears = Ears()
    hub.watch_floor(ears, LEAD, card.position)
    await say(log, "c2", "m1")
    await say(log, "c2", "m2")
    last = await log.redact("chat/c1", card.seq, reason="card", actor="worker:lena")
    lag.reach(last.position)
    await hub.caught_up(last.position)
    assert reads.broken
    assert [[e.seq for e in u.entries] for u in ears.floor] == [[2], [3], [3, 2]]
    assert ears.ids == [card.position + n for n in (1, 2, 3)]
    await hub.stop()


@pytest.mark.parametrize("waiting", [1, 3, 100])
async def test_what_can_not_wait_for_a_slow_delivery_is_read_from_the_log_again(
    log: SqliteLog, waiting: int
) -> None:
    slow = SlowToRead(log)
    hub = FollowedHub(log, reads=slow, waiting=waiting)  # type: ignore[arg-type]
    await hub.start()
    await opened(log, "c1")
    card = await say(log, "c1", "my card is 1234")
    await hub.caught_up(card.position)
    console, customer = Ears(), Ears()
    hub.watch_floor(console, LEAD, card.position)
    await hub.watch_chat(customer, "c1", card.seq)
    held = slow.held = asyncio.Event()
    last = await log.redact("chat/c1", card.seq, reason="card", actor="worker:lena")
    await slow.reached.wait()
    slow.held = None
    for n in range(8):
        last = await say(log, "c1", f"m{n}")
        await hub.follower.reach(last.position)
    assert console.ids == []
    held.set()
    async with asyncio.timeout(5):
        await hub.caught_up(last.position)
    last = await say(log, "c1", "m8")
    await hub.caught_up(last.position)
    told = [e.seq for update in console.floor for e in update.entries]
    assert told == [3, 2, *range(4, 13)]
    assert console.ids == sorted(set(console.ids))
    heard = [m.text for update in customer.chat for m in update.messages]
    assert heard == ["[redacted]", *(f"m{n}" for n in range(9))]
    await hub.stop()


async def test_the_mood_is_that_of_the_chats_that_the_ai_holds(log: SqliteLog) -> None:
    hub = await hub_at_the_start(log)
    ears = Ears()
    hub.watch_floor(ears, Viewer("ann", "worker"), hub.board.position)
    await opened(log, "c1", "ann")
    for level in (0.1, 0.456):
        scores = {"emotional": level, "technical": 0.9}
        await tell(log, "chat/c1", ChatScored(detector="d", turn_seq=1, scores=scores))
    await tell(log, "chat/c1", ChatScored(detector="e", turn_seq=1, scores={"requested": 1.0}))
    out_of_sight = ChatScored(detector="d", turn_seq=2, scores={"emotional": 0.9}, shadow=True)
    last = await tell(log, "chat/c1", out_of_sight)
    await hub.caught_up(last.position)
    moods = [u.chat.mood for u in ears.floor if u.chat]
    assert moods[-3:] == [(0.1, 0.46)] * 3
    assert (await hub.chat_view("c1", LEAD)).card.mood == (0.1, 0.46)
    await hub.stop()
