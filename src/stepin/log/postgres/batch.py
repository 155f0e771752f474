"""Items as the arrays that the SQL function takes, and its answer as outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from stepin.core.fence import Head, RefusalReason, rises
from stepin.core.record import Recorded
from stepin.core.work import PutWork, WorkChange
from stepin.log.codec import Encoded
from stepin.log.protocol import Append, Appended, NotAppended, Outcome

REASONS: dict[str, RefusalReason] = {
    "c": "command",
    "s": "seq",
    "e": "epoch",
    "t": "attempt",
    "b": "basis",
    "k": "claim",
}


class Ask(msgspec.Struct, frozen=True):
    """An item beside the stored form of its events."""

    item: Append
    encoded: tuple[Encoded, ...]


class BatchReplay(msgspec.Struct, frozen=True):
    """The item had been appended by an earlier command: its events have to be read."""

    first_seq: int
    last_seq: int


def parameters(asks: Sequence[Ask]) -> tuple[Any, ...]:
    """Return what `append` takes after the writer's name and the batch's number."""
    items = [ask.item for ask in asks]
    fences = [item.fence for item in items]
    streams: dict[str, int] = {}
    at = [streams.setdefault(item.stream, len(streams) + 1) for item in items]
    events = [event for ask in asks for event in ask.encoded]
    works = [(n, change) for n, item in enumerate(items, 1) for change in item.work]
    keys = [
        (n, claim, key)
        for n, item in enumerate(items, 1)
        for claim, some in ((True, item.claims), (False, item.frees))
        for key in some
    ]
    commands = [item.command_id for item in items]
    named = any(command is not None for command in commands)
    return (
        list(streams),
        at,
        [len(ask.encoded) for ask in asks],
        [item.expect_seq for item in items],
        [_lowest_epoch(item) for item in items],
        [None if f is None else f.epoch for f in fences],
        [None if f is None else f.work_id for f in fences],
        [None if f is None else f.attempt for f in fences],
        [None if f is None else f.basis_seq for f in fences],
        commands if named else None,
        [item.command_digest for item in items] if named else None,
        _same_command(items) if named else None,
        [event.kind for event in events],
        [event.ref for event in events],
        [event.meta for event in events],
        [event.data for event in events],
        [event.private for event in events],
        [new.epoch for item in items for new in item.events],
        [event.moves_basis for event in events],
        [n for n, _ in works],
        *work_parameters([change for _, change in works]),
        [n for n, _, _ in keys],
        [claim for _, claim, _ in keys],
        [key for _, _, key in keys],
    )


def work_parameters(changes: Sequence[WorkChange]) -> tuple[list[Any], ...]:
    """Return verbs, ids, kinds, streams, due times and bodies of changes of work."""
    puts = [change if isinstance(change, PutWork) else None for change in changes]
    return (
        ["drop" if p is None else "replace" if p.replace else "put" for p in puts],
        [change.work_id for change in changes],
        [None if p is None else p.kind for p in puts],
        [None if p is None else p.stream for p in puts],
        [None if p is None else p.due_us for p in puts],
        [None if p is None else msgspec.json.encode(p.body) for p in puts],
    )


def _lowest_epoch(item: Append) -> int | None:
    """Return what the stream's epoch may be at most; -1 if the item's epochs fall."""
    first = next((new.epoch for new in item.events if new.epoch is not None), None)
    return first if first is None or rises(first, item.events) else -1


def _same_command(items: Sequence[Append]) -> list[int | None]:
    last: dict[tuple[str, str], int] = {}
    same: list[int | None] = []
    for n, item in enumerate(items, 1):
        if item.command_id is None:
            same.append(None)
            continue
        key = (item.stream, item.command_id)
        same.append(last.get(key))
        last[key] = n
    return same


def outcomes(asks: Sequence[Ask], answer: Any) -> list[Outcome | BatchReplay]:
    """Return what became of each item, from the function's answer."""
    position: int = answer["o_position"]
    done: list[Outcome | BatchReplay] = []
    for n, (ask, verdict) in enumerate(zip(asks, answer["o_verdicts"], strict=True)):
        if verdict == "r":
            done.append(BatchReplay(answer["o_first_seq"][n], answer["o_last_seq"][n]))
            continue
        head = Head(
            answer["o_seq"][n],
            answer["o_epoch"][n],
            answer["o_basis"][n],
            answer["o_at_us"][n],
            answer["o_hash"][n] or b"",
        )
        if verdict == "a":
            done.append(_appended(ask, head, position, answer["o_now_us"]))
            position += len(ask.encoded)
        else:
            done.append(NotAppended(reason=REASONS[verdict], head=head))
    return done


def _appended(ask: Ask, head: Head, position: int, now_us: int) -> Appended:
    item, at_us = ask.item, max(now_us, head.at_us)
    epoch, basis = head.epoch, head.basis_seq
    recorded = []
    for n, (new, code) in enumerate(zip(item.events, ask.encoded, strict=True), 1):
        epoch = epoch if new.epoch is None else new.epoch
        basis = head.seq + n if code.moves_basis else basis
        recorded.append(
            Recorded(
                position=position + n,
                stream=item.stream,
                seq=head.seq + n,
                at_us=at_us,
                epoch=epoch,
                basis_seq=basis,
                event=new.event,
                actor=new.actor,
                on_behalf_of=new.on_behalf_of,
                cause=new.cause,
                command_id=item.command_id,
                versions=new.versions,
            )
        )
    return Appended(events=tuple(recorded))
