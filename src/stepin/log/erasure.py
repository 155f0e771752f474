"""Redacting what a log holds about a customer or in a stream."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from stepin.core.events.chat import TextRedacted
from stepin.core.events.floor import LogNoted
from stepin.core.private import private_fields
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
        redacted = {
            seq
            for event in events
            if isinstance(event.event, TextRedacted) and not event.event.fields
            for seq in range(event.event.seq, (event.event.through_seq or event.event.seq) + 1)
        }
        for event in events:
            if event.schema_version < event.event.form:
                continue
            names = private_fields(type(event.event))
            wanted = not seqs or event.seq in seqs
            if wanted and event.seq not in redacted and (not fields or names.keys() & set(fields)):
                if not any(_holds(event.event, name) for name in names):
                    continue
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


def _holds(event: msgspec.Struct, name: str) -> bool:
    return msgspec.to_builtins(event).get(name) is not None
