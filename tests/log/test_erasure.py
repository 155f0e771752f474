"""A redaction destroys every copy that the log has: in events, tool arguments, journals, files."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.core.events.action import ActionProposed
from stepin.core.events.chat import MessagePosted
from stepin.core.work import PutWork
from stepin.errors import Missing
from stepin.log.erasure import redact_streams
from stepin.log.open import open_log, sqlite_path
from stepin.log.protocol import Append, Log
from stepin.log.verify import verify
from tests.log.samples import SECRET, fill, put


async def test_a_stream_loses_texts_and_tool_arguments(log: Log) -> None:
    await fill(log)
    done = await redact_streams(log, ["chat/1"], reason="asked", actor="worker:lea")
    assert [seq for _, seq in done.events] == [1, 3, 4, 5, 6]
    for recorded in await log.read("chat/1"):
        assert SECRET not in str(recorded)
        if isinstance(recorded.event, ActionProposed):
            assert recorded.event.arguments == {}
    assert SECRET in str(await log.read("chat/2"))
    assert (await verify(log)).whole
    again = await redact_streams(log, ["chat/1"], reason="asked", actor="worker:lea")
    assert again.events == ()


async def test_one_field_of_one_event_can_go(log: Log) -> None:
    await fill(log)
    await redact_streams(
        log, ["chat/1"], reason="asked", actor="worker:lea", seqs=[4], fields=["arguments"]
    )
    (proposed,) = (e.event for e in await log.read("chat/1") if e.kind == "ActionProposed")
    assert isinstance(proposed, ActionProposed)
    assert (proposed.arguments, proposed.tool) == ({}, "refund")
    assert (await verify(log)).whole


async def test_what_is_not_there_is_missing(log: Log) -> None:
    await fill(log)
    with pytest.raises(Missing):
        await redact_streams(log, ["chat/9"], reason="asked", actor="x")
    with pytest.raises(Missing, match="no event 99"):
        await redact_streams(log, ["chat/1"], reason="asked", actor="x", seqs=[99])


async def test_the_journal_of_an_open_turn_goes_too(log: Log) -> None:
    message = put("chat/1", MessagePosted(author="customer", text=SECRET))
    turn = PutWork(work_id="turn:1", kind="turn", stream="chat/1")
    effect = PutWork(work_id="effect:1", kind="effect", stream="chat/1")
    await log.append(Append(stream="chat/1", events=message.events, work=(turn, effect)))
    claimed = await log.claim(["turn", "effect"], holder="p1", limit=2, lease_s=60)
    for work in claimed:
        assert await log.journal_put(work, "reply", SECRET.encode())
    await log.redact("chat/1", 1, reason="asked", actor="worker:lea")
    assert await log.journal_get("turn:1") == {}
    assert await log.journal_get("effect:1") != {}


async def test_nothing_of_the_text_is_left_in_the_files(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    log = await open_log(url)
    for n in range(200):
        text = SECRET * 60 if n == 100 else f"an ordinary message {n}"
        await log.append(put(f"chat/{n}", MessagePosted(author="customer", text=text)))
    await log.close()
    log = await open_log(url)
    files = [sqlite_path(url), Path(f"{sqlite_path(url)}-wal")]
    assert SECRET.encode() in files[0].read_bytes()
    await redact_streams(log, ["chat/100"], reason="asked", actor="worker:lea")
    for path in files:
        assert SECRET.encode() not in path.read_bytes()
    await log.close()
