"""Whatever is done to a log behind its back is found."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from stepin.core.events.chat import MessagePosted
from stepin.log.open import open_log
from stepin.log.protocol import Log
from stepin.log.seal import Seal, read_seal, write_seal
from stepin.log.verify import Verdict, seal, verify
from tests.log.database import tamper
from tests.log.samples import fill, put

BYTES = {"message": '{"author":"customer","text":"ok"}', "empty": "{}", "zero": "0000"}

# 1 LogOpened, then seven events of each of three chats.
ALTERED = {
    "a message's bytes": (["UPDATE event SET data = bytes_(message) WHERE position = 4"], "chain"),
    "who did it": (["UPDATE event SET meta = bytes_(empty) WHERE position = 7"], "chain"),
    "the time": (["UPDATE event SET at_us = at_us + 5 WHERE position = 9"], "chain"),
    "the epoch": (["UPDATE event SET epoch = 7 WHERE position = 8"], "chain"),
    "the basis": (["UPDATE event SET basis = 0 WHERE position = 5"], "column"),
    "the kind": (["UPDATE event SET kind = 'WhisperSent' WHERE position = 6"], "chain"),
    "an unknown kind": (["UPDATE event SET kind = 'Nothing' WHERE position = 6"], "unreadable"),
    "the hash": (["UPDATE event SET hash = bytes_(zero) WHERE position = 6"], "chain"),
    "the customer's index": (["UPDATE event SET ref = 'customer:x' WHERE position = 2"], "column"),
    "a text": (["UPDATE event SET private = (SELECT private FROM event WHERE position = 2) "
                "WHERE position = 4"], "removed"),
    "a text taken away": (["UPDATE event SET private = NULL WHERE position = 4"], "removed"),
    "an event taken out": (["DELETE FROM event WHERE position = 12"], "position"),
    "an event taken out and the gap closed": (
        ["DELETE FROM event WHERE position = 22",
         "DELETE FROM event WHERE position = 14",
         "UPDATE event SET position = position - 1, seq = seq - 1 "
         "WHERE position > 14 AND stream = (SELECT stream FROM event WHERE position = 15)",
         "UPDATE event SET position = position - 1 WHERE position > 15"],
        "chain",
    ),
    "the first event": (["DELETE FROM event WHERE position = 1"], "position"),
}  # fmt: skip


async def made(url: str) -> None:
    log = await open_log(url)
    await fill(log)
    await log.close()


async def looked_at(url: str, *seals: Seal) -> Verdict:
    log = await open_log(url, write=False)
    try:
        return await verify(log, seals=seals)
    finally:
        await log.close()


async def test_an_untouched_log_is_whole(log_url: str) -> None:
    await made(log_url)
    verdict = await looked_at(log_url)
    assert verdict.whole, verdict.faults
    assert (verdict.events, verdict.streams) == (22, 4)


@pytest.mark.parametrize("what", ALTERED)
async def test_what_was_altered_is_found(log_url: str, what: str) -> None:
    await made(log_url)
    statements, kind = ALTERED[what]
    await tamper(log_url, *(_bytes(log_url, s) for s in statements))
    verdict = await looked_at(log_url)
    assert kind in {fault.kind for fault in verdict.faults}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE stream SET name = 'chat/9' WHERE name = 'chat/1'", "chain"),
        ("UPDATE event SET stream = stream + 1 WHERE position = 15", "chain"),
        ("DELETE FROM stream WHERE name = 'chat/1'", "position"),
    ],
)
async def test_in_sqlite_events_stay_in_their_streams(
    tmp_path: Path, statement: str, kind: str
) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    await made(url)
    await tamper(url, "DROP INDEX event_stream", statement)
    verdict = await looked_at(url)
    assert kind in {fault.kind for fault in verdict.faults}


def _bytes(url: str, statement: str) -> str:
    """Write byte strings as the database does."""
    sqlite = url.startswith("sqlite")
    for mark, text in BYTES.items():
        literal = f"x'{text.encode().hex()}'" if sqlite else f"'\\x{text.encode().hex()}'"
        statement = statement.replace(f"bytes_({mark})", literal)
    return statement


async def test_a_cut_tail_is_found_with_a_seal_that_left_the_machine(
    log_url: str, tmp_path: Path
) -> None:
    log = await open_log(log_url)
    await fill(log)
    sealed = await seal(log, by="user:auditor")
    await log.close()
    assert isinstance(sealed, Seal)
    write_seal(sealed, tmp_path / "seal.json")
    kept = read_seal(tmp_path / "seal.json")
    assert kept == sealed
    assert (await looked_at(log_url, kept)).whole
    await tamper(log_url, "DELETE FROM event WHERE position > 20")
    assert (await looked_at(log_url)).whole
    verdict = await looked_at(log_url, kept)
    assert [fault.kind for fault in verdict.faults] == ["cut"]


async def test_a_log_that_was_written_anew_is_found_with_a_seal(log_url: str) -> None:
    log = await open_log(log_url)
    await fill(log)
    sealed = await seal(log, by="user:auditor")
    assert isinstance(sealed, Seal)
    await log.append(put("chat/0", MessagePosted(author="worker", text="later")))
    assert (await verify(log, seals=[sealed])).whole
    await log.close()
    await tamper(log_url, "DELETE FROM event WHERE position > 21", "DELETE FROM command")
    log = await open_log(log_url)
    for n in range(4):
        await log.append(put("chat/2", MessagePosted(author="worker", text=f"made up {n}")))
    await log.close()
    assert (await looked_at(log_url)).whole
    assert {fault.kind for fault in (await looked_at(log_url, sealed)).faults} == {"seal"}


async def test_a_seal_of_another_log_is_found(log_url: str) -> None:
    await made(log_url)
    verdict = await looked_at(log_url)
    other = Seal(log_id="other", through_position=22, streams=4, root=verdict.root, sealed_at_us=0)
    assert [fault.kind for fault in (await looked_at(log_url, other)).faults] == ["other_log"]


async def test_a_broken_log_is_not_sealed(log_url: str) -> None:
    await made(log_url)
    await tamper(log_url, "UPDATE event SET at_us = at_us + 5 WHERE position = 9")
    log = await open_log(log_url)
    assert isinstance(await seal(log, by="user:auditor"), Verdict)
    assert await log.position() == 22
    await log.close()


async def test_a_log_can_be_verified_while_it_is_written(log: Log) -> None:
    await fill(log)

    async def write() -> None:
        for n in range(50):
            await log.append(put(f"chat/{n}", MessagePosted(author="worker", text="more")))

    writing = asyncio.create_task(write())
    verdict = await verify(log)
    await writing
    assert verdict.whole, verdict.faults
    assert (await verify(log)).events == 22 + 50


async def test_a_redaction_leaves_the_log_whole_and_a_silent_one_is_found(log_url: str) -> None:
    log = await open_log(log_url)
    await fill(log)
    await log.redact("chat/1", 3, reason="card number", actor="worker:lea")
    verdict = await verify(log)
    await log.close()
    assert verdict.whole, verdict.faults
    assert verdict.redacted == 1
    await tamper(log_url, "DELETE FROM event WHERE position = 23")
    assert [fault.kind for fault in (await looked_at(log_url)).faults] == ["removed"]
