"""Redacting what a log holds about a customer or in a stream."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import msgspec

from stepin.core.events.chat import TextRedacted
from stepin.core.events.floor import LogNoted
from stepin.core.private import private_fields
from stepin.core.record import Recorded
from stepin.errors import Missing
from stepin.log.protocol import Log

WITH_TEXTS = "export with texts"


class Erased(msgspec.Struct, frozen=True):
    """What a redaction has done.

    Attributes
    ----------
    events : (stream, seq) of each event whose private fields were destroyed now.
    exports : positions of the exports with texts that were made before: copies of the texts
        that this log can't reach.
    """

    events: tuple[tuple[str, int], ...]
    exports: tuple[int, ...]


async def redact_streams(
    log: Log,
    streams: Sequence[str],
    *,
    reason: str,
    actor: str,
    seqs: Collection[int] = (),
    fields: Sequence[str] = (),
) -> Erased:
    """Destroy the private fields of streams' events, then overwrite them on disk.

    Parameters
    ----------
    log : the log.
    streams : the streams; all of their events unless `seqs` names some.
    reason, actor : why, and who asked.
    seqs : the events; only with one stream.
    fields : the fields; all if none is named.

    Raises
    ------
    Missing
        If a stream, or a named event in it, is not there.
    """
    done: list[tuple[str, int]] = []
    for stream in streams:
        events = await log.read(stream)
        known = {event.seq for event in events}
        if not events or not known.issuperset(seqs):
            missing = sorted(set(seqs) - known)
            raise Missing(
                f"There is no event {missing[0]} in {stream}." if missing else f"No {stream}.",
                code="no_event",
                stream=stream,
            )
        for event in _redactable(events, seqs, fields):
            names = private_fields(type(event.event))
            here = tuple(name for name in fields if name in names)
            await log.redact(stream, event.seq, reason=reason, actor=actor, fields=here)
            done.append((stream, event.seq))
    if done:
        await log.erase()
    exports = tuple(
        event.position
        for event in await log.read("desk")
        if isinstance(event.event, LogNoted) and event.event.what == WITH_TEXTS
    )
    return Erased(tuple(done), exports)


def _redactable(
    events: Sequence[Recorded], seqs: Collection[int], fields: Sequence[str]
) -> Iterator[Recorded]:
    """Yield the events that still hold a private field of those that are named.

    An event that was redacted whole is left out, and so is one that was stored under an older
    form: it holds its fields in the chain itself, where none can be destroyed.
    """
    redacted = {
        seq
        for event in events
        if isinstance(event.event, TextRedacted) and not event.event.fields
        for seq in range(event.event.seq, (event.event.through_seq or event.event.seq) + 1)
    }
    for event in events:
        if event.schema_version < event.event.form or event.seq in redacted:
            continue
        names = private_fields(type(event.event))
        if seqs and event.seq not in seqs:
            continue
        if fields and not names.keys() & set(fields):
            continue
        if any(_holds(event.event, name) for name in names):
            yield event


def _holds(event: msgspec.Struct, name: str) -> bool:
    return msgspec.to_builtins(event).get(name) is not None
