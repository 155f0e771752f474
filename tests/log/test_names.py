"""What may name a thing in the log: the same on both stores, in the log's own words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from stepin.core.events.chat import ChatOpened
from stepin.core.record import NewEvent
from stepin.core.work import PutWork
from stepin.errors import Invalid
from stepin.log.names import LONGEST
from stepin.log.protocol import Append, Log
from tests.log.samples import put

HELLO = NewEvent(event=ChatOpened(customer_id="c", asserted=False))
BAD = {"nul": "a\x00b", "escape": "a\x1bb", "line": "a\nb", "delete": "a\x7fb", "lone": "a\ud800b"}
WAYS: dict[str, Callable[[Log, str], Awaitable[object]]] = {
    "stream": lambda log, bad: log.append(put(f"chat/{bad}", HELLO.event)),
    "customer": lambda log, bad: log.append(
        put("chat/1", ChatOpened(customer_id=bad, asserted=False))
    ),
    "command": lambda log, bad: log.append(
        Append(stream="chat/1", events=(HELLO,), command_id=bad)
    ),
    "claim": lambda log, bad: log.append(Append(stream="chat/1", events=(HELLO,), claims=(bad,))),
    "work": lambda log, bad: log.append(
        Append(
            stream="chat/1",
            events=(HELLO,),
            work=(PutWork(work_id=bad, kind="turn", stream="chat/1"),),
        )
    ),
    "read": lambda log, bad: log.read(bad),
    "head": lambda log, bad: log.head(bad),
    "looking a command up": lambda log, bad: log.command("chat/1", bad),
    "claimant": lambda log, bad: log.claimant(bad),
    "streams": lambda log, bad: log.streams(ref=bad),
    "record": lambda log, bad: log.record_put("t", bad, b""),
    "new record": lambda log, bad: log.record_add("t", bad, b""),
    "reading a record": lambda log, bad: log.record_get("t", bad),
    "taking a record away": lambda log, bad: log.record_delete("t", bad),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_name_with_a_control_character_is_refused_alike(log: Log, way: str) -> None:
    for name, bad in BAD.items():
        with pytest.raises(Invalid) as refused:
            await WAYS[way](log, bad)
        assert refused.value.code == "control_character", name
        assert "id" in refused.value.message
    with pytest.raises(Invalid) as long:
        await WAYS[way](log, "x" * (LONGEST + 1))
    assert long.value.code == "name_too_long"
    assert await log.read("chat/1") == []


async def test_the_longest_name_of_any_script_fits(log: Log) -> None:
    name = "".join(chr(0x20000 + (n * 7919) % 40_000) for n in range(LONGEST // 4))
    await log.append(
        Append(stream=f"chat/{name[:-5]}", events=(HELLO,), command_id=name, claims=(name,))
    )
    await log.record_put("t", name, b"1")
    assert await log.record_get("t", name) == b"1"
    assert await log.claimant(name) == f"chat/{name[:-5]}"
