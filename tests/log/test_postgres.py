"""What PostgreSQL adds: a tail that skips nothing, appends that survive a lost server."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from stepin.core.events.chat import MessagePosted
from stepin.core.work import PutWork
from stepin.errors import Unavailable
from stepin.log.codec import encode
from stepin.log.postgres import PostgresLog
from stepin.log.postgres.batch import Ask
from stepin.log.postgres.database import Database
from stepin.log.postgres.prepare import append
from stepin.log.protocol import Append, Appended
from stepin.log.verify import verify
from tests.log.proxy import Wire
from tests.log.samples import put
from tests.postgres import Server

pytestmark = pytest.mark.postgres


def said(text: str, chat: str = "chat/1") -> Append:
    return put(chat, MessagePosted(author="customer", text=text))


def ask(item: Append) -> Ask:
    codes = [encode(new, command_id=None, salt=secrets.token_bytes) for new in item.events]
    return Ask(item, tuple(codes))


@pytest.fixture
async def log(postgres_dsn: str, postgres_schema: str) -> AsyncIterator[PostgresLog]:
    opened = await PostgresLog.open(postgres_dsn, schema=postgres_schema)
    yield opened
    await opened.close()


@pytest.fixture
async def other(postgres_dsn: str, log: PostgresLog) -> AsyncIterator[PostgresLog]:
    """Another process on the same log, which hears of the first by polling alone."""
    opened = await PostgresLog.open(postgres_dsn, schema=log.schema, wakes=False, poll_s=0.05)
    yield opened
    await opened.close()


async def waiting(conn: asyncpg.Connection, log: PostgresLog) -> None:
    """Return when a session waits for the lock of this log."""
    async with asyncio.timeout(20):
        while not await conn.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            "AND ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)",
            f"stepin:{log.schema}",
        ):
            pass


async def test_a_tail_skips_nothing_while_an_append_is_held_open(
    postgres_dsn: str, log: PostgresLog, other: PostgresLog
) -> None:
    holding, looking = await asyncpg.connect(postgres_dsn), await asyncpg.connect(postgres_dsn)
    db = Database(postgres_dsn, log.schema, patience_s=1)
    tail = aiter(other.tail(after_position=1))
    try:
        async with holding.transaction():
            await append(holding, db, "held", 1, [ask(said("first"))])
            second = asyncio.create_task(log.append(said("second", "chat/2")))
            await waiting(looking, log)
            assert await other.read_all(after_position=1) == []
            assert not second.done()
        done = await second
        assert isinstance(done, Appended)
        seen: list[str] = []
        async with asyncio.timeout(20):
            while len(seen) < 2:
                batch = await anext(tail)
                seen += [e.event.text for e in batch if isinstance(e.event, MessagePosted)]
        assert seen == ["first", "second"]
        assert done.events[0].position == 3
    finally:
        await holding.close()
        await looking.close()


async def test_a_lost_answer_is_found_again_and_nothing_is_doubled(
    postgres_dsn: str, postgres_schema: str
) -> None:
    wire = Wire(postgres_dsn)
    log = await PostgresLog.open(await wire.start(), schema=postgres_schema, wakes=False)
    assert isinstance(await log.append(said("before")), Appended)
    wire.lose_answer()
    named = put("chat/1", MessagePosted(author="ai", text="named"))
    named = Append(stream="chat/1", events=named.events, command_id="c", command_digest=b"d")
    outcomes = await log.append_many(
        [said("lost"), Append(stream="chat/1", events=named.events, expect_seq=9), named]
    )
    assert wire.lost == 1
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds == ["Appended", "NotAppended", "Appended"]
    assert [outcomes[0].events[0].seq, outcomes[2].events[0].seq] == [2, 3]  # type: ignore[union-attr]
    assert not any(o.replayed for o in outcomes if isinstance(o, Appended))
    wire.lose_answer()
    again = await log.append(named)
    assert isinstance(again, Appended)
    assert again.replayed
    texts = [e.event.text for e in await log.read("chat/1") if isinstance(e.event, MessagePosted)]
    assert texts == ["before", "lost", "named"]
    assert (await verify(log)).whole
    await log.close()
    await wire.stop()


async def test_a_batch_that_comes_late_is_refused(postgres_dsn: str, log: PostgresLog) -> None:
    conn = await asyncpg.connect(postgres_dsn)
    db = Database(postgres_dsn, log.schema, patience_s=1)
    await append(conn, db, "w", 2, [ask(said("newer"))])
    again = await append(conn, db, "w", 2, [ask(said("newer"))])
    assert (again["o_verdicts"], again["o_seq"]) == ("a", None)
    with pytest.raises(asyncpg.PostgresError, match="came after"):
        await append(conn, db, "w", 1, [ask(said("older"))])
    assert len(await log.read("chat/1")) == 1
    await conn.close()


async def test_appends_survive_a_server_that_is_killed_and_started_again(
    postgres_server: Server,
) -> None:
    schema = f"stepin_test_{secrets.token_hex(6)}"
    log = await PostgresLog.open(postgres_server.dsn, schema=schema, poll_s=0.05, patience_s=120)
    tail = aiter(log.tail(after_position=1))
    restarted = asyncio.Event()

    async def write(writer: int) -> None:
        n = 0
        while n < 40 or not restarted.is_set():
            await log.append(said(f"{writer}-{n}", f"chat/{writer}"))
            n += 1

    writers = [asyncio.create_task(write(n)) for n in range(8)]
    seen = await anext(tail)
    await asyncio.to_thread(postgres_server.stop, "immediate")
    await asyncio.to_thread(postgres_server.start)
    restarted.set()
    await asyncio.gather(*writers)
    for writer in range(8):
        texts = [e.event.text for e in await log.read(f"chat/{writer}")]  # type: ignore[union-attr]
        assert texts == [f"{writer}-{n}" for n in range(len(texts))]
        assert len(texts) >= 40
    last = await log.position()
    positions = [e.position for e in seen]
    async with asyncio.timeout(60):
        while positions[-1] < last:
            positions += [e.position for e in await anext(tail)]
    assert positions == list(range(2, last + 1))
    assert (await verify(log)).whole
    await log.close()


async def test_a_server_that_stays_away_is_reported_and_the_log_recovers(
    postgres_server: Server,
) -> None:
    schema = f"stepin_test_{secrets.token_hex(6)}"
    log = await PostgresLog.open(postgres_server.dsn, schema=schema, patience_s=0.2)
    await asyncio.to_thread(postgres_server.stop)
    try:
        with pytest.raises(Unavailable) as unknown:
            await log.append(said("gone"))
        assert unknown.value.code == "append_unknown"
        with pytest.raises(Unavailable) as unreadable:
            await log.read("chat/1")
        assert unreadable.value.code == "log_unavailable"
    finally:
        await asyncio.to_thread(postgres_server.start)
    assert isinstance(await log.append(said("back")), Appended)
    await log.close()


async def test_another_process_wakes_the_tail_long_before_its_poll(
    postgres_dsn: str, log: PostgresLog
) -> None:
    listening = await PostgresLog.open(postgres_dsn, schema=log.schema, poll_s=600)
    tail = aiter(listening.tail(after_position=1))
    first = asyncio.ensure_future(anext(tail))
    conn = await asyncpg.connect(postgres_dsn)
    async with asyncio.timeout(30):
        while not await conn.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE query = $1",
            f'LISTEN "stepin_{log.schema}"',
        ):
            pass
        await log.append(said("hello"))
        assert (await first)[0].position == 2
    await conn.close()
    await listening.close()


async def test_a_lost_wake_up_is_made_good_by_the_poll(
    log: PostgresLog, other: PostgresLog
) -> None:
    tail = aiter(other.tail(after_position=1))
    first = asyncio.ensure_future(anext(tail))
    await log.append(said("hello"))
    async with asyncio.timeout(30):
        assert (await first)[0].position == 2


async def test_a_wrong_clock_of_a_process_does_no_harm(
    log: PostgresLog, other: PostgresLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_turn = PutWork(work_id="turn:1", kind="turn", stream="chat/1")
    await log.append(Append(stream="chat/1", events=said("hi").events, work=(put_turn,)))
    (held,) = await log.claim(["turn"], holder="p1", limit=1, lease_s=600)
    right_us = await log.now_us()
    real, real_ns = time.time, time.time_ns
    for hours in (+1, -1):
        shift_s = hours * 3600
        monkeypatch.setattr(time, "time", lambda s=shift_s: real() + s)
        monkeypatch.setattr(time, "time_ns", lambda s=shift_s: real_ns() + s * 10**9)
        assert await other.claim(["turn"], holder="p2", limit=1, lease_s=1) == []
        done = await other.append(said(f"{hours}"))
        assert isinstance(done, Appended)
        assert abs(done.events[0].at_us - right_us) < 600 * 10**6
        assert abs(await other.now_us() - right_us) < 600 * 10**6
    assert await log.heartbeat([held], lease_s=600) == ["turn:1"]


async def test_a_claim_waits_for_no_append_and_takes_nothing_that_one_has_checked(
    postgres_dsn: str, log: PostgresLog, other: PostgresLog
) -> None:
    from stepin.core.fence import Fence

    put_turn = PutWork(work_id="turn:1", kind="turn", stream="chat/1")
    await log.append(Append(stream="chat/1", events=said("hi").events, work=(put_turn,)))
    (held,) = await log.claim(["turn"], holder="p1", limit=1, lease_s=0)
    conn = await asyncpg.connect(postgres_dsn)
    db = Database(postgres_dsn, log.schema, patience_s=1)
    answer = Append(
        stream="chat/1",
        events=put("chat/1", MessagePosted(author="ai", text="Hello.")).events,
        fence=Fence(epoch=0, work_id="turn:1", attempt=held.attempt),
    )
    async with conn.transaction():
        done = await append(conn, db, "held", 1, [ask(answer)])
        assert done["o_verdicts"] == "a"
        assert await other.claim(["turn"], holder="p2", limit=1, lease_s=60) == []
    (second,) = await other.claim(["turn"], holder="p2", limit=1, lease_s=60)
    assert second.attempt == held.attempt + 1
    assert [e.event.text for e in await other.read("chat/1")] == ["hi", "Hello."]  # type: ignore[union-attr]
    await conn.close()
