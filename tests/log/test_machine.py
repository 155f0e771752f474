"""Random histories, on each adapter, against the model; the log stays whole throughout."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from stepin.core.events.chat import HolderChanged, MessagePosted, WhisperSent
from stepin.core.fence import Fence
from stepin.core.holder import NOBODY, ai
from stepin.core.record import NewEvent
from stepin.core.work import Claimed, DropWork, PutWork, WorkKind
from stepin.log.open import open_log, postgres_address
from stepin.log.protocol import Append, Log, NotAppended
from stepin.log.verify import verify
from tests.log.model import Model

T = TypeVar("T")

STREAMS = st.sampled_from(["chat/a", "chat/b", "chat/c"])
WORK = st.sampled_from(["w1", "w2", "w3"])
KEYS = st.sampled_from(["k1", "k2"])
NEVER_US = 2**60
EVENTS = st.one_of(
    st.sampled_from(["customer", "ai", "worker"]).flatmap(
        lambda author: st.text(max_size=8).map(
            lambda text: NewEvent(event=MessagePosted(author=author, text=text))  # type: ignore[arg-type]
        )
    ),
    st.text(max_size=8).map(lambda text: NewEvent(event=WhisperSent(text=text))),
    st.integers(1, 4).map(
        lambda epoch: NewEvent(
            event=HolderChanged(from_=NOBODY, to=ai("1"), reason="assigned"), epoch=epoch
        )
    ),
)
KINDS: tuple[WorkKind, ...] = ("turn", "timer")
CHANGES = st.one_of(
    st.builds(
        PutWork,
        work_id=WORK,
        kind=st.sampled_from(KINDS),
        stream=STREAMS,
        due_us=st.sampled_from([0, NEVER_US]),
        replace=st.booleans(),
    ),
    st.builds(DropWork, work_id=WORK),
)
FENCES = st.builds(
    Fence,
    epoch=st.integers(0, 4),
    work_id=st.none() | WORK,
    attempt=st.integers(0, 3),
    basis_seq=st.none() | st.integers(0, 6),
)
ITEMS = st.builds(
    Append,
    stream=STREAMS,
    events=st.lists(EVENTS, min_size=1, max_size=3).map(tuple),
    expect_seq=st.none() | st.none() | st.integers(0, 6),
    fence=st.none() | st.none() | FENCES,
    command_id=st.none() | st.sampled_from(["c1", "c2", "c3"]),
    command_digest=st.sampled_from([b"x", b"y"]),
    work=st.lists(CHANGES, max_size=2).map(tuple),
    claims=st.lists(KEYS, max_size=1).map(tuple),
    frees=st.lists(KEYS, max_size=1).map(tuple),
)


class LogMachine(RuleBasedStateMachine):
    """One log, opened anew now and then, beside its model."""

    def __init__(self, url: str, drop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        super().__init__()
        self.url = url
        self.drop = drop
        self.loop = asyncio.new_event_loop()
        self.held: dict[str, Claimed] = {}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize()
    def begin(self) -> None:
        self.log: Log = self.do(open_log(self.url))
        self.model = Model(position=1)

    @rule(items=st.lists(ITEMS, min_size=1, max_size=5))
    def append(self, items: list[Append]) -> None:
        outcomes = self.do(self.log.append_many(items))
        for item, outcome in zip(items, outcomes, strict=True):
            before = self.model.position
            expected = self.model.append(item)
            if isinstance(outcome, NotAppended):
                assert outcome.reason == expected
                head = outcome.head
                assert (head.seq, head.epoch, head.basis_seq) == self.model.head(item.stream)
                continue
            assert expected == ("replayed" if outcome.replayed else "appended")
            seqs = [event.seq for event in outcome.events]
            if outcome.replayed:
                assert item.command_id is not None
                _, first, last = self.model.commands[item.stream, item.command_id]
                assert seqs == list(range(first, last + 1))
            else:
                assert [e.position for e in outcome.events] == list(
                    range(before + 1, self.model.position + 1)
                )

    @rule(kinds=st.sampled_from([("turn",), ("timer",), ("turn", "timer")]), keeps=st.booleans())
    def claim(self, kinds: Sequence[WorkKind], keeps: bool) -> None:
        got = self.do(self.log.claim(kinds, holder="p", limit=9, lease_s=1000.0 if keeps else -1.0))
        assert {w.work_id: w.attempt for w in got} == self.model.claim(tuple(kinds), keeps=keeps)
        self.held.update({work.work_id: work for work in got})

    @rule(name=WORK, step=st.sampled_from(["s1", "s2"]), body=st.binary(max_size=4))
    def journal(self, name: str, step: str, body: bytes) -> None:
        if name not in self.held:
            return
        piece = self.model.work.get(name)
        ours = piece is not None and piece.attempt == self.held[name].attempt
        assert self.do(self.log.journal_put(self.held[name], step, body)) == ours
        if ours and piece is not None:
            piece.journal.setdefault(step, body)
        assert self.do(self.log.journal_get(name)) == (piece.journal if piece else {})

    @rule(name=WORK, again=st.booleans())
    def release(self, name: str, again: bool) -> None:
        if name not in self.held:
            return
        due_us = 0 if again else NEVER_US
        self.do(self.log.release(self.held[name], due_us=due_us))
        piece = self.model.work.get(name)
        if piece is not None and piece.attempt == self.held[name].attempt:
            piece.leased, piece.due = False, again

    @rule(names=st.sets(WORK))
    def heartbeat(self, names: set[str]) -> None:
        held = [self.held[name] for name in sorted(names) if name in self.held]
        ours = {
            work.work_id
            for work in held
            if (piece := self.model.work.get(work.work_id)) is not None
            and piece.attempt == work.attempt
        }
        assert set(self.do(self.log.heartbeat(held, lease_s=1000.0))) == ours
        for name in ours:
            self.model.work[name].leased = True

    @rule()
    def open_anew(self) -> None:
        self.do(self.log.close())
        self.log = self.do(open_log(self.url))

    @rule()
    def look(self) -> None:
        for stream, rows in self.model.streams.items():
            read = self.do(self.log.read(stream))
            assert [(e.position, e.seq, e.epoch, e.basis_seq, getattr(e.event, "text", ""))
                    for e in read] == [
                (r.position, r.seq, r.epoch, r.basis, r.text) for r in rows
            ]  # fmt: skip
        for kind in KINDS:
            assert set(self.do(self.log.work_streams(kind))) == {
                piece.stream for piece in self.model.work.values() if piece.kind == kind
            }
        for key in ("k1", "k2"):
            assert self.do(self.log.claimant(key)) == self.model.claims.get(key)

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self.look()
            assert self.do(self.log.position()) == self.model.position
            verdict = self.do(verify(self.log))
            assert verdict.whole, verdict.faults
            self.do(self.log.close())
        self.do(self.drop())
        self.loop.close()


def machine(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def test_sqlite_does_what_the_model_does() -> None:
    with tempfile.TemporaryDirectory() as folder:

        async def nothing() -> None:
            return None

        def make() -> LogMachine:
            path = Path(folder) / f"{secrets.token_hex(6)}.sqlite"
            return LogMachine(f"sqlite:///{path}", nothing)

        run_state_machine_as_test(make, settings=machine(25))


@pytest.mark.postgres
def test_postgres_does_what_the_model_does(postgres_dsn: str) -> None:
    def make() -> LogMachine:
        schema = f"stepin_test_{secrets.token_hex(6)}"
        mark = "&" if "?" in postgres_dsn else "?"
        url = f"{postgres_dsn}{mark}schema={schema}"

        async def drop() -> None:
            conn = await asyncpg.connect(postgres_address(url)[0])
            await conn.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            await conn.close()

        return LogMachine(url, drop)

    run_state_machine_as_test(make, settings=machine(8))
