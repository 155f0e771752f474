"""From an event to the bytes that are stored and chained, and back.

A stored event has four parts: its numbers, `meta` (who, why, versions), `data` (the event, with
each private field replaced by a commitment) and `private` (salt and values, which a redaction
destroys). The chain runs over the first three, so it survives a redaction.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from stepin.core.events import KINDS, Event
from stepin.core.events.chat import ChatOpened
from stepin.core.events.floor import TrialRegistered
from stepin.core.fence import moves_basis
from stepin.core.private import REDACTED, private_fields
from stepin.core.record import NO_VERSIONS, SCHEMA_VERSION, NewEvent, Recorded, Versions

SALT_BYTES = 16
TRIALS = "trials"
_NUMBERS = struct.Struct(">qqqqq")
_ENCODER = msgspec.json.Encoder(order="deterministic")
_PRIVATE: dict[str, dict[str, type]] = {
    kind: found for kind, cls in KINDS.items() if (found := private_fields(cls))
}


def _attributes(cls: type[Event]) -> dict[str, tuple[str, object]]:
    """Return the attribute and the default of each private field, by its encoded name."""
    private = private_fields(cls)
    return {
        field.encode_name: (
            field.name,
            field.default
            if field.default_factory is msgspec.NODEFAULT
            else field.default_factory(),
        )
        for field in msgspec.structs.fields(cls)
        if field.encode_name in private
    }


_ATTRIBUTES: dict[str, dict[str, tuple[str, object]]] = {
    kind: fields for kind, cls in KINDS.items() if (fields := _attributes(cls))
}


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of the envelope that is fixed before the append."""

    actor: str = "system"
    on_behalf_of: str | None = None
    cause: int | None = None
    command_id: str | None = None
    schema_version: int = SCHEMA_VERSION
    versions: Versions = NO_VERSIONS


class Encoded(msgspec.Struct, frozen=True):
    """An event ready to be stored."""

    kind: str
    meta: bytes
    data: bytes
    private: bytes | None
    ref: str | None
    moves_basis: bool


_META = msgspec.json.Decoder(Meta)
_EVENTS = {kind: msgspec.json.Decoder(cls) for kind, cls in KINDS.items()}


def encode(new: NewEvent, *, command_id: str | None, salt: Callable[[int], bytes]) -> Encoded:
    """Return the stored form of an event.

    Parameters
    ----------
    new : the event.
    command_id : the client's name of the command, if there is one.
    salt : returns that many random bytes; called once for each event with private fields.
    """
    event = new.event
    kind = type(event).__name__
    meta = _ENCODER.encode(
        Meta(new.actor, new.on_behalf_of, new.cause, command_id, SCHEMA_VERSION, new.versions)
    )
    attributes = _ATTRIBUTES.get(kind)
    private: bytes | None = None
    if attributes:
        values = {
            name: value
            for name, (attribute, default) in attributes.items()
            if (value := getattr(event, attribute)) is not None and value != default
        }
        if values:
            drawn = salt(SALT_BYTES)
            private = _ENCODER.encode({"salt": drawn.hex(), "values": values})
            hidden: dict[str, Any] = {
                attributes[name][0]: commitment(drawn, name, value)
                for name, value in values.items()
            }
            event = msgspec.structs.replace(event, **hidden)
    data = _ENCODER.encode(event)
    return Encoded(kind, meta, data, private, reference(new.event), moves_basis(new.event))


def reference(event: Event) -> str | None:
    """Return under what a stream is found: its customer, or `trials` for a trial."""
    if isinstance(event, ChatOpened):
        return f"customer:{event.customer_id}"
    return TRIALS if isinstance(event, TrialRegistered) else None


def hidden_fields(kind: str, data: bytes) -> dict[str, str]:
    """Return the commitment of each private field that an event was stored with."""
    names = _PRIVATE.get(kind)
    if names is None:
        return {}
    raw: dict[str, Any] = msgspec.json.decode(data)
    return {name: raw[name] for name in names if isinstance(raw.get(name), str)}


def commitment(salt: bytes, name: str, value: object) -> str:
    """Return the salted commitment to a private value: SHA-256 over salt, name and JSON."""
    return sha256(salt + name.encode() + b"\x00" + _ENCODER.encode(value)).hexdigest()


def chain(
    previous: bytes,
    *,
    position: int,
    stream: str,
    seq: int,
    at_us: int,
    epoch: int,
    basis_seq: int,
    kind: str,
    meta: bytes,
    data: bytes,
) -> bytes:
    """Return the hash of an event: SHA-256 over its predecessor's hash and its stored bytes."""
    return sha256(
        previous
        + _NUMBERS.pack(position, seq, at_us, epoch, basis_seq)
        + f"{stream}\x1f{kind}\x1f".encode()
        + meta
        + b"\x1f"
        + data
    ).digest()


def decode(
    *,
    position: int,
    stream: str,
    seq: int,
    at_us: int,
    epoch: int,
    basis_seq: int,
    kind: str,
    meta: bytes,
    data: bytes,
    private: bytes | None,
) -> Recorded:
    """Return the event that was stored.

    Raises
    ------
    KeyError
        If `kind` is not in the vocabulary.
    """
    known = _META.decode(meta)
    event, redacted = _event(kind, data, private)
    return Recorded(
        position=position,
        stream=stream,
        seq=seq,
        at_us=at_us,
        epoch=epoch,
        basis_seq=basis_seq,
        event=event,
        actor=known.actor,
        on_behalf_of=known.on_behalf_of,
        cause=known.cause,
        command_id=known.command_id,
        schema_version=known.schema_version,
        versions=known.versions,
        redacted=redacted,
    )


def _event(kind: str, data: bytes, private: bytes | None) -> tuple[Event, bool]:
    names = _PRIVATE.get(kind)
    if names is None:
        return _EVENTS[kind].decode(data), False
    raw: dict[str, Any] = msgspec.json.decode(data)
    values: dict[str, Any] = msgspec.json.decode(private)["values"] if private else {}
    redacted = False
    for name, form in names.items():
        if raw.get(name) is None:
            continue
        if name in values:
            raw[name] = values[name]
        else:
            redacted = True
            raw[name] = REDACTED if form is str else {}
    return msgspec.convert(raw, KINDS[kind]), redacted
