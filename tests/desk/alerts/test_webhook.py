"""Alerts that climb are posted once, after failures and a crash, without a customer's word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stepin.core.events.chat import ChatOpened, MessagePosted
from stepin.core.events.supervision import AlertShown, EscalationExpired, FlagRaised
from stepin.core.record import NewEvent
from stepin.desk.alerts.webhook import TABLE, TRIES, Webhooks, check_urls, text_of
from stepin.desk.state.projection import LogStep
from stepin.errors import Invalid
from stepin.log.open import open_log
from stepin.log.protocol import Append, Log

TEXT = "my card number is secret"


class Receiver:
    """A webhook on the loopback that answers as it is told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.got: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        body = json.loads(await reader.readexactly(size))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)
        await writer.drain()
        writer.close()
        self.got.put_nowait(body)

    async def next(self) -> str:
        async with asyncio.timeout(20):
            body = await self.got.get()
        assert set(body) == {"text"}
        return body["text"]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook/secret-path"
    yield made
    server.close()


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Log]:
    opened = await open_log(f"sqlite:///{tmp_path}/log.sqlite")
    yield opened
    await opened.close()


async def climbed(log: Log, chat_id: str = "c1") -> list[LogStep]:
    """Append a chat whose alert goes to the owner, then to the leads; return its events."""
    events = (
        ChatOpened(customer_id="k1", asserted=True),
        MessagePosted(author="customer", text=TEXT),
        FlagRaised(cause="emotional", turn_seq=2, raised_by="ai", reason=TEXT),
        AlertShown(flag_seq=3, cause="emotional", step="owner", to=("w1",)),
        AlertShown(flag_seq=3, cause="emotional", step="lead", to=("lena",)),
    )
    new = tuple(NewEvent(event=e) for e in events)
    await log.append(Append(stream=f"chat/{chat_id}", events=new))
    return [LogStep(event) for event in await log.read(f"chat/{chat_id}")]


async def until_done(log: Log, count: int) -> list[dict[str, object]]:
    async with asyncio.timeout(20):
        while True:
            rows = [json.loads(body) for _, body in await log.record_list(TABLE)]
            if sum(bool(row["done"]) for row in rows) == count:
                return rows
            await asyncio.sleep(0)


async def test_the_later_steps_are_posted_once_and_say_nothing_of_the_customer(
    log: Log, receiver: Receiver
) -> None:
    desks = [Webhooks(log, [receiver.url], backoff_s=(0.0,)) for _ in range(2)]
    events = await climbed(log)
    for one in desks:
        one.start()
        one.see(events)
        one.see(events)
    said = await receiver.next()
    await until_done(log, 1)
    for one in desks:
        await one.stop()
    assert said == "Nobody has come yet: the emotional alert of chat c1 has gone to the leads."
    assert receiver.got.empty()
    assert TEXT not in said


async def test_a_post_is_tried_again_and_then_given_up(log: Log, receiver: Receiver) -> None:
    receiver.statuses = [500, 503, 429]
    hooks = Webhooks(log, [receiver.url], backoff_s=(0.0,))
    hooks.start()
    hooks.see(await climbed(log))
    assert len({await receiver.next() for _ in range(4)}) == 1
    (row,) = await until_done(log, 1)
    assert row["tries"] == 4
    receiver.statuses = [500] * (TRIES + 5)
    hooks.see(await climbed(log, "c2"))
    rows = await until_done(log, 2)
    await hooks.stop()
    assert sorted(int(str(row["tries"])) for row in rows) == [4, TRIES]


async def test_what_a_process_that_died_left_behind_is_posted(log: Log, receiver: Receiver) -> None:
    now = [1_800_000_000_000_000]
    receiver.statuses = [500]
    dying = Webhooks(log, [receiver.url], real_us=lambda: now[0], backoff_s=(60.0,))
    dying.start()
    dying.see(await climbed(log))
    await receiver.next()
    await dying.stop()
    now[0] += 2_000_000_000
    another = Webhooks(log, [receiver.url], real_us=lambda: now[0])
    another.start()
    await receiver.next()
    await until_done(log, 1)
    await another.stop()


async def test_nothing_is_kept_or_posted_without_a_url(log: Log) -> None:
    hooks = Webhooks(log, [])
    hooks.start()
    hooks.see(await climbed(log))
    await hooks.stop()
    assert await log.record_list(TABLE) == []


def test_what_is_no_url_is_refused_and_not_repeated() -> None:
    check_urls(["https://chat.example/hook/x", "http://127.0.0.1:9/x"])
    for wrong in ("chat.example/secret", "ftp://chat.example/secret", "https:///secret"):
        with pytest.raises(Invalid) as caught:
            check_urls([wrong])
        assert (caught.value.code, "secret" in caught.value.message) == ("webhook_url", False)


async def test_the_text_names_the_step(log: Log) -> None:
    owner, lead = (
        s.recorded for s in await climbed(log) if isinstance(s.recorded.event, AlertShown)
    )
    assert "owner" in text_of(owner)
    assert "leads" in text_of(lead)


async def test_a_flag_about_safety_is_posted_at_once(log: Log, receiver: Receiver) -> None:
    hooks = Webhooks(log, [receiver.url])
    hooks.start()
    flags = (
        FlagRaised(
            cause="policy", turn_seq=2, raised_by="policy", shadow=True, kind="safety.child"
        ),
        FlagRaised(cause="policy", turn_seq=2, raised_by="policy", reason=TEXT, kind="reply.late"),
        FlagRaised(
            cause="policy", turn_seq=2, raised_by="policy", reason=TEXT, kind="safety.self_harm"
        ),
    )
    await log.append(Append(stream="chat/c1", events=tuple(NewEvent(event=e) for e in flags)))
    hooks.see([LogStep(event) for event in await log.read("chat/c1")])
    said = await receiver.next()
    await until_done(log, 1)
    await hooks.stop()
    assert said == "A matter of safety (self harm) in chat c1: a person is needed there now."
    assert receiver.got.empty()


async def test_a_ladder_that_begins_anew_is_posted_with_its_number(
    log: Log, receiver: Receiver
) -> None:
    kind = "safety.self_harm"
    flag = FlagRaised(cause="policy", turn_seq=2, raised_by="policy", kind=kind, shadow=True)
    rounds = (
        EscalationExpired(flag_seq=3, step="owner", next_step="pool"),
        EscalationExpired(flag_seq=3, step="lead", next_step="owner", again=1, kind=kind),
        EscalationExpired(flag_seq=3, step="lead", next_step="owner", again=2, kind=kind),
    )
    events = (
        ChatOpened(customer_id="k1", asserted=True),
        MessagePosted(author="customer", text=TEXT),
        flag,
        *rounds,
    )
    new = tuple(NewEvent(event=e) for e in events)
    await log.append(Append(stream="chat/c1", events=new))
    hooks = Webhooks(log, [receiver.url])
    hooks.start()
    hooks.see([LogStep(event) for event in await log.read("chat/c1")])
    said = [await receiver.next() for _ in range(2)]
    await until_done(log, 2)
    await hooks.stop()
    assert [text[:35] for text in said] == [
        f"Reminder {n}: nobody has answered yet"[:35] for n in (1, 2)
    ]
    assert all("(self harm) in chat c1" in text and TEXT not in text for text in said)
